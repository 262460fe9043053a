import { describe, it } from 'vitest';
import { applyOne, integers } from '../../graph/operator.ts';
import { add, exp } from '../../graph/operators/elementwise.ts';
import {
  cumSum,
  reduceL1,
  reduceL2,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reduceSumSquare,
  reduction,
} from '../../graph/operators/reduction.ts';
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
    checkGradient([[2, 3]], (x) => applyOne(reduction.ReduceLogSum, [exp(x), integers([1])])));

  it('of products agree with differences where factors are 0', () =>
    checkGradient([[3, 3]], (x) => reduceProd(x, { axes: [1] }), {
      values: [[2, 3, 4, 0, 3, -4, 0, 0, 5]],
    }));

  it('of a length is 0 where all is 0', async () => {
    await checkGradient([[2, 2]], (x) => add(reduceL2(x, { axes: [1] }), 0), {
      values: [[3, 4, 1, 2]],
    });
  });

  it('of running sums agree with differences, both ways', async () => {
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        await checkGradient([[2, 3]], (x) => cumSum(x, { axis: 1, exclusive, reverse }));
      }
    }
  });
});
