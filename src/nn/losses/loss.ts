import { applyOne } from '../../graph/operator.ts';
import { cast, div, equal, greater, isNan, mul, not, where } from '../../graph/operators/elementwise.ts';
import { expand, movement, shapeOf } from '../../graph/operators/movement.ts';
import { reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** A loss of a batch, in parts: losses of batches add up exactly by adding sums and counts. */
export interface Loss {
  /** Scalar: the losses of all items, each times its weight. */
  readonly sum: Tensor;
  /** Scalar: how many items there are, or the sum of their weights. */
  readonly count: Tensor;
  /** Scalar: `sum / count`; 0 where nothing counts. This is what to train on. */
  readonly mean: Tensor;
}

/** Options of all losses that are means over items. */
export interface WeightOptions {
  /**
   * How much each item counts, broadcast to the items. Items of weight 0 count for nothing whatever their targets are,
   * NaN included: {@link presenceOf} gives 0 for missing targets.
   */
  readonly weights?: Tensor | undefined;
}

/** 1 where a value is given, 0 where it is NaN: weights for targets with gaps. */
export function presenceOf(target: Tensor): Tensor {
  return cast(not(isNan(target)), target.dtype);
}

/**
 * The mean of losses of single items.
 *
 * @param values A loss for each item.
 */
export function meanLoss(values: Tensor, weights: Tensor | undefined): Loss {
  if (!weights) {
    const count = cast(applyOne(movement.Size, [values]), values.dtype);
    return { sum: reduceSum(values), count, mean: reduceMean(values) };
  }
  const spread = String(weights.shape) === String(values.shape) ? weights : expand(weights, shapeOf(values));
  return ratioLoss(reduceSum(mul(values, spread)), reduceSum(spread));
}

/**
 * A sum over a count that may be 0.
 *
 * @internal
 */
export function ratioLoss(sum: Tensor, count: Tensor): Loss {
  return { sum, count, mean: div(sum, where(equal(count, 0), 1, count)) };
}

/**
 * Targets with 0 in place of what counts for nothing, so that a NaN there cannot spoil a sum or a gradient.
 *
 * @internal
 */
export function countedTarget(target: Tensor, weights: Tensor | undefined): Tensor {
  return weights ? where(greater(weights, 0), target, 0) : target;
}
