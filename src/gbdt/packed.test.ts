import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDataset } from './dataset.ts';
import { findPackedSplit, maxPackedRows, packGradients, sumPacked, unpack } from './packed.ts';
import type { GbdtParameters } from './parameters.ts';
import { predict } from './predict.ts';
import { emptySplit, type LeafTotals } from './split.ts';
import { fixtureData } from './testing/fixtureData.ts';
import { train } from './train.ts';

const rules = {
  minDataInLeaf: 1,
  minSumHessianInLeaf: 0,
  lambdaL1: 0,
  lambdaL2: 0.5,
  minGainToSplit: 0,
  minDataPerGroup: 100,
  maxCatThreshold: 32,
  catL2: 10,
  catSmooth: 10,
  maxCatToOnehot: 4,
  constrained: false,
  unitHessian: true,
};

describe('packed histograms', () => {
  it('hold the largest sums exactly', () => {
    for (const size of [1e-30, 0.3, 1, 12345.678, 1e30]) {
      const gradients = new Float32Array(maxPackedRows).fill(-size);
      const packed = { values: new Float64Array(maxPackedRows), scale: 1 };
      packGradients(gradients, packed);
      const rows = Int32Array.from(gradients.keys());
      const sum = packed.values.reduce((a, b) => a + b);
      const pairs = new Float64Array(2);
      unpack(Float64Array.of(sum), 0, 1, packed.scale, pairs);
      expect(pairs[1]).toBe(maxPackedRows);
      expect(pairs[0]).toBe(sumPacked(packed, rows, maxPackedRows));
      expect(Math.abs(pairs[0] / (-size * maxPackedRows) - 1)).toBeLessThan(1e-6);
    }
  });

  it('of gradients that are all zero hold counts', () => {
    const packed = { values: new Float64Array(3), scale: 1 };
    packGradients(new Float32Array(3), packed);
    expect(Array.from(packed.values)).toEqual([1, 1, 1]);
  });

  it('give the best cut there is', () => {
    const row = fc.record({ bin: fc.nat(6), gradient: fc.integer({ min: -9, max: 9 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), fc.boolean(), (rows, hasMissing) => {
        const histogram = new Float64Array(7);
        for (const { bin, gradient } of rows) histogram[bin] += gradient * 32768 + 1;
        const gradient = rows.reduce((sum, r) => sum + r.gradient, 0);
        const leaf: LeafTotals = { gradient, hessian: rows.length, count: rows.length, lower: 0, upper: 0 };
        const split = emptySplit();
        const gains = findPackedSplit(histogram, 0, 7, hasMissing, 1, leaf, rules, split);
        const best = bruteForce(rows, hasMissing);
        if (!gains) expect(best).toBeLessThanOrEqual(1e-9);
        else expect(split.gain).toBeCloseTo(best, 9);
      }),
    );
  });
});

describe('the packed mode', () => {
  const spec = {
    rows: 2000,
    columns: ['smooth', 'category', 'rounded', 'few', 'zeros', 'manyCategory'],
    seed: 21,
    missing: 0.1,
    label: 'value',
    weighted: false,
  } as const;
  const data = fixtureData(spec);
  const dataset = createDataset(data);

  it.each<[string, GbdtParameters]>([
    ['squares', {}],
    ['absolutes', { objective: 'regressionL1' }],
    ['constraints', { monotoneConstraints: [1, 0, -1, 0, 0, 0] }],
    ['penalties', { lambdaL1: 2, lambdaL2: 1 }],
  ])('predicts as the exact one to five digits: %s', (_, parameters) => {
    const exact = predict(train(dataset, { ...parameters, numIterations: 30 }).model, data);
    const packed = predict(
      train(dataset, { ...parameters, numIterations: 30, histogram: 'packed' }).model,
      data,
    );
    let differing = 0;
    for (const [i, value] of exact.entries()) {
      if (Math.abs(packed[i] - value) > 1e-5 * Math.max(1, Math.abs(value))) differing++;
    }
    // A cut that ties within the rounding may go to another feature.
    expect(differing).toBeLessThan(spec.rows / 4);
  });

  it('errs as little as the exact one where they part, as with samples of rows', () => {
    const parameters = { featureFraction: 0.5, baggingFraction: 0.7, baggingFreq: 1, numIterations: 30 };
    const [exact, packed] = (['exact', 'packed'] as const).map((histogram) => {
      const predictions = predict(train(dataset, { ...parameters, histogram }).model, data);
      return predictions.reduce((sum, value, i) => sum + (value - data.label[i]) ** 2, 0);
    });
    expect(Math.abs(packed / exact - 1)).toBeLessThan(0.05);
  });

  it('is exact where it does not apply', () => {
    const weighted = createDataset({ ...data, weight: data.label.map(() => 2) });
    const exact = train(weighted, { numIterations: 5 }).model;
    const packed = train(weighted, { numIterations: 5, histogram: 'packed' }).model;
    expect(packed.trees).toEqual(exact.trees);
  });
});

function bruteForce(rows: { bin: number; gradient: number }[], hasMissing: boolean): number {
  const gain = (side: { gradient: number }[]) =>
    side.reduce((sum, r) => sum + r.gradient, 0) ** 2 / (side.length + rules.lambdaL2);
  let best = Number.NEGATIVE_INFINITY;
  for (let threshold = 0; threshold < 6; threshold++) {
    for (const missingLeft of hasMissing ? [true, false] : [false]) {
      const isLeft = (bin: number) => (hasMissing && bin === 6 ? missingLeft : bin <= threshold);
      const left = rows.filter(({ bin }) => isLeft(bin));
      const right = rows.filter(({ bin }) => !isLeft(bin));
      if (left.length === 0 || right.length === 0) continue;
      best = Math.max(best, gain(left) + gain(right) - gain(rows));
    }
  }
  return best;
}
