import { relu } from '../../graph/operators/activation.ts';
import { concat } from '../../graph/operators/movement.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { lecunUniform } from '../initialisers.ts';
import { type BatchNormParameters, batchNorm, batchNormParameters } from '../layers/batchNorm.ts';
import { dropout } from '../layers/dropout.ts';
import { type LinearParameters, linear, linearParameters } from '../layers/linear.ts';
import type { Parameters } from '../parameters.ts';
import type { TrainingPass } from '../trainingPass.ts';

/** Parameters of {@link shortcutNetwork}. */
export type ShortcutNetworkParameters = {
  readonly first: LinearParameters;
  readonly second: LinearParameters;
  readonly norm: BatchNormParameters;
  readonly third: LinearParameters;
  readonly fourth: LinearParameters;
  readonly output: LinearParameters;
};

/**
 * Plans a {@link shortcutNetwork}.
 *
 * @param options `units` of each hidden layer, default 48; `outputs`, the hours forecast, default 48.
 */
export function shortcutNetworkParameters(
  inputs: number,
  { units = 48, outputs = 48 }: { units?: number; outputs?: number } = {},
): ShortcutNetworkParameters {
  const dense = (from: number, to: number) => linearParameters(from, to, { initialiser: lecunUniform() });
  return {
    first: dense(inputs, units),
    second: dense(units + inputs, units),
    norm: batchNormParameters(units),
    third: dense(units, units),
    fourth: dense(units, units),
    output: dense(units, outputs),
  };
}

/**
 * A small network that forecasts all hours at once from the raw history of a series: the input goes past the first
 * layer and joins its output, so that what was measured last reaches the deeper layers as it is.
 *
 * It was trained with Adam at a learning rate of 0.005, gradients clipped to 1 by value and by norm, the penalty
 * `l2Penalty` of 1e-4 on the weights, and the loss `symmetricError`.
 *
 * @param x `[batch, inputs]`
 * @param options `dropout`: share dropped behind each hidden layer in training, default 0.6.
 * @returns `[batch, outputs]`
 */
export function shortcutNetwork(
  { first, second, norm, third, fourth, output }: Parameters<ShortcutNetworkParameters>,
  x: Tensor,
  { dropout: rate = 0.6, training }: { dropout?: number; training?: TrainingPass | undefined } = {},
): Tensor {
  const drop = (h: Tensor, name: string) => dropout(h, rate, `shortcutNetwork ${name}`, training);
  let h = drop(relu(linear(first, x)), 'first');
  h = relu(linear(second, concat([h, x], 1)));
  // Keras's settings, with which it was published.
  h = drop(batchNorm(norm, h, { epsilon: 1e-3, unbiased: false, training }), 'second');
  h = drop(relu(linear(third, h)), 'third');
  h = drop(relu(linear(fourth, h)), 'fourth');
  return linear(output, h);
}
