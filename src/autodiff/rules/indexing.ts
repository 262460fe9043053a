import { usageError } from '../../core/errors.ts';
import { applyOne } from '../../graph/operator.ts';
import { add, cast, less, where } from '../../graph/operators/elementwise.ts';
import {
  gatherElements,
  gatherNd,
  indexing,
  scatterElements,
  scatterNd,
} from '../../graph/operators/indexing.ts';
import {
  concat,
  countTo,
  expand,
  full,
  reshape,
  shapeTensor,
  transpose,
  unsqueeze,
} from '../../graph/operators/movement.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, noGradient, type RuleNode, reshapeLike } from '../gradientRule.ts';

export const indexingGradients: Readonly<Record<string, GradientRule>> = {
  Gather: gathered,
  GatherElements: (g, { inputs: [x, indices], attributes: { axis = 0 } }) => [
    scatterElements(zerosLike(x), indices, g, { axis: Number(axis), reduction: 'add' }),
  ],
  GatherND: (g, { inputs: [x, indices], attributes: { batch_dims = 0 } }) => {
    const full = fullIndices(indices, Number(batch_dims));
    return [scatterNd(zerosLike(x), full, g, { reduction: 'add' })];
  },
  ScatterElements: (g, node) => {
    const [x, indices, updates] = node.inputs;
    const axis = Number(node.attributes.axis ?? 0);
    const read = (from: Tensor) => gatherElements(from, indices, { axis });
    const put = (values: Tensor) => scatterElements(g, indices, values, { axis });
    return scattered(g, node, read, put, zerosLike(updates), x);
  },
  ScatterND: (g, node) => {
    const [x, indices, updates] = node.inputs;
    const read = (from: Tensor) => gatherNd(from, indices);
    const put = (values: Tensor) => scatterNd(g, indices, values);
    return scattered(g, node, read, put, zerosLike(updates), x);
  },
  TopK: (g, { inputs: [x], outputs: [, indices], attributes: { axis = -1 } }) => [
    scatterElements(zerosLike(x), indices, g, { axis: Number(axis) }),
  ],
  Trilu: (g, { inputs: [, k], attributes }) => [applyOne(indexing.Trilu, k ? [g, k] : [g], attributes)],
  OneHot: noGradient,
};

// Rows are added where they came from. The axis goes to the front, so that an index is a row.
function gathered(g: Tensor, { inputs: [x, indices], attributes: { axis: given = 0 } }: RuleNode): Tensor[] {
  const rank = x.shape.length;
  const axis = Number(given) < 0 ? Number(given) + rank : Number(given);
  const width = indices.shape.length;
  const front = Array.from({ length: width }, (_, i) => axis + i);
  const order = g.shape.map((_, i) => i);
  const inFront = axis === 0 ? g : transpose(g, [...front, ...order.filter((i) => !front.includes(i))]);
  const xOrder = [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)];
  const zeros = full(
    xOrder.map((i) => x.shape[i]),
    0,
    x,
  );
  const rows = fromFront(cast(indices, 'int64'), x, axis);
  const summed = scatterNd(zeros, unsqueeze(rows, [-1]), inFront, { reduction: 'add' });
  if (axis === 0) return [summed];
  return [
    transpose(
      summed,
      x.shape.map((_, i) => xOrder.indexOf(i)),
    ),
  ];
}

// Negative indices count from the back, which ScatterND takes, but other runtimes may not.
function fromFront(indices: Tensor, x: Tensor, axis: number): Tensor {
  const size = reshape(shapeTensor([x.shape[axis]], [x]), []);
  return where(less(indices, 0), add(indices, size), indices);
}

/** With the places along the first axes, which `x` and `indices` share, put in front of each index. */
function fullIndices(indices: Tensor, sharedAxes: number): Tensor {
  const each = [...indices.shape.slice(0, -1), 1];
  const places = each.slice(0, sharedAxes).map((size, axis) => {
    const others = each.map((_, i) => i).filter((i) => i !== axis);
    return expand(unsqueeze(countTo(size, indices), others), each, [indices]);
  });
  return concat([...places, indices], -1);
}

/** What was put over hides what was there; what was added leaves it as it is. */
function scattered(
  g: Tensor,
  { attributes: { reduction = 'none' }, operator }: RuleNode,
  read: (from: Tensor) => Tensor,
  put: (values: Tensor) => Tensor,
  zeros: Tensor,
  x: Tensor,
): readonly (Tensor | undefined)[] {
  if (reduction === 'add') return [g, undefined, read(g)];
  if (reduction !== 'none') {
    throw usageError(
      `${operator} with reduction ${reduction} has no gradient rule`,
      "use reduction 'add' or 'none'",
    );
  }
  return [reshapeLike(put(zeros), x), undefined, read(g)];
}

function zerosLike(x: Tensor): Tensor {
  return full(x.shape, 0, x);
}
