import { describe, expect, it } from 'vitest';
import { createAxis } from './axis.ts';
import { featureColumns, listFeatures } from './features.ts';
import { fitProphet } from './fit.ts';
import { holidayDays } from './holidays.ts';
import type { ProphetModel } from './model.ts';
import { predictProphet } from './predict.ts';
import { type Fixture, loadFixtures, rangeOf, rowsOf, valuesOf } from './testing/fixtures.ts';

// Python's Prophet 1.5.0 on the same series; fixtures/prophet/make.py says how.
const fixtures = loadFixtures();

it('has at least twenty fixtures, some of series that Prophet ships with', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(20);
  expect(fixtures.filter(({ name }) => name.startsWith('its own')).length).toBeGreaterThanOrEqual(5);
});

describe.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
  const { expected } = fixture;
  const model = fitProphet({ ...rowsOf(fixture, 'history'), values: valuesOf(fixture) }, fixture.options);
  const forecast = predictProphet(model, rowsOf(fixture, 'all'), { samples: 0 });

  it('has the changepoints, features and prior scales of Prophet', () => {
    const scaled = model.changepoints.map((time) => (time - model.start) / model.timeScale);
    expect(scaled.length).toBe(model.changepoints.length === 0 ? 0 : expected.changepoints.length);
    for (const [j, time] of scaled.entries()) expect(time).toBeCloseTo(expected.changepoints[j], 12);
    const scales = listFeatures(model).map(({ priorScale }) => priorScale);
    expect([...(scales.length > 0 ? scales : [1])].sort()).toEqual([...expected.priorScales].sort());
  });

  it('means by the parameters of Prophet what Prophet means', () => {
    const theirs = { ...model, ...parametersOf(fixture, model) };
    const { yhat, trend, additive, multiplicative } = predictProphet(theirs, rowsOf(fixture, 'all'), {
      samples: 0,
    });
    const range = rangeOf(fixture);
    for (const [i, row] of expected.rows.entries()) {
      // Parameters are printed with eight digits, forecasts kept with nine.
      expect(Math.abs(yhat[row] - expected.forecast.yhat[i])).toBeLessThan(
        tolerance(range, model.valueScale),
      );
      expect(Math.abs(trend[row] - expected.forecast.trend[i])).toBeLessThan(
        tolerance(range, model.valueScale),
      );
      expect(Math.abs(additive[row] - expected.forecast.additive_terms[i])).toBeLessThan(
        tolerance(range, model.valueScale),
      );
      expect(Math.abs(multiplicative[row] - expected.forecast.multiplicative_terms[i])).toBeLessThan(1e-5);
    }
    // Components are sums of columns times coefficients: check those the forecast names.
    const { components } = predictProphet(theirs, rowsOf(fixture, 'all'), { samples: 0 });
    for (const { name, values } of components) {
      const theirValues = expected.forecast[name];
      for (const [i, row] of (theirValues ? expected.rows : []).entries())
        expect(Math.abs(values[row] - theirValues[i])).toBeLessThan(tolerance(range, model.valueScale));
    }
  });

  it('reaches a posterior at least as high as that of Prophet', () => {
    expect(model.logPosterior).toBeGreaterThan(expected.logPosterior - 1e-6);
  });

  it('reaches the maximum that scipy climbs to from the optimum of Prophet, and forecasts as it does', () => {
    expect(model.logPosterior).toBeGreaterThan(expected.refined.logPosterior - 1e-5);
    // Where ours is higher by more, scipy has not arrived.
    if (model.logPosterior > expected.refined.logPosterior + 0.01) return;
    const range = rangeOf(fixture);
    for (const [i, row] of expected.rows.entries())
      expect(Math.abs(forecast.yhat[row] - expected.refined.yhat[i])).toBeLessThan(0.005 * range);
  });

  it('forecasts within 0.5 % of the range wherever Prophet has arrived at its maximum', () => {
    const range = rangeOf(fixture);
    // Half a unit of the log posterior is what one parameter off by one standard error costs.
    if (model.logPosterior > expected.logPosterior + 0.06) return;
    for (const [i, row] of expected.rows.entries())
      expect(Math.abs(forecast.yhat[row] - expected.forecast.yhat[i])).toBeLessThan(0.005 * range);
  });
});

it('leaves out no fixture from the comparison with scipy but the one where scipy stops early', () => {
  const left = fixtures.filter((fixture) => {
    const model = fitProphet({ ...rowsOf(fixture, 'history'), values: valuesOf(fixture) }, fixture.options);
    return model.logPosterior > fixture.expected.refined.logPosterior + 0.01;
  });
  expect(left.map(({ name }) => name)).toEqual(['its own daily series, multiplicative']);
});

it('has intervals as wide as those of Prophet', () => {
  // Both are simulated, from the same parameters. Where steps are uneven Prophet bends the trend at mean steps, and we
  // at the moments themselves.
  const ratios = fixtures
    .filter(
      ({ expected: { forecast, sigma }, options }) =>
        forecast.yhat_lower && sigma > 1e-6 && options.growth !== 'logistic',
    )
    .map((fixture) => {
      const { expected, times } = fixture;
      const model = fitProphet({ ...rowsOf(fixture, 'history'), values: valuesOf(fixture) }, fixture.options);
      const theirs = { ...model, ...parametersOf(fixture, model) };
      const { intervals } = predictProphet(theirs, rowsOf(fixture, 'horizon'), { seed: 3 });
      const future = expected.rows.flatMap((row, i) =>
        row >= times.length ? [[row - times.length, i]] : [],
      );
      const width = (lower: ArrayLike<number>, upper: ArrayLike<number>, at: 0 | 1) =>
        future.reduce((sum, place) => sum + upper[place[at]] - lower[place[at]], 0);
      const ours = intervals ? width(intervals.lower, intervals.upper, 0) : Number.NaN;
      const ratio = ours / width(expected.forecast.yhat_lower, expected.forecast.yhat_upper, 1);
      return { ratio, uneven: fixture.skipWeekends };
    });
  expect(ratios.length).toBeGreaterThan(20);
  for (const { ratio, uneven } of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(uneven ? 0.12 : 0.03);
});

it('finds the columns of an axis in the order of its rows', () => {
  const [fixture] = fixtures;
  const model = fitProphet({ ...rowsOf(fixture, 'history'), values: valuesOf(fixture) }, fixture.options);
  expect(featureColumns(createAxis(rowsOf(fixture, 'all')), model).length).toBe(fixture.expected.beta.length);
});

function tolerance(range: number, scale: number): number {
  return 1e-5 * range + 1e-6 * scale;
}

// Columns stand in another order: Prophet sorts the days of holidays as text.
function parametersOf({ expected }: Fixture, model: ProphetModel) {
  const { k, m, sigma, delta, beta, betaNames } = expected;
  const names = [
    ...model.seasonalities.flatMap(({ name, fourierOrder }) =>
      Array.from({ length: 2 * fourierOrder }, (_, i) => `${name}_delim_${i + 1}`),
    ),
    ...holidayDays(model.options.holidays).map(
      ({ name, offset }) => `${name}_delim_${offset < 0 ? '-' : '+'}${Math.abs(offset)}`,
    ),
    ...model.regressors.map(({ name }) => name),
  ];
  const bends = model.delta.length === 0 ? [] : delta;
  return { k, m, sigma, delta: bends, beta: names.map((name) => beta[betaNames.indexOf(name)]) };
}
