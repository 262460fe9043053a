import { describe, expect, it } from 'vitest';
import { applyOne } from '../../graph/operator.ts';
import {
  activation,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from '../../graph/operators/activation.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { checkGradient } from '../testing/checkGradient.ts';

// Away from the corners, where differences mean nothing.
const values = [[-3.5, -2, -0.6, -0.1, 0.2, 0.7, 2.4, 4]];

describe('gradients of activations', () => {
  it('agree with differences', async () => {
    for (const f of [relu, sigmoid, tanh]) await checkGradient([[8]], f, { values });
    const others: ((x: Tensor) => Tensor)[] = [
      (x) => leakyRelu(x, { alpha: 0.2 }),
      (x) => elu(x, { alpha: 0.7 }),
      selu,
      gelu,
      (x) => gelu(x, { approximate: 'tanh' }),
      silu,
      hardSigmoid,
      hardSwish,
      softplus,
      relu6,
      (x) => applyOne(activation.ThresholdedRelu, [x], { alpha: 0.5 }),
      (x) => applyOne(activation.Celu, [x], { alpha: 0.8 }),
      (x) => applyOne(activation.Softsign, [x]),
      (x) => applyOne(activation.Mish, [x]),
    ];
    for (const f of others) await checkGradient([[8]], f, { values, dtype: 'float32', tolerance: 5e-3 });
  });

  it('of a learned slope agree with differences', () =>
    checkGradient([[2, 4], [4]], (x, slope) => applyOne(activation.PRelu, [x, slope]), {
      values: [values[0], [0.1, 0.2, 0.3, 0.4]],
      dtype: 'float32',
    }));

  it('are refused for whole numbers', async () => {
    const { input } = await import('../../graph/tensor.ts');
    expect(() => relu(input('x', 'int64', [2]))).toThrow('Relu of int64[2]: expected floats, not int64, at ');
  });
});
