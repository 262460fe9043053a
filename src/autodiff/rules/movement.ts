import { usageError } from '../../core/errors.ts';
import { addDimensions, subtractDimensions } from '../../graph/dimension.ts';
import { applyOne, integers } from '../../graph/operator.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { gather } from '../../graph/operators/indexing.ts';
import {
  concat,
  countTo,
  full,
  movement,
  type PadMode,
  pad,
  padsOfAxes,
  reshape,
  shapeTensor,
  slice,
  slicedAxes,
  splitInto,
  transpose,
} from '../../graph/operators/movement.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { integersOf, shapeValuesOf } from '../../graph/shapeValues.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, noGradient, type RuleNode, reshapeLike, sumTo } from '../gradientRule.ts';
import { transposedAlong } from './alongAxis.ts';
import { indexingGradients } from './indexing.ts';

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
  Slice: sliced,
  Pad: bordered,
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
  if (!shapeValuesOf(repeats)) {
    throw usageError('Tile by repeats that are not known before the graph runs has no gradient');
  }
  const counts = integersOf(repeats);
  const sizes = x.shape.flatMap((size, axis) => [
    counts ? integers([counts[axis]]) : slice(repeats, [axis], [axis + 1]),
    shapeTensor([size], [x]),
  ]);
  if (sizes.length === 0) return [g];
  return [reduceSum(reshape(g, concat(sizes, 0)), { axes: x.shape.map((_, axis) => 2 * axis) })];
}

// Zeros where nothing was taken. Steps, and cuts whose distance from the border only running tells, go by index.
function sliced(g: Tensor, node: RuleNode): Tensor[] {
  const [x, starts, ends, , steps] = node.inputs;
  const axes = slicedAxes(node);
  const border = bordersOf(g, node, axes);
  if (border) return [pad(g, border.before, border.after)];
  const pick = (list: Tensor, i: number) => slice(list, [i], [i + 1]);
  const indices = axes.map((axis, i) => {
    const cut = [pick(starts, i), pick(ends, i), integers([0]), ...(steps ? [pick(steps, i)] : [])];
    const taken = applyOne(movement.Slice, [countTo(x.shape[axis], x), ...cut]);
    // All of it; but of the size that is named so in g.
    return applyOne(movement.Slice, [taken, integers([0]), shapeTensor([g.shape[axis]], [g])]);
  });
  // As if it had been gathered along one axis after the other.
  const sources = [x];
  for (const [i, axis] of axes.entries()) sources.push(gather(sources[i], indices[i], { axis }));
  const gathered = axes.reduceRight((cotangent, axis, i) => {
    const [back] = indexingGradients.Gather(
      cotangent,
      { ...node, inputs: [sources[i], indices[i]], attributes: { axis } },
      [],
    );
    return back ?? cotangent;
  }, g);
  return [gathered];
}

/** How much a Slice node left out in front and behind, if it took all in between and that is known now. */
function bordersOf(
  g: Tensor,
  { inputs: [x, starts, , , steps] }: RuleNode,
  axes: readonly number[],
): { readonly before: readonly number[]; readonly after: readonly number[] } | undefined {
  const from = shapeValuesOf(starts);
  if (steps && !integersOf(steps)?.every((step) => step === 1)) return undefined;
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  for (const [i, axis] of axes.entries()) {
    const size = x.shape[axis];
    const start = from?.[i];
    if (typeof start !== 'number') return undefined;
    const first = start < 0 ? addDimensions(size, start) : start;
    const front = typeof size === 'number' ? Math.min(Math.max(Number(first), 0), size) : first;
    const back = subtractDimensions(subtractDimensions(size, front), g.shape[axis]);
    if (typeof front !== 'number' || typeof back !== 'number') return undefined;
    before[axis] = front;
    after[axis] = back;
  }
  return { before, after };
}

// What was put around is cut off, and the other way round. Borders made of the tensor's own elements give their
// cotangents back to them.
function bordered(g: Tensor, node: RuleNode): (Tensor | undefined)[] {
  const [x, , value] = node.inputs;
  const { before, after } = padsOfAxes(node);
  const mode = (node.attributes.mode ?? 'constant') as PadMode;
  if (mode === 'constant') {
    const inside = pad(
      g,
      before.map((size) => -size),
      after.map((size) => -size),
    );
    const outside = pad(full(x.shape, 0, x), before, after, { value: 1 });
    return [inside, undefined, value && reshapeLike(reduceSum(mul(g, outside)), value)];
  }
  const back = x.shape.reduce(
    (cotangent, size, axis) =>
      before[axis] === 0 && after[axis] === 0
        ? cotangent
        : transposedAlong(cotangent, axis, size, x, (identity) =>
            pad(identity, [0, before[axis]], [0, after[axis]], { mode }),
          ),
    g,
  );
  return [back];
}

function concatenated(g: Tensor, { inputs, attributes }: RuleNode): readonly Tensor[] {
  const axis = Number(attributes.axis ?? 0);
  const sizes = inputs.map((x) => shapeTensor([x.shape.at(axis) ?? 0], [x]));
  return splitInto(g, concat(sizes, 0), axis);
}
