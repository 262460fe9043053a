import { applyOne, integers } from '../graph/operator.ts';
import { cast } from '../graph/operators/elementwise.ts';
import { movement, reshape, squeeze } from '../graph/operators/movement.ts';
import { constant, type Tensor } from '../graph/tensor.ts';

/** 0, 1, 2, … along an axis of `x`, as int64, with an axis of size 1 for each of its other axes. */
export function positionsAlong(x: Tensor, axis: number): Tensor {
  const size = x.shape[axis];
  const row = typeof size === 'number' ? integers(Array.from({ length: size }, (_, i) => i)) : range(x, axis);
  return reshape(
    row,
    x.shape.map((one, i) => (i === axis ? one : 1)),
  );
}

function range(x: Tensor, axis: number): Tensor {
  const size = applyOne(movement.Shape, [x], { start: axis, end: axis + 1 });
  const [zero, one] = [0, 1].map((value) => constant(value, 'int64'));
  return applyOne(movement.Range, [zero, squeeze(cast(size, 'int64')), one]);
}
