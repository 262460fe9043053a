import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextUp } from './binBounds.ts';
import { binFinder, findBins } from './binMapper.ts';

const limits = { maxBin: 255, minDataInBin: 3, minSplitData: 0, useMissing: true };
const bins = (values: number[], more = {}) =>
  findBins(Float64Array.from(values), 'numerical', { ...limits, ...more });
const categories = (values: number[], more = {}) =>
  findBins(Float64Array.from(values), 'categorical', { ...limits, ...more });

describe('bins of numbers', () => {
  it('gives zero a bin of its own, between negative and positive values', () => {
    const mapper = bins([-2, -2, -2, -1, -1, -1, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
    const find = binFinder(mapper);
    expect([-2, -1, 0, 1, 2].map(find)).toEqual([0, 1, 2, 3, 4]);
    expect(mapper.upperBounds[0]).toBe(nextUp(-1.5));
    expect(mapper.missing).toBe(0);
  });

  it('puts missing values in a last bin of their own', () => {
    const mapper = bins([1, 1, 1, 2, 2, 2, Number.NaN]);
    expect(binFinder(mapper)(Number.NaN)).toBe(mapper.numBins - 1);
    expect(mapper.missing).toBe(2);
  });

  it('takes missing values for zero where told to, or where none was seen before', () => {
    for (const mapper of [
      bins([1, 1, 1, 2, 2, 2, Number.NaN], { useMissing: false }),
      bins([1, 1, 1, 2, 2, 2]),
    ]) {
      expect(mapper.missing).toBe(0);
      expect(binFinder(mapper)(Number.NaN)).toBe(binFinder(mapper)(0));
    }
  });

  it('merges values until a bin has enough rows', () => {
    const mapper = bins([1, 2, 3, 4, 5, 6], { minDataInBin: 3 });
    expect(Array.from(mapper.upperBounds)).toEqual(
      [1e-35, 3.5, Infinity].map((x, i) => (i === 0 ? Math.fround(x) : nextUp(x))),
    );
  });

  it('is trivial for one value, none, or only missing ones', () => {
    for (const values of [[7, 7, 7], [0], [Number.NaN, Number.NaN]]) {
      expect(bins(values, { maxBin: 255 }).trivial || bins(values).numBins > 1).toBe(true);
    }
    expect(bins([0, 0, 0]).trivial).toBe(true);
  });

  it('is trivial where every cut leaves too few rows on a side', () => {
    const values = [...new Array<number>(97).fill(0), 1, 1, 1];
    expect(bins(values, { minSplitData: 4 }).trivial).toBe(true);
    expect(bins(values, { minSplitData: 3 }).trivial).toBe(false);
  });

  it('keeps order, stays within maxBin and finds each value in its bin', () => {
    const value = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(Number.NaN, 0, 1e-40, 1e300, -1e300, Infinity, -Infinity),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 3, max: 40 }),
        (values, maxBin) => {
          const mapper = bins(values, { maxBin, minDataInBin: 1 });
          const find = binFinder(mapper);
          expect(mapper.numBins).toBeLessThanOrEqual(maxBin);
          const sorted = values.filter((x) => !Number.isNaN(x)).sort((a, b) => a - b);
          for (const [i, x] of sorted.entries()) {
            const bin = find(x);
            expect(x <= mapper.upperBounds[bin]).toBe(true);
            if (bin > 0) expect(x > mapper.upperBounds[bin - 1]).toBe(true);
            if (i > 0) expect(bin).toBeGreaterThanOrEqual(find(sorted[i - 1]));
          }
        },
      ),
    );
  });
});

describe('bins of categories', () => {
  it('numbers categories from the most frequent, after a bin for everything unknown', () => {
    const mapper = categories([5, 5, 5, 5, 2, 2, 2, 9, 9, 9, 9, 9]);
    expect(Array.from(mapper.categories)).toEqual([-1, 9, 5, 2]);
    const find = binFinder(mapper);
    expect([9, 5, 2, 77, -3, Number.NaN, 5.9].map(find)).toEqual([1, 2, 3, 0, 0, 0, 2]);
  });

  it('leaves out rare categories, but never the first two', () => {
    expect(Array.from(categories([1, 1, 1, 1, 2, 3, 3]).categories)).toEqual([-1, 1, 3]);
    expect(Array.from(categories([1, 2, 3]).categories)).toEqual([-1, 1, 2]);
  });

  it('has nothing to split where all is missing or negative', () => {
    expect(categories([Number.NaN, -1, -2]).trivial).toBe(true);
  });
});
