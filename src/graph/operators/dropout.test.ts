import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { philox, randomStream } from '../../core/random.ts';
import { compile } from '../../runtime/compile.ts';
import { numbersOf, sizeOf, tensorData } from '../dataType.ts';
import type { Shape } from '../dimension.ts';
import { graphOf } from '../graph.ts';
import { constant, input } from '../tensor.ts';
import { type DropoutOptions, dropout } from './dropout.ts';
import { bitsOf, philoxWords } from './philox.ts';
import { reduceSum } from './reduction.ts';

const defaults = { rate: 0.5, seed: 1, name: 'a', step: 0 };

/** What dropout makes of ones. */
async function drop(
  shape: readonly number[],
  options: Partial<DropoutOptions> & { step?: number; rowIds?: readonly number[] } = {},
  named: Shape = shape,
): Promise<number[]> {
  const { step: number, rowIds, ...rest } = { ...defaults, ...options };
  const x = input('x', 'float32', named);
  const step = input('step', 'int64', []);
  const rows = rowIds && input('rows', 'int64', [named[0]]);
  const y = dropout(x, { ...rest, step, rows });
  const program = await compile(graphOf({ y, dx: gradient(reduceSum(y), x) }, { inputs: [x] }));
  const feeds = {
    x: tensorData('float32', new Float32Array(sizeOf(shape)).fill(1), shape),
    ...(rest.rate > 0 && { step: tensorData('int64', [number], []) }),
    ...(rowIds && { rows: tensorData('int64', rowIds) }),
  };
  const results = await program.run(feeds);
  await program.release();
  // Of a sum over ones the gradient is the mask, and so is the result.
  expect(numbersOf(results.dx)).toEqual(numbersOf(results.y));
  return [...numbersOf(results.y)];
}

describe('philoxWords', () => {
  it('draws the bits of the streams', async () => {
    const blocks = input('blocks', 'int64', ['n']);
    const zero = constant(0, 'int64');
    const words = philoxWords([blocks, zero, zero, zero], [0x12345678, 0xfedcba98]);
    const program = await compile(graphOf(new Map(words.map((word, i) => [`w${i}`, bitsOf(word, 0, 32)]))));
    const results = await program.run({ blocks: tensorData('int64', [0, 1, 4294967295]) });
    await program.release();
    const found = [0, 1, 2].map((block) => words.map((_, i) => numbersOf(results[`w${i}`])[block]));
    const expected = [0, 1, 4294967295].map((block) => {
      const out = new Uint32Array(4);
      philox(Uint32Array.of(block, 0, 0, 0), 0x12345678, 0xfedcba98, out);
      return [...out];
    });
    expect(found).toEqual(expected);
  });
});

describe('dropout', () => {
  it('keeps what a stream of the same key says, and scales it', async () => {
    const found = await drop([1, 8], { rate: 0.25, seed: 9, name: 'head' });
    const stream = randomStream(9, 'dropout', 'head');
    const words = Array.from({ length: 4 }, () => stream.integer(2 ** 32));
    const numbers = words.flatMap((word) => [word & 0xffff, word >>> 16]);
    expect(found).toEqual(numbers.map((one) => (one >= 16384 ? Math.fround(65536 / 49152) : 0)));
  });

  it('drops the share that it is told to', async () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const kept = (await drop([100, 1000], { rate })).filter((value) => value > 0);
      // Within four standard deviations.
      expect(Math.abs(kept.length / 1e5 - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 1e5));
      expect(kept[0]).toBeCloseTo(1 / (1 - rate), 2);
    }
  });

  it('draws anew for another seed, name, step and row', async () => {
    const first = await drop([1, 64]);
    expect(await drop([1, 64])).toEqual(first);
    for (const other of [{ seed: 2 }, { name: 'b' }, { step: 1 }, { step: 4294967295 }, { rowIds: [1] }]) {
      expect(await drop([1, 64], other)).not.toEqual(first);
    }
  });

  it('draws the same for a sample in whatever batch it comes', async () => {
    const together = await drop([4, 3, 5], { rowIds: [7, 8, 9, 1000] }, ['batch', 3, 5]);
    const apart = [
      ...(await drop([1, 3, 5], { rowIds: [7] })),
      ...(await drop([2, 3, 5], { rowIds: [8, 9] }, ['batch', 3, 5])),
      ...(await drop([1, 3, 5], { rowIds: [1000] })),
    ];
    expect(together).toEqual(apart);
  });

  it('draws the same whether sizes are known before or not', async () => {
    const known = await drop([2, 3, 4, 9]);
    expect(await drop([2, 3, 4, 9], {}, ['batch', 'time', 'head', 9])).toEqual(known);
    expect(new Set([0, 1, 2].map((i) => String(known.slice(9 * i, 9 * i + 9)))).size).toBe(3);
  });

  it('drops channels and samples whole where axes share a draw', async () => {
    const channels = await drop([2, 40, 2, 3], { sharedAxes: [2, -1] });
    for (let i = 0; i < channels.length; i += 6) expect(new Set(channels.slice(i, i + 6)).size).toBe(1);
    expect(new Set(channels).size).toBe(2);
    const samples = await drop([40, 2, 3], { sharedAxes: [1, 2] });
    for (let i = 0; i < samples.length; i += 6) expect(new Set(samples.slice(i, i + 6)).size).toBe(1);
    expect(new Set(samples).size).toBe(2);
    const batch = await drop([3, 40], { sharedAxes: [0] });
    expect(batch.slice(40, 80)).toEqual(batch.slice(0, 40));
  });

  it('takes vectors, empty batches and a rate of 0', async () => {
    expect(new Set(await drop([50]))).toEqual(new Set([0, 2]));
    expect(await drop([0, 3], {}, ['batch', 3])).toEqual([]);
    expect(await drop([1, 3], { rate: 0 })).toEqual([1, 1, 1]);
  });

  it('refuses rates that are no share, and last axes of unknown size', () => {
    const x = input('x', 'float32', ['batch', 2]);
    for (const rate of [-0.1, 1, Number.NaN]) {
      expect(() => dropout(x, { ...defaults, rate })).toThrow(`invalid dropout rate ${rate}`);
    }
    expect(() => dropout(input('x', 'float32', [2, 'width']), defaults)).toThrow('float32[2, width]');
    expect(() => dropout(constant(1), defaults)).toThrow('cannot drop elements of float32[]');
  });
});
