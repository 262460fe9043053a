import { usageError } from '../../core/errors.ts';
import { greater, mul, where } from '../../graph/operators/elementwise.ts';
import { matMul } from '../../graph/operators/linearAlgebra.ts';
import { reshape, shapeTensor, transpose } from '../../graph/operators/movement.ts';
import { softmax } from '../../graph/operators/normalization.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Parameters } from '../parameters.ts';
import { positionsAlong } from '../positions.ts';
import type { TrainingPass } from '../trainingPass.ts';
import { dropout } from './dropout.ts';
import { type LinearOptions, type LinearParameters, linear, linearParameters } from './linear.ts';

/** Parameters of {@link multiHeadAttention}. */
export type AttentionParameters = {
  readonly query: LinearParameters;
  readonly key: LinearParameters;
  readonly value: LinearParameters;
  readonly output: LinearParameters;
};

/** Options of {@link multiHeadAttention}. */
export interface AttentionOptions {
  /** Must divide the size. */
  readonly heads: number;
  /** What is looked at, `[batch, places, size]`. Default: `x` itself. */
  readonly context?: Tensor | undefined;
  /** Bools that hold where a place may be looked at, broadcast to `[batch, heads, steps, places]`. */
  readonly mask?: Tensor | undefined;
  /** Whether a step may look at itself and earlier ones only. Default false. */
  readonly causal?: boolean | undefined;
  /** Share of the attention weights dropped in training. Default 0. */
  readonly dropout?: number | undefined;
  readonly training?: TrainingPass | undefined;
}

/** Plans {@link multiHeadAttention} over vectors of some size. */
export function attentionParameters(size: number, options: LinearOptions = {}): AttentionParameters {
  const plan = () => linearParameters(size, size, options);
  return { query: plan(), key: plan(), value: plan(), output: plan() };
}

/**
 * Attention (Vaswani et al. 2017): each step takes the mean of the values of all places, weighted by how well its query
 * fits their keys; in several heads side by side. A step that may look nowhere sees all places alike.
 *
 * @param x `[batch, steps, size]`
 * @returns `[batch, steps, size]`
 */
export function multiHeadAttention(
  parameters: Parameters<AttentionParameters>,
  x: Tensor,
  { heads, context = x, mask, causal = false, dropout: rate = 0, training }: AttentionOptions,
): Tensor {
  const size = Number(x.shape[2]);
  if (size % heads !== 0) throw usageError(`${heads} heads do not divide a size of ${size}`);
  const split = (y: Tensor) => {
    const apart = shapeTensor([y.shape[0], y.shape[1], heads, size / heads], [y]);
    return transpose(reshape(y, apart), [0, 2, 1, 3]);
  };
  const query = split(mul(linear(parameters.query, x), 1 / Math.sqrt(size / heads)));
  const key = split(linear(parameters.key, context));
  const value = split(linear(parameters.value, context));
  let scores = matMul(query, transpose(key, [0, 1, 3, 2]));
  if (mask) scores = where(mask, scores, never);
  if (causal) scores = where(greater(positionsAlong(scores, 3), positionsAlong(scores, 2)), never, scores);
  const name = `attention ${parameters.query.weight.node.name}`;
  const weights = dropout(softmax(scores), rate, name, training);
  const joined = transpose(matMul(weights, value), [0, 2, 1, 3]);
  return linear(parameters.output, reshape(joined, shapeTensor(x.shape, [x])));
}

// Far below any score, but finite: rows of minus infinity would become NaN.
const never = -1e30;
