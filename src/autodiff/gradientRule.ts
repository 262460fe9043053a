import type { Dimension } from '../graph/dimension.ts';
import { reshape, shapeOf } from '../graph/operators/movement.ts';
import { reduceSum } from '../graph/operators/reduction.ts';
import type { Node, Tensor } from '../graph/tensor.ts';

/**
 * How an operator passes cotangents back: from those of its outputs to those of its inputs (vector-Jacobian product).
 * Inputs without a derivative get `undefined`. What no one asks for costs nothing, as nodes that nothing needs are
 * never run; so rules give all cotangents.
 *
 * @param g Cotangent of the first output; zeros if only others have one.
 * @param all Cotangents of all outputs, `undefined` where none arrived.
 */
export type GradientRule = (
  g: Tensor,
  node: RuleNode,
  all: readonly (Tensor | undefined)[],
) => readonly (Tensor | undefined)[];

/** A node as rules see it: inputs that were left out are `undefined` all the same. */
export type RuleNode = Omit<Node, 'inputs'> & { readonly inputs: readonly Tensor[] };

/** Rule of operators that are flat wherever they have a derivative: comparisons, rounding, shapes, indices. */
export const noGradient: GradientRule = () => [];

/** The cotangent of an operand that was broadcast: summed over the axes along which it was repeated. */
export function sumTo(x: Tensor, g: Tensor): Tensor {
  if (String(g.shape) === String(x.shape)) return g;
  const extra = g.shape.length - x.shape.length;
  const repeated = g.shape.flatMap((size: Dimension, axis) =>
    axis < extra || (x.shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  );
  const summed = repeated.length > 0 ? reduceSum(g, { axes: repeated, keepDims: true }) : g;
  return extra > 0 ? reshapeLike(summed, x) : summed;
}

/** The elements of `g` in the shape of `x`. */
export function reshapeLike(g: Tensor, x: Tensor): Tensor {
  return x.shape.every((size) => typeof size === 'number') ? reshape(g, x.shape) : reshape(g, shapeOf(x));
}
