import {
  applyOne,
  assertFloat,
  commonDataType,
  inputOf,
  type OperatorCall,
  operatorFamily,
} from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import { clip, mul } from './elementwise.ts';

/** Nonlinearities, element by element. */
export const activation = operatorFamily({
  Relu: { inputs: [1, 1], infer: sameFloat },
  LeakyRelu: { inputs: [1, 1], attributes: { alpha: 'float' }, infer: sameFloat },
  PRelu: { inputs: [2, 2], infer: sameFloat },
  ThresholdedRelu: { inputs: [1, 1], attributes: { alpha: 'float' }, infer: sameFloat },
  Elu: { inputs: [1, 1], attributes: { alpha: 'float' }, infer: sameFloat },
  Celu: { inputs: [1, 1], attributes: { alpha: 'float' }, infer: sameFloat },
  Selu: { inputs: [1, 1], attributes: { alpha: 'float', gamma: 'float' }, infer: sameFloat },
  Gelu: { inputs: [1, 1], attributes: { approximate: 'string' }, infer: sameFloat },
  Mish: { inputs: [1, 1], infer: sameFloat },
  Sigmoid: { inputs: [1, 1], infer: sameFloat },
  HardSigmoid: { inputs: [1, 1], attributes: { alpha: 'float', beta: 'float' }, infer: sameFloat },
  HardSwish: { inputs: [1, 1], infer: sameFloat },
  Softplus: { inputs: [1, 1], infer: sameFloat },
  Softsign: { inputs: [1, 1], infer: sameFloat },
  Tanh: { inputs: [1, 1], infer: sameFloat },
});

/** `max(x, 0)`; its derivative at 0 is 0 */
export function relu(x: Tensor): Tensor {
  return applyOne(activation.Relu, [x]);
}

/** `x`, or `alpha x` below 0 */
export function leakyRelu(x: Tensor, { alpha = 0.01 }: { alpha?: number } = {}): Tensor {
  return applyOne(activation.LeakyRelu, [x], { alpha });
}

/** `x`, or `alpha (exp(x) - 1)` below 0 */
export function elu(x: Tensor, { alpha = 1 }: { alpha?: number } = {}): Tensor {
  return applyOne(activation.Elu, [x], { alpha });
}

/** Self-normalising ELU (Klambauer et al. 2017) */
export function selu(x: Tensor): Tensor {
  return applyOne(activation.Selu, [x]);
}

/** `x` times the normal distribution function of `x`, exactly or by the usual tanh formula */
export function gelu(x: Tensor, { approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}): Tensor {
  return applyOne(activation.Gelu, [x], { approximate });
}

/** `1 / (1 + exp(-x))` */
export function sigmoid(x: Tensor): Tensor {
  return applyOne(activation.Sigmoid, [x]);
}

/** `x sigmoid(x)`, also called swish */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

/** A line from 0 to 1 with slope `alpha`: `clip(alpha x + beta, 0, 1)`. ONNX's defaults; PyTorch's alpha is 1/6. */
export function hardSigmoid(
  x: Tensor,
  { alpha = 0.2, beta = 0.5 }: { alpha?: number; beta?: number } = {},
): Tensor {
  return applyOne(activation.HardSigmoid, [x], { alpha, beta });
}

/** `x clip(x / 6 + 1/2, 0, 1)` */
export function hardSwish(x: Tensor): Tensor {
  return applyOne(activation.HardSwish, [x]);
}

/** `log(1 + exp(x))` */
export function softplus(x: Tensor): Tensor {
  return applyOne(activation.Softplus, [x]);
}

/** Hyperbolic tangent */
export function tanh(x: Tensor): Tensor {
  return applyOne(activation.Tanh, [x]);
}

/** `min(max(x, 0), 6)` */
export function relu6(x: Tensor): Tensor {
  return clip(x, 0, 6);
}

function sameFloat(call: OperatorCall): TensorType[] {
  assertFloat(call);
  return [{ dtype: commonDataType(call), shape: inputOf(call, 0).shape }];
}
