import type { DataType } from '../../graph/dataType.ts';
import type { Dimension } from '../../graph/dimension.ts';
import { cast, equal } from '../../graph/operators/elementwise.ts';
import { gemm } from '../../graph/operators/linearAlgebra.ts';
import { countTo, reshape, shapeTensor, transpose, unsqueeze } from '../../graph/operators/movement.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 * The cotangent of an operator that maps one axis linearly, all others apart: by the transpose of its matrix, which is
 * what the operator makes of the identity matrix.
 *
 * @param g Cotangent of the result.
 * @param size Of the axis before the map.
 * @param source Has an axis of that size.
 * @param map Applies the operator to the last axis of a matrix.
 */
export function transposedAlong(
  g: Tensor,
  axis: number,
  size: Dimension,
  source: Tensor,
  map: (identity: Tensor) => Tensor,
): Tensor {
  const matrix = map(identityMatrix(size, source, g.dtype));
  const last = g.shape.length - 1;
  const swap = g.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const swapped = axis === last ? g : transpose(g, swap);
  // One tall matrix: ONNX Runtime cannot broadcast over an empty batch.
  const rows = reshape(swapped, [-1, g.shape[axis]]);
  const shape = shapeTensor(swapped.shape.with(last, size), [source, swapped]);
  const back = reshape(gemm(rows, matrix, undefined, { transB: true }), shape);
  return axis === last ? back : transpose(back, swap);
}

/** @param source Has an axis of that size. */
export function identityMatrix(size: Dimension, source: Tensor, dtype: DataType): Tensor {
  const places = countTo(size, source);
  return cast(equal(unsqueeze(places, [1]), unsqueeze(places, [0])), dtype);
}
