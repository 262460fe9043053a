import { assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pinball, seasonalScale, smape } from './pointMetrics.ts';

describe('smape', () => {
  it.each([
    [10, 10, 0],
    [0, 0, 0],
    [30, 10, 1],
    [10, 30, 1],
    [5, 0, 2],
    [0, 5, 2],
    [-5, 5, 2],
    [-10, -30, 1],
    [-0, 0, 0],
  ])('of %d forecast as %d is %d', (actual, predicted, expected) => {
    expect(smape(actual, predicted)).toBe(expected);
  });

  it('is symmetric, does not depend on the unit and lies from 0 to 2', () => {
    const values = double({ min: -1e300, max: 1e300, noNaN: true });
    assert(
      property(values, values, (a, p) => {
        const error = smape(a, p);
        expect(error).toBe(smape(p, a));
        expect(error).toBe(smape(1024 * a, 1024 * p));
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThanOrEqual(2);
      }),
      { seed: 4 },
    );
  });

  it('is missing when either is, and 2 for an infinite forecast', () => {
    expect(smape(Number.NaN, 1)).toBeNaN();
    expect(smape(1, Number.NaN)).toBeNaN();
    expect(smape(1, Number.POSITIVE_INFINITY)).toBe(2);
    expect(smape(1e307, 1.5e307)).toBeCloseTo(0.4, 12);
    expect(smape(0, 5e-324)).toBe(2);
  });
});

describe('pinball', () => {
  it('weighs a truth above the quantile by the quantile, one below by the rest', () => {
    expect(pinball(10, 4, 0.9)).toBeCloseTo(5.4, 12);
    expect(pinball(4, 10, 0.9)).toBeCloseTo(0.6, 12);
    expect(pinball(4, 4, 0.9)).toBe(0);
  });

  it('is half the absolute error at the median', () => {
    expect(pinball(3, 8, 0.5)).toBe(2.5);
    expect(pinball(8, 3, 0.5)).toBe(2.5);
  });

  it('is least at the quantile of the outcomes', () => {
    const outcomes = Array.from({ length: 101 }, (_, index) => index);
    const loss = (forecast: number) => outcomes.reduce((sum, y) => sum + pinball(y, forecast, 0.9), 0);
    const best = outcomes.reduce((least, forecast) => (loss(forecast) < loss(least) ? forecast : least));
    expect(best).toBe(90);
  });
});

describe('seasonalScale', () => {
  it('is the mean absolute change over one season', () => {
    expect(seasonalScale(Float64Array.of(1, 2, 4, 7), 2)).toBe(4);
    expect(seasonalScale(Float64Array.of(1, 2, 4, 7), 1)).toBe(2);
  });

  it('leaves out pairs of which one is missing', () => {
    expect(seasonalScale(Float64Array.of(1, Number.NaN, 4, 7, 9), 1)).toBe(2.5);
  });

  it('is missing for a history no longer than a season, or never read', () => {
    expect(seasonalScale(Float64Array.of(1, 2), 2)).toBeNaN();
    expect(seasonalScale(Float64Array.of(), 24)).toBeNaN();
    expect(seasonalScale(new Float64Array(48).fill(Number.NaN), 24)).toBeNaN();
  });
});
