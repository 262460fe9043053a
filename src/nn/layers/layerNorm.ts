import { layerNormalization } from '../../graph/operators/normalization.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { ones, zeros } from '../initialisers.ts';
import { type ParameterPlan, type Parameters, planned } from '../parameters.ts';

/** Parameters of {@link layerNorm}, both of the shape that it runs over. */
export type LayerNormParameters = { readonly weight: ParameterPlan; readonly bias: ParameterPlan };

/**
 * Plans a {@link layerNorm}.
 *
 * @param shape Sizes of the last axes, over which it runs; a number stands for the last alone.
 */
export function layerNormParameters(shape: number | readonly number[]): LayerNormParameters {
  const sizes = typeof shape === 'number' ? [shape] : shape;
  return { weight: planned(sizes, ones()), bias: planned(sizes, zeros()) };
}

/** Layer normalisation (Ba et al. 2016) over the last axes, as many as the weight has. */
export function layerNorm(
  { weight, bias }: Parameters<LayerNormParameters>,
  x: Tensor,
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): Tensor {
  return layerNormalization(x, weight, bias, { axis: x.shape.length - weight.shape.length, epsilon });
}
