import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorData } from '../graph/dataType.ts';
import { arrayDataset, subsetOf } from './dataset.ts';
import {
  balancedSampler,
  groupedSampler,
  sequentialSampler,
  shuffledSampler,
  weightedSampler,
} from './samplers.ts';

const sorted = (batches: readonly Int32Array[]) =>
  batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
const upTo = (length: number) => Array.from({ length }, (_, i) => i);

describe('samplers', () => {
  it('serve every sample once an epoch, in batches of the size asked for', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 70 }), fc.nat(5));
    fc.assert(
      fc.property(sizes, ([length, batchSize, epoch]) => {
        for (const sampler of [
          sequentialSampler(length, { batchSize }),
          shuffledSampler(length, { batchSize }),
        ]) {
          const batches = sampler(epoch);
          expect(sorted(batches)).toEqual(upTo(length));
          expect(batches.slice(0, -1).every((batch) => batch.length === batchSize)).toBe(true);
        }
        const whole = shuffledSampler(length, { batchSize, dropLast: true })(epoch);
        expect(whole.length).toBe(Math.floor(length / batchSize));
      }),
    );
  });

  it('shuffle by seed and epoch alone', () => {
    const sampler = shuffledSampler(50, { batchSize: 50, seed: 3 });
    expect(sampler(1)).toEqual(shuffledSampler(50, { batchSize: 50, seed: 3 })(1));
    expect(sampler(1)).not.toEqual(sampler(2));
    expect(sampler(1)).not.toEqual(shuffledSampler(50, { batchSize: 50, seed: 4 })(1));
  });

  it('put each place equally often first', () => {
    const firsts = new Float64Array(6);
    for (let epoch = 0; epoch < 6000; epoch++) firsts[shuffledSampler(6, { batchSize: 6 })(epoch)[0][0]]++;
    // Six standard deviations of a binomial with 6,000 draws.
    for (const count of firsts)
      expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(6000 * (1 / 6) * (5 / 6)));
  });

  it('draw by weight, and never what weighs nothing', () => {
    const [drawn] = weightedSampler([1, 0, 3], { batchSize: 40_000, count: 40_000 })(0);
    const counts = [0, 0, 0];
    for (const sample of drawn) counts[sample]++;
    expect(counts[1]).toBe(0);
    expect(Math.abs(counts[2] / 40_000 - 0.75)).toBeLessThan(0.015);
  });

  it('balance classes', () => {
    const classes = [...new Array(90).fill('often'), ...new Array(10).fill('seldom')];
    const [drawn] = balancedSampler(classes, { batchSize: 20_000, count: 20_000 })(0);
    const seldom = drawn.filter((sample) => classes[sample] === 'seldom').length;
    expect(Math.abs(seldom / 20_000 - 0.5)).toBeLessThan(0.02);
  });

  it('keep groups together', () => {
    const days = Array.from({ length: 40 }, (_, i) => `day ${i % 7}`);
    const batches = groupedSampler(days)(0);
    expect(batches.length).toBe(7);
    expect(sorted(batches)).toEqual(upTo(40));
    for (const batch of [...batches, ...groupedSampler(days, { batchSize: 4 })(1)]) {
      expect(new Set([...batch].map((sample) => days[sample])).size).toBe(1);
    }
    expect(groupedSampler(days, { batchSize: 4 })(0).every((batch) => batch.length <= 4)).toBe(true);
    expect(groupedSampler(days)(0)).not.toEqual(groupedSampler(days)(1));
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no samples', () => shuffledSampler(0, { batchSize: 4 }), /there are no samples/],
    ['no batch', () => shuffledSampler(5, { batchSize: 0 }), /invalid batchSize: 0/],
    ['half a sample', () => sequentialSampler(5, { batchSize: 1.5 }), /invalid batchSize: 1.5/],
    ['negative weights', () => weightedSampler([1, -1], { batchSize: 1 }), /weight -1 of sample 1/],
    [
      'weights that are no numbers',
      () => weightedSampler([Number.NaN], { batchSize: 1 }),
      /weight NaN of sample 0/,
    ],
    ['no weight', () => weightedSampler([0, 0], { batchSize: 1 }), /all weights are 0/],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('a data set of arrays', () => {
  const data = arrayDataset({
    x: tensorData('float32', [0, 1, 10, 11, 20, 21], [3, 2]),
    name: { dtype: 'string', shape: [3], data: ['a', 'b', 'ü'] },
    id: tensorData('int64', [5, 6, 7]),
  });

  it('reads samples in any order, and again', () => {
    const { x, name, id } = data.read([2, 0, 2], 0) as ReturnType<typeof Object>;
    expect(x).toEqual(tensorData('float32', [20, 21, 0, 1, 20, 21], [3, 2]));
    expect(name.data).toEqual(['ü', 'a', 'ü']);
    expect([...id.data]).toEqual([7n, 5n, 7n]);
  });

  it('has subsets', () => {
    const subset = subsetOf(data, [2, 1]);
    expect(subset.length).toBe(2);
    expect(subset.read([0], 0)).toEqual(data.read([2], 0));
  });

  it.each<[string, () => unknown, RegExp]>([
    ['nothing', () => arrayDataset({}), /without tensors/],
    ['a single number', () => arrayDataset({ x: tensorData('float32', [1], []) }), /x is a single number/],
    [
      'other lengths',
      () => arrayDataset({ x: tensorData('float32', [1, 2]), y: tensorData('float32', [1]) }),
      /y has 1 samples, x 2/,
    ],
    [
      'wrong sizes',
      () => arrayDataset({ x: { ...tensorData('float32', [1, 2]), shape: [3] } }),
      /x has 2 elements; its shape \[3\] has 3/,
    ],
    ['samples that are not there', () => data.read([3], 0), /no sample 3; there are 3/],
    ['samples that cannot be', () => data.read([-1], 0), /no sample -1/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
