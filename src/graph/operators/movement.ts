import { broadcastShapes } from '../broadcast.ts';
import type { TensorData } from '../dataType.ts';
import {
  addDimensions,
  type Dimension,
  divideDimensions,
  multiplyDimensions,
  type Shape,
  sizeOfShape,
  subtractDimensions,
} from '../dimension.ts';
import {
  apply,
  applyOne,
  axisOf,
  callError,
  commonDataType,
  inputOf,
  integers,
  numberOf,
  numbersAttribute,
  type OperatorCall,
  operatorFamily,
} from '../operator.ts';
import { integersOf, shapeValuesOf } from '../shapeValues.ts';
import { constant, type Tensor, type TensorType } from '../tensor.ts';

/** Other shapes and orders of the same elements. */
export const movement = operatorFamily({
  Shape: {
    inputs: [1, 1],
    attributes: { start: 'int', end: 'int' },
    infer: (call) => [
      {
        dtype: 'int64',
        shape: [
          inputOf(call, 0).shape.slice(
            numberOf(call, 'start', 0),
            numberOf(call, 'end', Number.MAX_SAFE_INTEGER),
          ).length,
        ],
      },
    ],
  },
  Size: { inputs: [1, 1], infer: () => [{ dtype: 'int64', shape: [] }] },
  ConstantOfShape: { inputs: [1, 1], attributes: { value: 'tensor' }, infer: constantOfShape },
  Reshape: { inputs: [2, 2], attributes: { allowzero: 'int' }, infer: reshapeTypes },
  Flatten: { inputs: [1, 1], attributes: { axis: 'int' }, infer: flattenTypes },
  Squeeze: { inputs: [1, 2], infer: squeezeTypes },
  Unsqueeze: { inputs: [2, 2], infer: unsqueezeTypes },
  Transpose: { inputs: [1, 1], attributes: { perm: 'ints' }, infer: transposeTypes },
  Expand: { inputs: [2, 2], infer: expandTypes },
  Tile: { inputs: [2, 2], infer: tileTypes },
  Concat: { inputs: [1, Number.POSITIVE_INFINITY], attributes: { axis: 'int' }, infer: concatTypes },
  Split: { inputs: [1, 2], attributes: { axis: 'int', num_outputs: 'int' }, infer: splitTypes },
  Slice: { inputs: [3, 5], infer: sliceTypes },
  Pad: { inputs: [2, 4], attributes: { mode: 'string' }, infer: padTypes },
  Range: { inputs: [3, 3], infer: rangeTypes },
});

/** The sizes of a tensor's axes when the graph runs, as int64. */
export function shapeOf(x: Tensor): Tensor {
  return applyOne(movement.Shape, [x]);
}

/**
 * The same elements in another shape.
 *
 * @param shape Numbers and names; one size may be -1 and is worked out. A tensor of int64 is taken as it is.
 */
export function reshape(x: Tensor, shape: Shape | Tensor): Tensor {
  if ('node' in shape) return applyOne(movement.Reshape, [x, shape], { allowzero: 1 });
  const named = shape.filter((size) => typeof size === 'string');
  const allButOne = named.length === 1 && !shape.includes(-1);
  const target = allButOne
    ? integers(shape.map((size) => (typeof size === 'string' ? -1 : size)))
    : shapeTensor(shape, [x]);
  // With a size of 0 no axis can be worked out.
  const safe = allButOne && shape.includes(0) ? shapeTensor(shape, [x]) : target;
  return applyOne(movement.Reshape, [x, safe], { allowzero: 1 });
}

/**
 * A shape as the int64 tensor that ONNX takes: names are read off tensors that have such an axis.
 *
 * @param sources Tensors to look for names in.
 * @internal
 */
export function shapeTensor(shape: Shape, sources: readonly Tensor[]): Tensor {
  if (shape.every((size) => typeof size === 'number')) return integers(shape);
  const whole = sources.find((source) => String(source.shape) === String(shape));
  if (whole) return shapeOf(whole);
  const parts = shape.map((size) =>
    typeof size === 'number' ? integers([size]) : sizeTensor(size, sources),
  );
  return concat(parts, 0);
}

/** `x` with the axes from `axis` on, and those before it, made one each: a matrix. */
export function flatten(x: Tensor, { axis = 1 }: { axis?: number } = {}): Tensor {
  return applyOne(movement.Flatten, [x], { axis });
}

/** `x` without axes of size 1; all of them unless some are named. */
export function squeeze(x: Tensor, axes?: readonly number[]): Tensor {
  return applyOne(movement.Squeeze, axes ? [x, integers(axes)] : [x]);
}

