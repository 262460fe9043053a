import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../../graph/dataType.ts';
import type { Shape } from '../../graph/dimension.ts';
import { graphOf } from '../../graph/graph.ts';
import {
  averagePool,
  globalAveragePool,
  globalMaxPool,
  lpPool,
  maxPool,
  type PoolOptions,
  poolWindow,
} from '../../graph/operators/pooling.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';
import { checkAgainstReference } from '../testing/checkAgainstReference.ts';
import { referencePool } from '../testing/windowReference.ts';

interface Case {
  readonly x: readonly number[];
  readonly kernel: number | readonly number[];
  readonly named?: Shape;
  readonly options?: PoolOptions;
}

const cases: Readonly<Record<string, Case>> = {
  'windows side by side': { x: [2, 3, 4, 6], kernel: 2 },
  'one axis': { x: [2, 3, 7], kernel: 3, options: { strides: 2 } },
  'three axes': { x: [1, 2, 3, 4, 3], kernel: 2, options: { strides: 1 } },
  'windows that overlap': { x: [2, 2, 7, 8], kernel: 3, options: { strides: 2, pads: 1 } },
  'a rest that no window reaches': { x: [1, 2, 8, 9], kernel: [3, 2], options: { strides: [3, 4] } },
  'a last window that hangs over': { x: [1, 2, 6, 8], kernel: 3, options: { strides: 2, ceilMode: true } },
  'a last window that hangs over the pads': {
    x: [1, 2, 6, 7],
    kernel: 3,
    options: { strides: [2, 3], pads: 1, ceilMode: true },
  },
  'a last window that would start in the pads': {
    x: [1, 1, 5],
    kernel: 2,
    options: { strides: 3, pads: 1, ceilMode: true },
  },
  dilations: { x: [1, 2, 7, 8], kernel: [3, 2], options: { strides: 1, dilations: [2, 3], pads: [1, 0] } },
  'an input of one element': { x: [2, 3, 1, 1], kernel: 1 },
  'a kernel larger than the input': { x: [1, 2, 2, 3], kernel: 4, options: { strides: 2, pads: 2 } },
  'pads that halve the size': { x: [1, 2, 7, 6], kernel: 3, options: { strides: 2, pads: 'same' } },
  'an empty batch': { x: [0, 2, 4, 4], kernel: 2 },
  'named sizes': {
    x: [2, 2, 7, 8],
    named: ['batch', 2, 'height', 'width'],
    kernel: 3,
    options: { strides: 2, pads: 1 },
  },
};

const kinds: Readonly<
  Record<
    string,
    {
      readonly pool: typeof maxPool;
      readonly summarise: (elements: readonly number[], padded: number) => number;
    }
  >
> = {
  MaxPool: { pool: maxPool, summarise: (elements) => Math.max(...elements) },
  AveragePool: { pool: averagePool, summarise: (elements) => sum(elements) / elements.length },
  'AveragePool with pads': {
    pool: (x, kernel, options) => averagePool(x, kernel, { ...options, countIncludePad: true }),
    summarise: (elements, padded) => sum(elements) / padded,
  },
  LpPool: { pool: lpPool, summarise: (elements) => Math.hypot(...elements) },
  'LpPool with p = 1': {
    pool: (x, kernel, options) => lpPool(x, kernel, { ...options, p: 1 }),
    summarise: (elements) => sum(elements.map(Math.abs)),
  },
  'LpPool with p = 3': {
    pool: (x, kernel, options) => lpPool(x, kernel, { ...options, p: 3 }),
    summarise: (elements) => Math.cbrt(sum(elements.map((value) => Math.abs(value) ** 3))),
  },
};

describe.each(Object.entries(kinds))(
  '%s and its gradient agree with the definition in float64 for',
  (_, kind) => {
    it.each(Object.entries(cases))('%s', async (_, { x, kernel, named = x, options = {} }) => {
      const { node, shape } = kind.pool(input('x', 'float32', x), kernel, options);
      const { window } = poolWindow(node);
      if (!window) throw new Error('no window');
      await checkAgainstReference({
        shapes: [x],
        named: [named],
        run: (a) => kind.pool(a, kernel, options),
        reference: (a) => referencePool(a, window, shape.slice(2) as number[], kind.summarise),
      });
    });
  },
);

describe('the gradient of', () => {
  it('global pooling spreads the mean and goes to the largest', async () => {
    const x = input('x', 'float32', ['batch', 2, 2, 'width']);
    const value = { x: tensorData('float32', [1, 2, 3, 4, 8, 7, 6, 5], [1, 2, 2, 2]) };
    const mean = reduceSum(globalAveragePool(x));
    const largest = reduceSum(globalMaxPool(x));
    expect(await slopes(mean, x, value)).toEqual(new Array(8).fill(0.25));
    expect(await slopes(largest, x, value)).toEqual([0, 0, 0, 1, 1, 0, 0, 0]);
  });

  it('overlapping windows that share their largest element adds up there', async () => {
    const x = input('x', 'float32', [1, 1, 5]);
    const loss = reduceSum(maxPool(x, 3, { strides: 1 }));
    expect(await slopes(loss, x, { x: tensorData('float32', [1, 2, 9, 2, 1], [1, 1, 5]) })).toEqual([
      0, 0, 3, 0, 0,
    ]);
  });
});

async function slopes(loss: Tensor, x: Tensor, feeds: Record<string, ReturnType<typeof tensorData>>) {
  const program = await compile(graphOf({ slope: gradient(loss, x) }));
  const { slope } = await program.run(feeds);
  await program.release();
  return [...numbersOf(slope)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
