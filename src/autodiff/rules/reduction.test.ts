import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { exp } from '../../graph/operators/elementwise.ts';
import {
  cumSum,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reduceSumSquare,
} from '../../graph/operators/reduction.ts';
import { input } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';
import { checkGradient } from '../testing/checkGradient.ts';

const reducers = [
  reduceSum,
  reduceMean,
  reduceMax,
  reduceMin,
  reduceProd,
  reduceL1,
  reduceL2,
  reduceLogSumExp,
  reduceSumSquare,
];

describe('gradients of reductions', () => {
  it('agree with differences over all axes, some, the last and none', async () => {
    for (const reduce of reducers) {
      await checkGradient([[2, 3, 2]], (x) => reduce(x), { tolerance: 1e-6 });
      await checkGradient([[2, 3, 2]], (x) => reduce(x, { axes: [2, 0] }), { tolerance: 1e-6 });
      await checkGradient([[2, 3]], (x) => reduce(x, { axes: [-1], keepDims: true }), { tolerance: 1e-6 });
    }
    for (const reduce of [reduceSum, reduceMean, reduceMax]) {
      await checkGradient([[2, 3]], (x) => reduce(x, { axes: [] }));
    }
  });

  it('of a log of a sum agree with differences', () =>
    checkGradient([[2, 3]], (x) => reduceLogSum(exp(x), { axes: [1] })));

  it('of products agree with differences where factors are 0', () =>
    checkGradient([[3, 3]], (x) => reduceProd(x, { axes: [1] }), {
      values: [[2, 3, 4, 0, 3, -4, 0, 0, 5]],
    }));

  it('of a length is 0 where all is 0', async () => {
    const x = input('x', 'float32', [2, 2]);
    const program = await compile(graphOf({ slope: gradient(reduceSum(reduceL2(x, { axes: [1] })), x) }));
    const { slope } = await program.run({ x: tensorData('float32', [0, 0, 3, 4], [2, 2]) });
    await program.release();
    expect([...numbersOf(slope)]).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)]);
  });

  it('of running sums agree with differences, both ways', async () => {
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        await checkGradient([[2, 3]], (x) => cumSum(x, { axis: 1, exclusive, reverse }));
      }
    }
  });
});
