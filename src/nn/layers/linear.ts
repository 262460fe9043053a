import { add } from '../../graph/operators/elementwise.ts';
import { gemm } from '../../graph/operators/linearAlgebra.ts';
import { reshape, shapeTensor } from '../../graph/operators/movement.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { glorotUniform, type Initialiser, zeros } from '../initialisers.ts';
import { type ParameterPlan, type Parameters, planned } from '../parameters.ts';

/** Options of {@link linearParameters}. */
export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Draws the weight; biases start at 0. Default `glorotUniform()`. */
  readonly initialiser?: Initialiser | undefined;
}

/** Parameters of {@link linear}, in PyTorch's layout. */
export type LinearParameters = {
  /** `[outputs, inputs]` */
  readonly weight: ParameterPlan;
  /** `[outputs]` */
  readonly bias?: ParameterPlan | undefined;
};

/** Plans a {@link linear} layer. */
export function linearParameters(
  inputs: number,
  outputs: number,
  { bias = true, initialiser = glorotUniform() }: LinearOptions = {},
): LinearParameters {
  const weight = planned([outputs, inputs], initialiser);
  return bias ? { weight, bias: planned([outputs], zeros()) } : { weight };
}

/**
 * A dense layer: `x weight' + bias`.
 *
 * @param x `[...any, inputs]`
 * @returns `[...any, outputs]`
 */
export function linear({ weight, bias }: Parameters<LinearParameters>, x: Tensor): Tensor {
  if (x.shape.length === 2) return gemm(x, weight, bias, { transB: true });
  const [outputs, inputs] = weight.shape;
  const rows = gemm(reshape(x, [-1, inputs]), weight, undefined, { transB: true });
  const y = reshape(rows, shapeTensor([...x.shape.slice(0, -1), outputs], [x]));
  return bias ? add(y, bias) : y;
}
