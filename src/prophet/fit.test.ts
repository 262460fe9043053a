import { describe, expect, it } from 'vitest';
import { TrainyardError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { fitProphet, type ProphetData, prophetFitter } from './fit.ts';
import type { ProphetOptions } from './options.ts';
import { predictProphet } from './predict.ts';

const day = 86_400_000;
const start = Date.UTC(2020, 0, 1);
const missing = Number.NaN;

describe('series on the same rows', () => {
  const times = daysFrom(600);
  const random = randomStream(1, 'fit test');
  const wave = () =>
    times.map((_, i) => 20 + 0.01 * i + 3 * Math.sin((2 * Math.PI * i) / 7) + random.normal());
  const gappy = wave().map((value, i) => (i % 5 === 2 || i < 20 ? missing : value));
  const fitValues = prophetFitter({ times });

  it('get the same models together as alone, to the last bit', () => {
    const series = [wave(), gappy, wave()];
    const together = series.map(fitValues);
    for (const [i, values] of series.entries()) expect(fitProphet({ times, values })).toEqual(together[i]);
    expect([...series].reverse().map(fitValues).reverse()).toEqual(together);
  });

  it('with missing rows get the model of the rows that are left', () => {
    const present = times.flatMap((time, i) => (Number.isNaN(gappy[i]) ? [] : [[time, gappy[i]]]));
    const left = fitProphet({
      times: present.map(([time]) => time),
      values: present.map(([, value]) => value),
    });
    const model = fitValues(gappy);
    expect(model.rows).toBe(present.length);
    expect(model.changepoints).toEqual(left.changepoints);
    expect(model.logPosterior).toBeCloseTo(left.logPosterior, 7);
    for (const [j, beta] of model.beta.entries()) expect(beta).toBeCloseTo(left.beta[j], 8);
  });
});

it('does not mind the order of the rows', () => {
  const times = daysFrom(100);
  const values = times.map((_, i) => 5 + 0.1 * i + (i % 7));
  const heat = times.map((_, i) => Math.cos(i));
  const options: ProphetOptions = { regressors: [{ name: 'heat' }], growth: 'logistic' };
  const cap = times.map((_, i) => 30 + 0.01 * i);
  const shuffled = times.map((_, i) => (i * 37) % 100);
  const pick = (column: readonly number[]) => shuffled.map((row) => column[row]);
  const given = fitProphet({ times, values, cap, regressors: { heat } }, options);
  const mixed = { times: pick(times), cap: pick(cap), regressors: { heat: pick(heat) } };
  expect(fitProphet({ ...mixed, values: pick(values) }, options)).toEqual(given);
  const inOrder = predictProphet(given, { times, cap, regressors: { heat } }, { samples: 20 });
  const outOfOrder = predictProphet(given, mixed, { samples: 20 });
  expect([...outOfOrder.yhat]).toEqual(pick([...inOrder.yhat]));
  expect([...(outOfOrder.intervals?.lower ?? [])]).toEqual(pick([...(inOrder.intervals?.lower ?? [])]));
});

it('lets seasonalities follow a clock of their own', () => {
  const times = Float64Array.from({ length: 24 * 20 }, (_, i) => start + (i * day) / 24);
  const shanghai = times.map((time) => time + day / 3);
  const values = shanghai.map((time) => 10 + Math.sin((2 * Math.PI * time) / day));
  const model = fitProphet({ times, clock: shanghai, values });
  const forecast = predictProphet(model, { times, clock: shanghai }, { samples: 0 });
  expect(forecast.yhat[100]).toBeCloseTo(values[100], 3);
  // Sine of the first order, whose phase is that of the clock.
  const first = model.beta[model.seasonalities[0].fourierOrder * 2];
  expect(first * model.valueScale).toBeCloseTo(1, 2);
});

describe('awkward series', () => {
  const forecastOf = (data: ProphetData, options: ProphetOptions = {}) => {
    const model = fitProphet(data, options);
    const last = data.times[data.times.length - 1];
    const rows = { ...data, times: [last + day], clock: [last + day] };
    return {
      model,
      yhat: predictProphet(model, { ...rows, ...(data.cap ? { cap: data.cap } : {}) }, { samples: 0 })
        .yhat[0],
    };
  };

  it('constant: is forecast as itself, without noise', () => {
    for (const growth of ['linear', 'flat'] as const) {
      for (const value of [0, -3, 1e12]) {
        const { model, yhat } = forecastOf(
          { times: daysFrom(50), values: Array(50).fill(value) },
          { growth },
        );
        expect(yhat).toBeCloseTo(value, 9);
        expect(model.sigma).toBe(1e-9);
      }
    }
  });

  it('two points: a line through them', () => {
    const { yhat, model } = forecastOf({ times: daysFrom(2), values: [1, 2] });
    expect(yhat).toBeCloseTo(3, 6);
    expect(model.changepoints).toEqual([]);
  });

  it.each([3, 4, 5, 8])('%i points and 25 changepoints: fewer changepoints, finite forecasts', (count) => {
    const { yhat, model } = forecastOf({
      times: daysFrom(count),
      values: daysFrom(count).map((_, i) => (i * i) % 5),
    });
    expect(model.changepoints.length).toBe(Math.max(0, Math.floor(count * 0.8) - 1));
    expect(Number.isFinite(yhat)).toBe(true);
  });

  it('more changepoints given than there are points', () => {
    const changepoints = Array.from({ length: 40 }, (_, i) => start + (i * day) / 8);
    const { yhat } = forecastOf({ times: daysFrom(6), values: [1, 3, 2, 5, 4, 6] }, { changepoints });
    expect(Number.isFinite(yhat)).toBe(true);
  });

  it('no changepoints, asked for in any way: a straight line', () => {
    const times = daysFrom(40);
    const values = times.map((_, i) => 3 + 2 * i);
    for (const options of [{ changepoints: 0 }, { changepoints: [] }, { changepointRange: 0 }]) {
      const { yhat, model } = forecastOf({ times, values }, options);
      expect(model.delta).toEqual([]);
      expect(yhat).toBeCloseTo(83, 4);
    }
  });

  it('times that repeat count as often as they stand there', () => {
    const times = [...daysFrom(30), ...daysFrom(30)];
    const values = times.map((_, i) => (i < 30 ? 4 : 6) + (i % 30));
    expect(forecastOf({ times, values }, { weeklySeasonality: false }).yhat).toBeCloseTo(35, 1);
  });

  it('tiny and huge values', () => {
    const times = daysFrom(60);
    const shape = times.map((_, i) => 2 + Math.sin(i) + i / 30);
    const { yhat } = forecastOf({ times, values: shape });
    for (const scale of [1e-200, 1e200, -1]) {
      expect(forecastOf({ times, values: shape.map((value) => value * scale) }).yhat / scale).toBeCloseTo(
        yhat,
        6,
      );
    }
  });

  it('a cap below the values: the forecast stays below it', () => {
    const times = daysFrom(60);
    const { yhat } = forecastOf(
      { times, values: times.map((_, i) => 10 + i), cap: 30 },
      { growth: 'logistic', weeklySeasonality: false },
    );
    expect(yhat).toBeLessThanOrEqual(30);
    expect(yhat).toBeGreaterThan(20);
  });

  it('a constant series of logistic growth', () => {
    const { yhat } = forecastOf(
      { times: daysFrom(30), values: Array(30).fill(5), cap: 10 },
      { growth: 'logistic' },
    );
    expect(yhat).toBeCloseTo(5, 2);
  });
});

describe('rejects', () => {
  const times = daysFrom(10);
  const values = times.map((_, i) => i);
  const cases: [string, ProphetData, ProphetOptions, string][] = [
    ['nothing', { times: [], values: [] }, {}, 'no rows; expected at least one time'],
    ['one value', { times: [start], values: [1] }, {}, 'series has 1 values; expected at least 2'],
    [
      'all missing',
      { times, values: values.map(() => missing) },
      {},
      'series has 0 values; expected at least 2',
    ],
    ['an infinity', { times, values: values.with(3, 1 / 0) }, {}, 'value at row 3 is Infinity'],
    ['a missing time', { times: times.with(2, missing), values }, {}, 'times is NaN at row 2'],
    ['one time only', { times: [start, start], values: [1, 2] }, {}, 'all values have the same time'],
    ['too few values', { times, values: [1] }, {}, 'values has 1 values for 10 times'],
    ['no cap', { times, values }, { growth: 'logistic' }, 'logistic growth needs a cap'],
    [
      'a cap at the floor',
      { times, values, cap: 5, floor: 5 },
      { growth: 'logistic' },
      'cap 5 at row 0 is not above the floor 5',
    ],
    [
      'a cap below nought',
      { times, values, cap: -1 },
      { growth: 'logistic' },
      'cap -1 at row 0 is not above the floor 0',
    ],
    ['a changepoint outside', { times, values }, { changepoints: [start - 1] }, 'lies outside the history'],
    ['half a changepoint', { times, values }, { changepoints: 1.5 }, 'invalid changepoints: 1.5'],
    [
      'a scale of nought',
      { times, values },
      { changepointPriorScale: 0 },
      'invalid changepointPriorScale: 0',
    ],
    ['a range above 1', { times, values }, { changepointRange: 1.1 }, 'invalid changepointRange: 1.1'],
    [
      'an absent regressor',
      { times, values },
      { regressors: [{ name: 'heat' }] },
      'no values of regressor heat',
    ],
    [
      'a missing regressor value',
      { times, values, regressors: { heat: values.with(4, missing) } },
      { regressors: [{ name: 'heat' }] },
      'regressor heat is NaN at row 4',
    ],
    [
      'an absent condition',
      { times, values },
      { seasonalities: [{ name: 'x', period: 2, fourierOrder: 1, condition: 'open' }] },
      'no values of condition open',
    ],
    [
      'a condition of 2',
      { times, values, conditions: { open: values } },
      { seasonalities: [{ name: 'x', period: 2, fourierOrder: 1, condition: 'open' }] },
      'condition open is 2 at row 2',
    ],
    [
      'a holiday of two scales',
      { times, values },
      {
        holidays: [
          { name: 'x', dates: [], priorScale: 1 },
          { name: 'x', dates: [], priorScale: 2 },
        ],
      },
      'holiday x has two prior scales',
    ],
    [
      'a name given twice',
      { times, values },
      { regressors: [{ name: 'x' }, { name: 'x' }] },
      'repeated or reserved name: x',
    ],
  ];
  it.each(cases)('%s', (_, data, options, message) => {
    expect(() => fitProphet(data, options)).toThrow(message);
    try {
      fitProphet(data, options);
    } catch (error) {
      expect(error).toBeInstanceOf(TrainyardError);
    }
  });

  it('an unknown option', () => {
    const options = { change_points: 3 } as ProphetOptions;
    expect(() => fitProphet({ times, values }, options)).toThrow('unknown option: change_points');
  });
});

function daysFrom(count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i * day);
}
