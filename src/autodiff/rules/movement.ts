import { concat, full, reshape, shapeTensor, splitInto, transpose } from '../../graph/operators/movement.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { integersOf } from '../../graph/shapeValues.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, noGradient, type RuleNode, reshapeLike, sumTo } from '../gradientRule.ts';

export const movementGradients: Readonly<Record<string, GradientRule>> = {
  Reshape: (g, { inputs: [x] }) => [reshapeLike(g, x)],
  Flatten: (g, { inputs: [x] }) => [reshapeLike(g, x)],
  Squeeze: (g, { inputs: [x] }) => [reshapeLike(g, x)],
  Unsqueeze: (g, { inputs: [x] }) => [reshapeLike(g, x)],
  Transpose: (g, { inputs: [x], attributes: { perm } }) => {
    const order =
      (perm as readonly number[] | undefined) ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
    return [
      transpose(
        g,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  Expand: (g, { inputs: [x] }) => [sumTo(x, g)],
  Tile: tiled,
  Concat: concatenated,
  Split: (_, { outputs, attributes: { axis = 0 } }, all) => [
    concat(
      outputs.map((part, i) => all[i] ?? full(part.shape, 0, part)),
      Number(axis),
    ),
  ],
  Shape: noGradient,
  Size: noGradient,
  ConstantOfShape: noGradient,
  Range: noGradient,
};

// Each axis in two, repeats and what is repeated; the cotangents of the repeats add up.
function tiled(g: Tensor, { inputs: [x, repeats] }: RuleNode): Tensor[] {
  const counts = integersOf(repeats) ?? [];
  const parted = reshape(
    g,
    shapeTensor(
      x.shape.flatMap((size, axis) => [counts[axis], size]),
      [x],
    ),
  );
  return [reduceSum(parted, { axes: x.shape.map((_, axis) => 2 * axis) })];
}

function concatenated(g: Tensor, { inputs, attributes }: RuleNode): readonly Tensor[] {
  const axis = Number(attributes.axis ?? 0);
  const sizes = inputs.map((x) => shapeTensor([x.shape.at(axis) ?? 0], [x]));
  return splitInto(g, concat(sizes, 0), axis);
}
