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

const update = input('keys', 'int64', []);
const defaults = { rate: 0.5, name: 'a' };

/** What dropout makes of ones. */
async function drop(
  shape: readonly number[],
  options: Partial<Omit<DropoutOptions, 'keys'>> & { keys?: number | readonly number[] } = {},
  named: Shape = shape,
): Promise<number[]> {
  const { keys = 0, ...rest } = { ...defaults, ...options };
  const isRow = typeof keys !== 'number';
  const x = input('x', 'float32', named);
  const y = dropout(x, { ...rest, keys: isRow ? input('keys', 'int64', named.slice(0, 1)) : update });
  const program = await compile(graphOf({ y, dx: gradient(reduceSum(y), x) }, { inputs: [x] }));
  const feeds = {
    x: tensorData('float32', new Float32Array(sizeOf(shape)).fill(1), shape),
    ...(rest.rate > 0 && { keys: isRow ? tensorData('int64', keys) : tensorData('int64', [keys], []) }),
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
    expect(found).toEqual(numbers.map((one) => (one >= 16384 ? Math.fround(4 / 3) : 0)));
  });

  it('drops the share that it is told to', async () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const kept = (await drop([100, 1000], { rate })).filter((value) => value > 0);
      // Within four standard deviations.
      expect(Math.abs(kept.length / 1e5 - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 1e5));
      expect(kept[0]).toBe(Math.fround(1 / (1 - rate)));
    }
  });

  it('draws anew for another seed, name, key, and place in the batch', async () => {
    const first = await drop([1, 64]);
    expect(await drop([1, 64])).toEqual(first);
    const others = [{ seed: 2 }, { name: 'b' }, { keys: 1 }, { keys: 2 ** 32 }, { keys: -1 }];
    const found = await Promise.all(others.map((other) => drop([1, 64], other)));
    const second = (await drop([2, 64])).slice(64);
    expect(new Set([first, second, ...found].map(String)).size).toBe(7);
  });

  it('draws the same for a sample in whatever batch it comes', async () => {
    const together = await drop([4, 3, 5], { keys: [7, 8, -9, 1000] }, ['batch', 3, 5]);
    const apart = [
      ...(await drop([1, 3, 5], { keys: [7] })),
      ...(await drop([2, 3, 5], { keys: [8, -9] }, ['batch', 3, 5])),
      ...(await drop([1, 3, 5], { keys: [1000] })),
    ];
    expect(together).toEqual(apart);
  });

  it('draws the same whether sizes are known before or not', async () => {
    const known = await drop([2, 3, 4, 9]);
    expect(await drop([2, 3, 4, 9], {}, ['batch', 'time', 'head', 9])).toEqual(known);
    expect(await drop([2, 3, 4, 9], {}, ['batch', 3, 'height', 'width'])).toEqual(known);
    const wide = await drop([2, 3, 16], { keys: [4, 5] });
    expect(await drop([2, 3, 16], { keys: [4, 5] }, ['batch', 'time', 'width'])).toEqual(wide);
    expect(new Set([0, 1, 2].map((i) => String(known.slice(9 * i, 9 * i + 9)))).size).toBe(3);
  });

  it('drops channels and samples whole where axes share a draw', async () => {
    const channels = await drop([2, 40, 2, 3], { sharedAxes: [2, -1] });
    for (let i = 0; i < channels.length; i += 6) expect(new Set(channels.slice(i, i + 6)).size).toBe(1);
    expect(new Set(channels).size).toBe(2);
    for (const keys of [0, Array.from({ length: 40 }, (_, i) => i)]) {
      const samples = await drop([40, 2, 3], { keys, sharedAxes: [1, 2] });
      for (let i = 0; i < samples.length; i += 6) expect(new Set(samples.slice(i, i + 6)).size).toBe(1);
      expect(new Set(samples).size).toBe(2);
    }
    const batch = await drop([3, 40], { sharedAxes: [0] });
    expect(batch.slice(40, 80)).toEqual(batch.slice(0, 40));
  });

  it('takes vectors, empty batches and a rate of 0', async () => {
    expect(new Set(await drop([50]))).toEqual(new Set([0, 2]));
    expect(new Set(await drop([50], { keys: Array.from({ length: 50 }, (_, i) => i) }))).toEqual(
      new Set([0, 2]),
    );
    expect(await drop([0, 3], {}, ['batch', 3])).toEqual([]);
    expect(await drop([1, 3], { rate: 0 })).toEqual([1, 1, 1]);
  });

  it('refuses rates that are no share, and keys that do not fit', () => {
    const x = input('x', 'float32', ['batch', 2]);
    for (const rate of [-0.1, 1, Number.NaN]) {
      expect(() => dropout(x, { ...defaults, rate, keys: update })).toThrow(`invalid dropout rate ${rate}`);
    }
    expect(() => dropout(constant(1), { ...defaults, keys: update })).toThrow(
      'cannot drop elements of float32[]',
    );
    for (const keys of [
      input('keys', 'int64', [3]),
      input('keys', 'int32', ['batch']),
      input('keys', 'int32', []),
    ]) {
      expect(() => dropout(x, { ...defaults, keys })).toThrow('by keys int');
    }
  });
});
