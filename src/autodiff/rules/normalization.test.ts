import { describe, expect, it } from 'vitest';
import { tensorData } from '../../graph/dataType.ts';
import { applyOne } from '../../graph/operator.ts';
import { add, exp, mul } from '../../graph/operators/elementwise.ts';
import {
  batchNormalization,
  batchNormalizationTraining,
  layerNormalization,
  logSoftmax,
  normalization,
  softmax,
} from '../../graph/operators/normalization.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { constant, input, type Tensor } from '../../graph/tensor.ts';
import { gradient } from '../gradient.ts';
import { checkGradient } from '../testing/checkGradient.ts';

describe('gradients of normalisations', () => {
  it('agree with differences for softmax and its logarithm, along any axis', async () => {
    for (const axis of [0, 1, -1]) {
      await checkGradient([[2, 3, 2]], (x) => softmax(x, { axis }));
      await checkGradient([[2, 3, 2]], (x) => logSoftmax(x, { axis }));
    }
  });

  it('agree with differences for layers', async () => {
    await checkGradient([[2, 3, 4], [4], [4]], (x, scale, bias) => layerNormalization(x, scale, bias));
    await checkGradient(
      [
        [2, 3, 4],
        [3, 4],
      ],
      (x, scale) => layerNormalization(x, scale, undefined, { axis: 1 }),
    );
  });

  it('agree with differences for layers, differentiated twice', () =>
    checkGradient(
      [[2, 4], [4]],
      (x, scale) => {
        const loss = reduceSum(mul(exp(layerNormalization(x, scale)), 0.1));
        return gradient(loss, x);
      },
      { tolerance: 1e-6 },
    ));

  it('agree with differences for batches, by their own statistics and by given ones', async () => {
    await checkGradient([[3, 2, 2], [2], [2]], (x, scale, bias) => {
      const { y, mean, variance } = batchNormalizationTraining(x, scale, bias);
      return add(reduceSum(y, { axes: [0, 2] }), add(mul(mean, 2), mul(variance, variance)));
    });
    await checkGradient([[4, 3], [3], [3]], (x, scale, bias) => batchNormalizationTraining(x, scale, bias).y);
    await checkGradient(
      [[3, 2, 2], [2], [2], [2], [2]],
      (x, scale, bias, mean, spread) =>
        batchNormalization(x, scale, bias, mean, add(mul(spread, spread), 0.5)),
      { tolerance: 1e-6 },
    );
  });

  it('agree with differences for instances', () =>
    checkGradient(
      [[2, 2, 3], [2], [2]],
      (x, scale, bias) => applyOne(normalization.InstanceNormalization, [x, scale, bias]),
      { dtype: 'float32' },
    ));

  it('agree with differences for neighbouring channels', async () => {
    for (const size of [1, 3, 5]) {
      const options = { size, alpha: 0.8, beta: 0.6, bias: 1.5 };
      await checkGradient([[2, 4, 2, 1]], (x) => applyOne(normalization.LRN, [x], options), {
        dtype: 'float32',
      });
    }
  });

  it('pass a trained model’s dropout, and refuse one in training', async () => {
    const ratio = constant(0.5, 'float32');
    const training = (value: number) => constant(tensorData('bool', [value], []));
    const f = (mode: number) => (x: Tensor) => applyOne(normalization.Dropout, [x, ratio, training(mode)]);
    await checkGradient([[2, 3]], f(0), { dtype: 'float32' });
    await checkGradient([[2, 3]], (x) => applyOne(normalization.Dropout, [x]), { dtype: 'float32' });
    const x = input('x', 'float32', [2]);
    expect(() => gradient(reduceSum(f(1)(x)), x)).toThrow('Dropout in training mode has no gradient rule');
  });
});
