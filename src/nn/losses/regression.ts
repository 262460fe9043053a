import { abs, add, clip, div, max, min, mul, sqrt, sub } from '../../graph/operators/elementwise.ts';
import { unsqueeze } from '../../graph/operators/movement.ts';
import { reduceSum, reduceSumSquare } from '../../graph/operators/reduction.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { countedTarget, type Loss, meanLoss, type WeightOptions } from './loss.ts';

/** `(p - a)^2` */
export function squaredError(prediction: Tensor, target: Tensor, { weights }: WeightOptions = {}): Loss {
  const error = sub(prediction, countedTarget(target, weights));
  return meanLoss(mul(error, error), weights);
}

/** `|p - a|` */
export function absoluteError(prediction: Tensor, target: Tensor, { weights }: WeightOptions = {}): Loss {
  return meanLoss(abs(sub(prediction, countedTarget(target, weights))), weights);
}

/** `|p - a|`, at most `limit`: points further off than that do not pull. */
export function clippedAbsoluteError(
  prediction: Tensor,
  target: Tensor,
  { weights, limit = 1 }: WeightOptions & { readonly limit?: number } = {},
): Loss {
  return meanLoss(min(abs(sub(prediction, countedTarget(target, weights))), limit), weights);
}

/** `e^2 / 2` up to `delta`, a line beyond: `delta (|e| - delta / 2)` (Huber 1964; PyTorch's `huber_loss`). */
export function huberError(
  prediction: Tensor,
  target: Tensor,
  { weights, delta = 1 }: WeightOptions & { readonly delta?: number } = {},
): Loss {
  const size = abs(sub(prediction, countedTarget(target, weights)));
  const near = min(size, delta);
  return meanLoss(mul(near, sub(size, mul(near, 0.5))), weights);
}

/** Options of {@link symmetricError}. */
export interface SymmetricErrorOptions extends WeightOptions {
  /**
   * `absolute`: `|a| + |p|`, safe for predictions of any sign while a network learns. `sum`: `a + p`, the
   * competition's metric, for predictions that are not negative. Default `absolute`.
   */
  readonly denominator?: 'absolute' | 'sum' | undefined;
  /** The denominator is at least this. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/** SMAPE from 0 to 2: `2 |a - p| / (|a| + |p|)`, 0 where both are 0. */
export function symmetricError(
  prediction: Tensor,
  target: Tensor,
  { weights, denominator = 'absolute', epsilon = 1e-7 }: SymmetricErrorOptions = {},
): Loss {
  const known = countedTarget(target, weights);
  const size = denominator === 'sum' ? add(known, prediction) : add(abs(known), abs(prediction));
  return meanLoss(div(mul(abs(sub(prediction, known)), 2), max(size, epsilon)), weights);
}

/**
 * Pinball loss of quantiles: `q (a - p)` where too low, `(1 - q) (p - a)` where too high.
 *
 * @param prediction `[...items, quantiles]`
 * @param target `[...items]`
 * @param options `quantiles`: shares below, each between 0 and 1. `weights` are of items.
 */
export function quantileError(
  prediction: Tensor,
  target: Tensor,
  { weights, quantiles }: WeightOptions & { readonly quantiles: readonly number[] },
): Loss {
  const last = target.shape.length;
  const error = sub(unsqueeze(countedTarget(target, weights), [last]), prediction);
  const shares = constant(quantiles, prediction.dtype);
  const spread = weights && unsqueeze(weights, [weights.shape.length]);
  return meanLoss(max(mul(shares, error), mul(sub(shares, 1), error)), spread);
}

/**
 * The opposite of the cosine between prediction and target along the last axis, -1 to 1; 0 where one is all 0.
 *
 * @param prediction `[...items, size]`, like the target.
 * @param options `weights` are of items.
 */
export function cosineProximity(prediction: Tensor, target: Tensor, { weights }: WeightOptions = {}): Loss {
  const axes = [prediction.shape.length - 1];
  const spread = weights && unsqueeze(weights, [weights.shape.length]);
  const known = countedTarget(target, spread);
  // At least 1e-12 before the root, as in Keras: a root has no slope at 0.
  const length = (x: Tensor) => sqrt(clip(reduceSumSquare(x, { axes }), 1e-12));
  const cosine = div(reduceSum(mul(prediction, known), { axes }), mul(length(prediction), length(known)));
  return meanLoss(mul(cosine, -1), weights);
}

/** `strength` times the sum of squares of all elements: Keras's `l2`, to be added to a loss. */
export function l2Penalty(weights: readonly Tensor[], strength: number): Tensor {
  return mul(weights.map((weight) => reduceSumSquare(weight)).reduce(add), strength);
}
