import { gather } from '../../graph/operators/indexing.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type Initialiser, normal } from '../initialisers.ts';
import { type ParameterPlan, type Parameters, planned } from '../parameters.ts';

/** Parameters of {@link embedding}. */
export type EmbeddingParameters = {
  /** `[count, size]` */
  readonly weight: ParameterPlan;
};

/** Plans an {@link embedding} of `count` things by vectors of some size. */
export function embeddingParameters(
  count: number,
  size: number,
  { initialiser = normal({ deviation: 1 }) }: { initialiser?: Initialiser } = {},
): EmbeddingParameters {
  return { weight: planned([count, size], initialiser) };
}

/**
 * The vector of each index.
 *
 * @param indices int64 of any shape, 0 to `count - 1`.
 * @returns `[...shape of indices, size]`
 */
export function embedding({ weight }: Parameters<EmbeddingParameters>, indices: Tensor): Tensor {
  return gather(weight, indices);
}
