import type { Dimension, Shape } from './dimension.ts';
import { callError, type OperatorCall } from './operator.ts';

/**
 * The shape that operands meet in: aligned at the last axis, sizes equal or 1.
 *
 * @throws TrainyardError of kind `usage` where sizes differ; a name and a number, or two names, count as different.
 */
export function broadcastShapes(call: OperatorCall, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size: Dimension = 1;
    for (const shape of shapes) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1) {
        throw callError(
          call,
          `sizes ${size} and ${own} of axis ${axis - rank} differ`,
          'sizes must be equal or 1, counted from the last axis',
        );
      }
      size = own;
    }
    return size;
  });
}
