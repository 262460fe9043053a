import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { slicePanel } from '../panel/panel.ts';
import { fitProphet } from '../prophet/fit.ts';
import { predictProphet } from '../prophet/predict.ts';
import type { ComponentCurve } from './forecaster.ts';
import { forecastPanel } from './forecastPanel.ts';
import { createForecaster, parseModels } from './registry.ts';
import { panelOf, valuesOf } from './testing/panels.ts';

const hour = 3_600_000;
const missing = Number.NaN;
const random = randomStream(1, 'prophet forecaster');
const wave = (count: number) =>
  valuesOf(count, (i) => 40 + 10 * Math.sin((i * Math.PI) / 12) + i / 200 + random.normal());
const make = (text: string) => createForecaster(parseModels(text)[0]);

it('forecasts each series as the model by itself does', () => {
  const rows = [wave(500), wave(500).map((value, i) => (i % 9 === 4 ? missing : value))];
  const { point } = make('prophet:changepoints=10:changepointPriorScale=0.01').fit(panelOf(rows)).predict(48);
  for (const [s, values] of rows.entries()) {
    const times = valuesOf(500, (i) => i * hour);
    const model = fitProphet({ times, values }, { changepoints: 10, changepointPriorScale: 0.01 });
    const ahead = valuesOf(48, (i) => (500 + i) * hour);
    expect(point[s]).toEqual(predictProphet(model, { times: ahead }, { samples: 0 }).yhat);
  }
});

it('looks at the last days only where asked', () => {
  const panel = panelOf([wave(24 * 30)]);
  const { point } = make('prophet:days=10').fit(panel).predict(24);
  expect(point).toEqual(
    make('prophet')
      .fit(slicePanel(panel, 24 * 20, 24 * 30))
      .predict(24).point,
  );
});

it('takes options by city', () => {
  const row = wave(24 * 30);
  const panel = panelOf([row, row], { cities: ['Beijing', 'London'] });
  const { point } = make('prophet:days.London=10:changepoints.Beijing=3').fit(panel).predict(5);
  expect(point[0]).toEqual(make('prophet:changepoints=3').fit(panel).predict(5).point[0]);
  expect(point[1]).toEqual(make('prophet:days=10').fit(panel).predict(5).point[1]);
  expect(() => make('prophet:days.Bejing=3').minHistory(panel)).toThrow(
    'prophet:days.Bejing names a city that no series has',
  );
});

it('fits again when it forecasts from a later history', () => {
  const panel = panelOf([wave(24 * 30)]);
  const model = make('prophet').fit(slicePanel(panel, 0, 24 * 20));
  expect(model.predict(24, panel).point).toEqual(make('prophet').fit(panel).predict(24).point);
});

it('follows the clock of the panel', () => {
  const summer = (time: number) => time >= Date.UTC(2018, 2, 25, 1);
  const start = Date.UTC(2018, 1, 20);
  const clockHour = (i: number) => {
    const time = start + i * hour;
    return new Date(time + (summer(time) ? hour : 0)).getUTCHours();
  };
  const values = valuesOf(24 * 33, (i) => (clockHour(i) < 12 ? 0 : 1));
  const panel = panelOf([values], { start, timeZone: 'Europe/London' });
  const { point } = make('prophet:weekly=off:daily=12').fit(panel).predict(96);
  for (const [i, value] of point[0].entries()) expect(value > 0.5).toBe(clockHour(24 * 33 + i) >= 12);
});

