import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { fitProphet } from './fit.ts';
import { predictProphet } from './predict.ts';

const day = 86_400_000;
const start = Date.UTC(2020, 0, 1);

describe('intervals', () => {
  it('hold the share of outcomes they are meant to hold, when outcomes come from the model', () => {
    // A line, a week and normal noise, 40 times; 30 days ahead. Intervals take the parameters as known, so they may be
    // a little narrow; 0.02 is two standard errors of a share of 1,200 outcomes.
    for (const intervalWidth of [0.8, 0.95]) {
      let inside = 0;
      for (let trial = 0; trial < 40; trial++) {
        const random = randomStream(trial, 'coverage');
        const times = Array.from({ length: 330 }, (_, i) => start + i * day);
        const values = times.map(
          (_, i) => 30 + 0.02 * i + 2 * Math.sin((2 * Math.PI * i) / 7) + random.normal(),
        );
        const model = fitProphet({ times: times.slice(0, 300), values: values.slice(0, 300) });
        const { intervals } = predictProphet(
          model,
          { times: times.slice(300) },
          { intervalWidth, seed: trial },
        );
        for (let i = 0; i < 30 && intervals; i++) {
          if (intervals.lower[i] <= values[300 + i] && values[300 + i] <= intervals.upper[i]) inside++;
        }
      }
      expect(inside / 1200).toBeGreaterThan(intervalWidth - 0.05);
      expect(inside / 1200).toBeLessThan(intervalWidth + 0.02);
    }
  });

  it('widen with the horizon, around the forecast, when the trend has bent before', () => {
    const times = Array.from({ length: 400 }, (_, i) => start + i * day);
    const values = times.map((_, i) => 50 + 10 * Math.sin(i / 25));
    const model = fitProphet({ times, values });
    const ahead = Array.from({ length: 100 }, (_, i) => start + (400 + i) * day);
    const { intervals, trend } = predictProphet(model, { times: ahead });
    const width = (i: number) => (intervals ? intervals.trendUpper[i] - intervals.trendLower[i] : 0);
    expect(width(90)).toBeGreaterThan(2 * width(30));
    expect(intervals?.trendLower[90]).toBeLessThan(trend[90]);
    expect(intervals?.trendUpper[90]).toBeGreaterThan(trend[90]);
  });

  it('are the same for the same seed and differ for another', () => {
    const times = Array.from({ length: 50 }, (_, i) => start + i * day);
    const model = fitProphet({ times, values: times.map((_, i) => Math.cos(i)) });
    const of = (seed: number) => predictProphet(model, { times }, { seed, samples: 50 }).intervals;
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    expect(predictProphet(model, { times }, { samples: 0 }).intervals).toBeUndefined();
  });

  it('of logistic growth stay below the cap but for the noise', () => {
    const times = Array.from({ length: 300 }, (_, i) => start + i * day);
    const values = times.map((_, i) => 100 / (1 + Math.exp(-(i - 150) / 20)) + Math.sin(i));
    const model = fitProphet({ times, values, cap: 100 }, { growth: 'logistic', weeklySeasonality: false });
    const ahead = Array.from({ length: 50 }, (_, i) => start + (300 + i) * day);
    const { intervals } = predictProphet(model, { times: ahead, cap: 100 });
    expect(Math.max(...(intervals?.trendUpper ?? []))).toBeLessThanOrEqual(100);
  });
});

it('is the sum of its components', () => {
  const times = Array.from({ length: 800 }, (_, i) => start + i * day);
  const heat = times.map((_, i) => Math.sin(i / 9));
  const values = times.map((_, i) => 20 + i / 100 + heat[i] + (i % 7) / 3 + (i % 100 === 7 ? 5 : 0));
  const dates = times.filter((_, i) => i % 100 === 7);
  const model = fitProphet(
    { times, values, regressors: { heat } },
    {
      regressors: [{ name: 'heat' }],
      holidays: [{ name: 'feast', dates, upperWindow: 1 }],
      holidaysMode: 'multiplicative',
    },
  );
  const rows = { times, regressors: { heat } };
  const { yhat, trend, additive, multiplicative, components } = predictProphet(model, rows, { samples: 0 });
  expect(components.map(({ name, mode }) => `${name} ${mode}`)).toEqual([
    'yearly additive',
    'weekly additive',
    'feast multiplicative',
    'heat additive',
    'holidays multiplicative',
  ]);
  const named = (name: string) => components.find((one) => one.name === name)?.values ?? new Float64Array(0);
  for (let i = 0; i < times.length; i += 37) {
    expect(additive[i]).toBeCloseTo(named('yearly')[i] + named('weekly')[i] + named('heat')[i], 9);
    expect(multiplicative[i]).toBe(named('holidays')[i]);
    expect(yhat[i]).toBeCloseTo(trend[i] * (1 + multiplicative[i]) + additive[i], 9);
  }
  // 5 of a trend from 20 to 28.
  expect(Math.abs(named('feast')[7] - 5 / 24)).toBeLessThan(0.03);
  expect(named('feast')[20]).toBe(0);
});

it('demands what the model was fitted with', () => {
  const times = Array.from({ length: 60 }, (_, i) => start + i * day);
  const values = times.map((_, i) => 3 + Math.sin(i));
  const capped = fitProphet({ times, values, cap: 9, floor: 1 }, { growth: 'logistic' });
  expect(() => predictProphet(capped, { times })).toThrow('fitted with a floor');
  expect(() => predictProphet(capped, { times, floor: 1 })).toThrow('logistic growth; expected a cap');
  const warm = fitProphet(
    { times, values, regressors: { heat: values } },
    { regressors: [{ name: 'heat' }] },
  );
  expect(() => predictProphet(warm, { times })).toThrow('no values of regressor heat');
  expect(() => predictProphet(warm, { times }, { intervalWidth: 80 })).toThrow('invalid intervalWidth: 80');
  expect(() => predictProphet(warm, { times }, { samples: -1 })).toThrow('invalid samples: -1');
});
