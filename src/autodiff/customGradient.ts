import { type CustomRule, createNode, customGradientOperator, type Tensor } from '../graph/tensor.ts';

/**
 * Gives a computation a gradient rule of one's own, in place of the one that follows from its operators.
 *
 * @param output What was computed.
 * @param inputs What it was computed from.
 * @param rule From the cotangent of the output to one for each input, of its type; `undefined` for none. Gets the inputs too.
 * @returns A tensor of the same value as `output`.
 * @example
 * // Rounds, but lets the gradient through as if it did not (straight-through estimator).
 * const rounded = customGradient(round(x), [x], (g) => [g]);
 */
export function customGradient(output: Tensor, inputs: readonly Tensor[], rule: CustomRule): Tensor {
  const node = createNode({
    operator: customGradientOperator,
    inputs: [output, ...inputs],
    types: [output],
    rule,
  });
  return node.outputs[0];
}

/** A tensor of the same value that derivatives do not pass. */
export function stopGradient(x: Tensor): Tensor {
  return customGradient(x, [], () => []);
}