it('has the same forecasts for any number of workers', async () => {
  const panel = panelOf(
    Array.from({ length: 5 }, (_, s) => wave(400).map((v, i) => (i % (s + 3) ? v : missing))),
  );
  const results = [];
  for (const workers of [1, 2, 3]) {
    results.push(
      await forecastPanel(panel, {
        models: parseModels('prophet'),
        horizon: 24,
        workers,
        calibration: 0,
        steps: [],
      }),
    );
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

describe('takes its forecast apart', () => {
  const panel = panelOf([wave(24 * 40), valuesOf(24 * 40, () => missing)], { start: Date.UTC(2018, 0, 1) });

  it.each(['additive', 'multiplicative'])('into curves that make the forecast, %s', (mode) => {
    const forecaster = make(`prophet:seasonalityMode=${mode}`);
    const [curves, none] = forecaster.components?.(panel, 48) ?? [];
    expect(curves.map(({ name, period }) => [name, period])).toEqual([
      ['trend', undefined],
      ['weekly', 7 * 24 * hour],
      ['daily', 24 * hour],
    ]);
    expect(none).toEqual([]);
    const { point, start } = forecaster.fit(panel).predict(48);
    for (const step of [0, 7, 30, 47]) {
      const time = start + step * hour;
      // 1 January 2018 was a Monday.
      const [trend, weekly, daily] = curves.map((curve) =>
        between(curve, curve.period ? (time - panel.start) % curve.period : time),
      );
      const expected = mode === 'additive' ? trend + weekly + daily : trend * (1 + weekly + daily);
      expect(point[0][step]).toBeCloseTo(expected, 6);
    }
  });

  it('into a trend below its cap', () => {
    const [[trend]] = make('prophet:growth=logistic:cap=60').components?.(panel, 48) ?? [[]];
    expect(trend.at.length).toBeGreaterThan(50);
    expect(Math.max(...trend.values)).toBeLessThanOrEqual(60);
  });

  it('of a year from its first day', () => {
    const days = panelOf([valuesOf(900, (i) => 20 + 5 * Math.cos((2 * Math.PI * i) / 365.25))], {
      start: Date.UTC(2018, 0, 1),
      step: 24 * hour,
    });
    const yearly = make('prophet')
      .components?.(days, 10)[0]
      .find(({ name }) => name === 'yearly');
    expect(yearly?.values[0]).toBeCloseTo(5, 0);
    expect(yearly?.at.at(-1)).toBe(365 * 24 * hour);
  });
});

describe('awkward panels', () => {
  it('a series with fewer than two readings has no forecast, others have', () => {
    const panel = panelOf([valuesOf(50, () => missing), [...valuesOf(49, () => missing), 3], wave(50)]);
    const { point } = make('prophet').fit(panel).predict(3);
    expect(point[0]).toEqual(Float64Array.of(missing, missing, missing));
    expect(point[1]).toEqual(point[0]);
    expect(point[2].every(Number.isFinite)).toBe(true);
  });

  it('infinite readings count as missing', () => {
    const values = wave(100);
    const panel = panelOf([values.with(50, Number.POSITIVE_INFINITY)]);
    const expected = panelOf([values.with(50, missing)]);
    expect(make('prophet').fit(panel).predict(3).point).toEqual(
      make('prophet').fit(expected).predict(3).point,
    );
  });

  it('a constant series, and a series that stopped long ago', () => {
    const stopped = wave(300).map((value, i) => (i < 100 ? value : missing));
    const { point } = make('prophet')
      .fit(panelOf([valuesOf(300, () => 7), stopped]))
      .predict(2);
    expect(point[0]).toEqual(Float64Array.of(7, 7));
    expect(point[1].every(Number.isFinite)).toBe(true);
  });

  it('logistic growth stays below its cap', () => {
    const { point } = make('prophet:growth=logistic:cap=45:weekly=off:daily=off')
      .fit(panelOf([wave(300)]))
      .predict(500);
    expect(Math.max(...point[0])).toBeLessThanOrEqual(45);
  });

  it.each([
    ['prophet:growth=logistic', 'prophet:growth=logistic needs a cap'],
    ['prophet:changepoints=-1', 'invalid prophet:changepoints: -1; expected a whole number of at least 0'],
    [
      'prophet:changepointPriorScale=0',
      'invalid prophet:changepointPriorScale: 0; expected a number above 0',
    ],
    ['prophet:daily=maybe', 'invalid prophet:daily: maybe; expected auto, on, off or a Fourier order'],
    ['prophet:days=0', 'invalid prophet:days: 0; expected all or a number of days above 0'],
    ['prophet:growth=cubic', 'invalid prophet:growth: cubic; expected linear, logistic or flat'],
  ])('rejects %s', (text, message) => {
    expect(() => make(text)).toThrow(message);
  });
});

function between({ at, values }: ComponentCurve, place: number): number {
  const above = Math.max(
    1,
    at.findIndex((time) => time >= place),
  );
  const share = (place - at[above - 1]) / (at[above] - at[above - 1]);
  return values[above - 1] + share * (values[above] - values[above - 1]);
}
