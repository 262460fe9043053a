import { numbersOf } from './dataType.ts';
import {
  addDimensions,
  type Dimension,
  divideDimensions,
  multiplyDimensions,
  sizeOfShape,
  subtractDimensions,
} from './dimension.ts';
import { constantOperator, type Node, type Tensor } from './tensor.ts';

/**
 * What is known of a tensor of whole numbers before the graph runs: its elements as dimensions. Graphs compute shapes
 * by nodes (`Shape`, `Gather`, `Concat`, …) and hand them to `Reshape` and its like, whose own shapes hang on them.
 *
 * @returns `undefined` where an element cannot be known.
 */
export function shapeValuesOf(tensor: Tensor): readonly Dimension[] | undefined {
  if ((tensor.dtype !== 'int64' && tensor.dtype !== 'int32') || tensor.shape.length > 1) return undefined;
  const known = cache.get(tensor);
  if (known) return known.values;
  const { node } = tensor;
  const values = rules[node.operator]?.(node);
  cache.set(tensor, { values });
  return values;
}

/** Like {@link shapeValuesOf}, but only if all elements are numbers. */
export function integersOf(tensor: Tensor): readonly number[] | undefined {
  const values = shapeValuesOf(tensor);
  return values?.every((value) => typeof value === 'number') ? (values as readonly number[]) : undefined;
}

const cache = new WeakMap<Tensor, { values: readonly Dimension[] | undefined }>();

// No shape is longer.
const longest = 64;

type ShapeRule = (node: Node) => readonly Dimension[] | undefined;

const rules: Readonly<Record<string, ShapeRule>> = {
  [constantOperator]: ({ value }) =>
    value && value.data.length <= longest ? [...numbersOf(value)] : undefined,
  Shape: ({ inputs, attributes }) => {
    const shape = inputs[0]?.shape;
    const { start, end } = attributes;
    return shape?.slice(typeof start === 'number' ? start : 0, typeof end === 'number' ? end : undefined);
  },
  Size: ({ inputs }) => inputs[0] && [sizeOfShape(inputs[0].shape)],
  Identity: same,
  Cast: same,
  Squeeze: same,
  Unsqueeze: same,
  Reshape: same,
  Add: pairwise(addDimensions),
  Sub: pairwise(subtractDimensions),
  Mul: pairwise(multiplyDimensions),
  Div: pairwise(divideDimensions),
  Concat: ({ inputs }) => {
    const parts = inputs.map((part) => part && shapeValuesOf(part));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  },
  Gather: ({ inputs: [data, indices] }) => {
    const values = data && shapeValuesOf(data);
    const picked = indices && integersOf(indices);
    return values && picked && data.shape.length === 1 ? picked.map((i) => values.at(i) ?? 0) : undefined;
  },
  Slice: ({ inputs: [data, starts, ends, axes, steps] }) => {
    const values = data && shapeValuesOf(data);
    const [from] = (starts && integersOf(starts)) ?? [];
    const [to] = (ends && integersOf(ends)) ?? [];
    const [axis] = axes ? (integersOf(axes) ?? []) : [0];
    const [step] = steps ? (integersOf(steps) ?? []) : [1];
    if (!values || from === undefined || to === undefined || axis !== 0 || step !== 1) return undefined;
    return values.slice(from, to);
  },
};

function same({ inputs }: Node): readonly Dimension[] | undefined {
  return inputs[0] && shapeValuesOf(inputs[0]);
}

function pairwise(combine: (a: Dimension, b: Dimension) => Dimension): ShapeRule {
  return ({ inputs: [left, right] }) => {
    const a = left && shapeValuesOf(left);
    const b = right && shapeValuesOf(right);
    if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
    const size = a.length === 0 || b.length === 0 ? 0 : Math.max(a.length, b.length);
    const values = Array.from({ length: size }, (_, i) => combine(a[i % a.length], b[i % b.length]));
    // Beyond 2^53 these are bits of random numbers, not sizes.
    return values.every((value) => typeof value === 'string' || Number.isSafeInteger(value))
      ? values
      : undefined;
  };
}