/** `x` with axes of size 1 put in, at these places of the result. */
export function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  return applyOne(movement.Unsqueeze, [x, integers(axes)]);
}

/** Axes in another order; reversed unless told. */
export function transpose(x: Tensor, perm?: readonly number[]): Tensor {
  return applyOne(movement.Transpose, [x], perm ? { perm } : {});
}

/** `x` repeated along axes of size 1 until it has the shape, as broadcasting does. */
export function expand(x: Tensor, shape: Shape | Tensor, sources: readonly Tensor[] = [x]): Tensor {
  return applyOne(movement.Expand, [x, 'node' in shape ? shape : shapeTensor(shape, sources)]);
}

/** `x` repeated as a whole, so many times along each axis. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  return applyOne(movement.Tile, [x, integers(repeats)]);
}

/** Tensors one after the other along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return applyOne(movement.Concat, tensors, { axis });
}

/** The parts of `x` along an axis: so many of equal size, or of the sizes given. */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): readonly Tensor[] {
  return typeof parts === 'number'
    ? apply(movement.Split, [x], { axis, num_outputs: parts })
    : apply(movement.Split, [x, integers(parts)], { axis });
}

/**
 * The parts of `x` along an axis, of sizes that only running tells.
 *
 * @internal
 */
export function splitInto(x: Tensor, sizes: Tensor, axis: number): readonly Tensor[] {
  return apply(movement.Split, [x, sizes], { axis });
}

/**
 * Part of `x`, as in numpy: along each axis named from `starts` up to, not including, `ends`.
 *
 * @param axes Default: the first ones.
 */
export function slice(
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, axis) => axis),
  steps?: readonly number[],
): Tensor {
  const inputs = [x, integers(starts), integers(ends), integers(axes)];
  return applyOne(movement.Slice, steps ? [...inputs, integers(steps)] : inputs);
}

/**
 * The front of `x` along every axis, up to the sizes of a tensor of as many axes.
 *
 * @internal
 */
export function cutLike(x: Tensor, like: Tensor): Tensor {
  if (String(x.shape) === String(like.shape)) return x;
  const starts = integers(x.shape.map(() => 0));
  return applyOne(movement.Slice, [x, starts, shapeTensor(like.shape, [like])]);
}

/** How {@link pad} fills. */
export type PadMode = 'constant' | 'reflect' | 'edge' | 'wrap';

/**
 * `x` with a border.
 *
 * @param before Elements put in front along each axis; negative ones are cut off.
 * @param after Elements put behind. @defaultValue `before`
 */
export function pad(
  x: Tensor,
  before: readonly number[],
  after: readonly number[] = before,
  { mode = 'constant', value = 0 }: { mode?: PadMode; value?: number } = {},
): Tensor {
  const pads = integers([...before, ...after]);
  return applyOne(movement.Pad, mode === 'constant' ? [x, pads, constant(value, x.dtype)] : [x, pads], {
    mode,
  });
}

/**
 * 0, 1, … up to, not including, a size, as int64.
 *
 * @param source Has an axis of that size.
 * @internal
 */
export function countTo(size: Dimension, source: Tensor): Tensor {
  const scalar = (value: number) =>
    constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) });
  const limit = typeof size === 'number' ? scalar(size) : reshape(shapeTensor([size], [source]), []);
  return applyOne(movement.Range, [scalar(0), limit, scalar(1)]);
}

/** A tensor of one number all over. */
export function full(shape: Shape, value: number, like: Tensor): Tensor {
  return expand(constant(value, like.dtype), shape, [like]);
}

function sizeTensor(size: string, sources: readonly Tensor[]): Tensor {
  for (const source of sources) {
    const axis = source.shape.indexOf(size);
    if (axis >= 0) return applyOne(movement.Shape, [source], { start: axis, end: axis + 1 });
  }
  const call: OperatorCall = { operator: 'Shape', inputs: sources, attributes: {} };
  throw callError(call, `no tensor has an axis of size ${size}`, 'name a tensor that has one');
}

function reshapeTypes(call: OperatorCall): TensorType[] {
  const x = inputOf(call, 0);
  const target = inputOf(call, 1);
  const values = shapeValuesOf(target);
  if (!values) return [{ dtype: x.dtype, shape: unknownShape(call, target) }];
  const keepsZero = numberOf(call, 'allowzero', 0) === 0;
  const shape = values.map((size, axis) => (size === 0 && keepsZero ? x.shape[axis] : size));
  const total = sizeOfShape(x.shape);
  const open = shape.indexOf(-1);
  const rest = sizeOfShape(shape.filter((_, axis) => axis !== open));
  if (open < 0) {
    if (sizeOfShape(shape) !== total) throw callError(call, `[${shape.join(', ')}] has not as many elements`);
    return [{ dtype: x.dtype, shape }];
  }
  if (shape.lastIndexOf(-1) !== open) throw callError(call, `more than one -1 in [${shape.join(', ')}]`);
  const divides = typeof total === 'number' && typeof rest === 'number' ? total % rest === 0 : true;
  if (!divides || rest === 0) throw callError(call, `${total} elements do not fill [${shape.join(', ')}]`);
  return [{ dtype: x.dtype, shape: shape.with(open, divideDimensions(total, rest)) }];
}

function flattenTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const given = numberOf(call, 'axis', 1);
  const axis = given === shape.length ? given : axisOf(call, given, shape.length);
  return [{ dtype, shape: [sizeOfShape(shape.slice(0, axis)), sizeOfShape(shape.slice(axis))] }];
}

function squeezeTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const given = call.inputs[1];
  const axes = given
    ? knownIntegers(call, 1).map((axis) => axisOf(call, axis, shape.length))
    : shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const wrong = axes.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) throw callError(call, `axis ${wrong} has size ${shape[wrong]}, not 1`);
  return [{ dtype, shape: shape.filter((_, axis) => !axes.includes(axis)) }];
}

function unsqueezeTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const axes = knownIntegers(call, 1);
  const rank = shape.length + axes.length;
  const places = new Set(axes.map((axis) => axisOf(call, axis, rank)));
  if (places.size < axes.length) throw callError(call, `an axis is given twice: ${axes.join(', ')}`);
  const sizes = [...shape];
  return [
    {
      dtype,
      shape: Array.from({ length: rank }, (_, axis) => (places.has(axis) ? 1 : (sizes.shift() ?? 1))),
    },
  ];
}

function transposeTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const perm = numbersAttribute(call, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  const valid = perm.length === shape.length && shape.every((_, axis) => perm.includes(axis));
  if (!valid) throw callError(call, `[${perm.join(', ')}] is no order of ${shape.length} axes`);
  return [{ dtype, shape: perm.map((axis) => shape[axis]) }];
}

function expandTypes(call: OperatorCall): TensorType[] {
  const x = inputOf(call, 0);
  const target = inputOf(call, 1);
  const shape = shapeValuesOf(target) ?? unknownShape(call, target);
  return [{ dtype: x.dtype, shape: broadcastShapes(call, [x.shape, shape]) }];
}

function tileTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const repeats = shapeValuesOf(inputOf(call, 1)) ?? unknownShape(call, inputOf(call, 1));
  if (repeats.length !== shape.length) {
    throw callError(call, `${repeats.length} repeats for ${shape.length} axes`);
  }
  return [{ dtype, shape: shape.map((size, axis) => multiplyDimensions(size, repeats[axis])) }];
}

function concatTypes(call: OperatorCall): TensorType[] {
  const first = inputOf(call, 0);
  const dtype = commonDataType(call);
  const axis = axisOf(call, numberOf(call, 'axis', 0), first.shape.length);
  let size: Dimension = 0;
  for (const [i] of call.inputs.entries()) {
    const { shape } = inputOf(call, i);
    const fits =
      shape.length === first.shape.length && shape.every((s, a) => a === axis || s === first.shape[a]);
    if (!fits) throw callError(call, `input ${i} differs in another axis than ${axis}`);
    size = addDimensions(size, shape[axis]);
  }
  return [{ dtype, shape: first.shape.with(axis, size) }];
}

function splitTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const axis = axisOf(call, numberOf(call, 'axis', 0), shape.length);
  const size = shape[axis];
  if (call.inputs[1]) {
    const parts = shapeValuesOf(call.inputs[1]) ?? unknownShape(call, call.inputs[1]);
    const total = parts.reduce(addDimensions, 0);
    if (typeof total === 'number' && typeof size === 'number' && total !== size) {
      throw callError(call, `parts of ${parts.join(' + ')} do not make ${size}`);
    }
    return parts.map((part) => ({ dtype, shape: shape.with(axis, part) }));
  }
  const count = numberOf(call, 'num_outputs', 0);
  if (!(Number.isInteger(count) && count > 0))
    throw callError(call, 'neither parts nor num_outputs is given');
  if (typeof size !== 'number') {
    return Array.from({ length: count }, () => ({
      dtype,
      shape: shape.with(axis, divideDimensions(size, count)),
    }));
  }
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, i) => ({
    dtype,
    shape: shape.with(axis, Math.max(0, Math.min(part, size - i * part))),
  }));
}

function sliceTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const [starts, ends] = [shapeValuesOf(inputOf(call, 1)), shapeValuesOf(inputOf(call, 2))];
  const axes = slicedAxes(call);
  const steps = call.inputs[4] ? knownIntegers(call, 4) : axes.map(() => 1);
  const sizes = [...shape];
  for (const [i, axis] of axes.entries()) {
    if (steps[i] === 0) throw callError(call, 'a step of 0');
    sizes[axis] = sliceSize(shape[axis], starts?.[i], ends?.[i], steps[i]) ?? unknownSize(call, axis);
  }
  return [{ dtype, shape: sizes }];
}

function sliceSize(
  size: Dimension,
  start: Dimension | undefined,
  end: Dimension | undefined,
  step: number,
): Dimension | undefined {
  if (typeof size === 'number' && typeof start === 'number' && typeof end === 'number') {
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const bound = (at: number) => Math.min(high, Math.max(low, at < 0 ? at + size : at));
    return Math.max(0, Math.ceil((bound(end) - bound(start)) / step));
  }
  if (start === undefined || end === undefined) return undefined;
  const [low, high] = step > 0 ? [0, size] : [-1, addDimensions(size, -1)];
  const counted = (at: Dimension) => {
    if (typeof at !== 'number') return at;
    if (Math.abs(at) >= 2 ** 31 - 1) return at < 0 ? low : high;
    return at < 0 ? addDimensions(size, at) : at;
  };
  const length = multiplyDimensions(Math.sign(step), subtractDimensions(counted(end), counted(start)));
  return divideDimensions(addDimensions(length, Math.abs(step) - 1), Math.abs(step));
}

function padTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const { before, after } = padsOfAxes(call);
  const sizes = shape.map((size, axis) => addDimensions(size, before[axis] + after[axis]));
  const empty = sizes.findIndex((size) => Number(size) < 0);
  if (empty >= 0) throw callError(call, `nothing is left of axis ${empty}`);
  return [{ dtype, shape: sizes }];
}

/**
 * How many elements a Pad node puts in front of each axis and behind it.
 *
 * @internal
 */
export function padsOfAxes(call: OperatorCall): {
  readonly before: readonly number[];
  readonly after: readonly number[];
} {
  const { shape } = inputOf(call, 0);
  const pads = knownIntegers(call, 1);
  const axes = call.inputs[3] ? knownIntegers(call, 3) : shape.map((_, axis) => axis);
  if (pads.length !== 2 * axes.length) {
    throw callError(call, `${pads.length} pads for ${axes.length} axes; expected two an axis`);
  }
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  for (const [i, given] of axes.entries()) {
    const axis = axisOf(call, given, shape.length);
    before[axis] = pads[i];
    after[axis] = pads[i + axes.length];
  }
  return { before, after };
}

/**
 * The axes that a Slice node cuts, counted from the front, in its order.
 *
 * @internal
 */
export function slicedAxes(call: OperatorCall): readonly number[] {
  const { shape } = inputOf(call, 0);
  const axes = call.inputs[3]
    ? knownIntegers(call, 3)
    : Array.from({ length: Number(inputOf(call, 1).shape[0]) }, (_, axis) => axis);
  return axes.map((axis) => axisOf(call, axis, shape.length));
}

function constantOfShape(call: OperatorCall): TensorType[] {
  const value = call.attributes.value as TensorData | undefined;
  const target = inputOf(call, 0);
  return [{ dtype: value?.dtype ?? 'float32', shape: shapeValuesOf(target) ?? unknownShape(call, target) }];
}

function rangeTypes(call: OperatorCall): TensorType[] {
  const dtype = commonDataType(call);
  const [start, limit, delta] = [0, 1, 2].map((i) => shapeValuesOf(inputOf(call, i))?.[0]);
  if (start === undefined || limit === undefined || delta !== 1)
    return [{ dtype, shape: [unknownSize(call, 0)] }];
  return [{ dtype, shape: [subtractDimensions(limit, start)] }];
}

function knownIntegers(call: OperatorCall, index: number): readonly number[] {
  const values = integersOf(inputOf(call, index));
  if (values) return values;
  throw callError(call, `input ${index} is not known before the graph runs`, 'give it as a constant');
}

// Sizes that only running tells get a name of their own.
function unknownShape(call: OperatorCall, target: Tensor): Shape {
  const rank = target.shape[0];
  if (typeof rank !== 'number')
    throw callError(call, 'the number of axes is not known before the graph runs');
  return Array.from({ length: rank }, (_, axis) => unknownSize(call, axis));
}

let unknownSizes = 0;

/**
 * A name of its own for a size that only running tells.
 *
 * @internal
 */
export function unknownSize(call: OperatorCall, axis: number): string {
  return `${call.operator.toLowerCase()}_${unknownSizes++}_${axis}`;
}
