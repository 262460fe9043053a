import { relu } from '../../graph/operators/activation.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Parameters } from '../parameters.ts';
import type { TrainingPass } from '../trainingPass.ts';
import { dropout } from './dropout.ts';
import { type LinearOptions, type LinearParameters, linear, linearParameters } from './linear.ts';

/** Options of {@link mlp}. */
export interface MlpOptions {
  /** Between layers, not behind the last. Default `relu`. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
  /** Share dropped behind each activation in training. Default 0. */
  readonly dropout?: number | undefined;
  readonly training?: TrainingPass | undefined;
}

/**
 * Plans an {@link mlp}.
 *
 * @param sizes Of the input, of each hidden layer, of the output.
 */
export function mlpParameters(
  sizes: readonly number[],
  options: LinearOptions = {},
): readonly LinearParameters[] {
  return sizes.slice(1).map((outputs, i) => linearParameters(sizes[i], outputs, options));
}

/**
 * Dense layers one behind the other (multilayer perceptron).
 *
 * @param x `[...any, inputs]`
 */
export function mlp(
  layers: Parameters<readonly LinearParameters[]>,
  x: Tensor,
  { activation = relu, dropout: rate = 0, training }: MlpOptions = {},
): Tensor {
  return layers.reduce((h, layer, i) => {
    const y = linear(layer, h);
    if (i === layers.length - 1) return y;
    return dropout(activation(y), rate, `mlp ${layer.weight.node.name}`, training);
  }, x);
}
