import type { DataType } from '../dataType.ts';
import { multiplyDimensions, type Shape } from '../dimension.ts';
import {
  apply,
  applyOne,
  axisOf,
  callError,
  inputOf,
  integers,
  numberOf,
  type OperatorCall,
  operatorFamily,
  textOf,
} from '../operator.ts';
import { shapeValuesOf } from '../shapeValues.ts';
import { constant, type Tensor, type TensorType } from '../tensor.ts';

/** Elements picked and put by index. */
export const indexing = operatorFamily({
  Gather: { inputs: [2, 2], attributes: { axis: 'int' }, infer: gatherTypes },
  GatherElements: { inputs: [2, 2], attributes: { axis: 'int' }, infer: gatherElementsTypes },
  GatherND: { inputs: [2, 2], attributes: { batch_dims: 'int' }, infer: gatherNdTypes },
  ScatterElements: { inputs: [3, 3], attributes: { axis: 'int', reduction: 'string' }, infer: scatterTypes },
  ScatterND: { inputs: [3, 3], attributes: { reduction: 'string' }, infer: scatterTypes },
  TopK: { inputs: [2, 2], attributes: { axis: 'int', largest: 'int', sorted: 'int' }, infer: topKTypes },
  OneHot: { inputs: [3, 3], attributes: { axis: 'int' }, infer: oneHotTypes },
  Trilu: { inputs: [1, 2], attributes: { upper: 'int' }, infer: (call) => [inputOf(call, 0)] },
});

/** What {@link scatterElements} does where something is already. */
export type ScatterReduction = 'none' | 'add' | 'mul' | 'max' | 'min';

/**
 * Slices of `x` along an axis, by index: rows of an embedding table.
 *
 * @param indices int64 of any shape, which takes the place of the axis. Negative ones count from the back.
 */
export function gather(x: Tensor, indices: Tensor, { axis = 0 }: { axis?: number } = {}): Tensor {
  return applyOne(indexing.Gather, [x, indices], { axis });
}

/** For each place of `indices` the element of `x` at that index along an axis. */
export function gatherElements(x: Tensor, indices: Tensor, { axis = 0 }: { axis?: number } = {}): Tensor {
  return applyOne(indexing.GatherElements, [x, indices], { axis });
}

/** Elements or slices of `x` by full index: the last axis of `indices` runs over the first axes of `x`. */
export function gatherNd(x: Tensor, indices: Tensor): Tensor {
  return applyOne(indexing.GatherND, [x, indices]);
}

/** `x` with `updates` put, or added, at indices along an axis: the opposite of {@link gatherElements}. */
export function scatterElements(
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  { axis = 0, reduction = 'none' }: { axis?: number; reduction?: ScatterReduction } = {},
): Tensor {
  return applyOne(indexing.ScatterElements, [x, indices, updates], { axis, reduction });
}

/** `x` with `updates` put, or added, at full indices: the opposite of {@link gatherNd}. */
export function scatterNd(
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  { reduction = 'none' }: { reduction?: ScatterReduction } = {},
): Tensor {
  return applyOne(indexing.ScatterND, [x, indices, updates], { reduction });
}

/**
 * The `k` largest along an axis, in order, and where they are (int64).
 *
 * @param x Of at least one element: ONNX Runtime 1.30 divides by their number and ends the process.
 */
export function topK(
  x: Tensor,
  k: number,
  { axis = -1, largest = true }: { axis?: number; largest?: boolean } = {},
): { readonly values: Tensor; readonly indices: Tensor } {
  const [values, indices] = apply(indexing.TopK, [x, integers([k])], { axis, largest: Number(largest) });
  return { values, indices };
}

/** A new last axis (or `axis`) with 1 at the index and 0 elsewhere. */
export function oneHot(
  indices: Tensor,
  depth: number,
  { axis = -1, dtype = 'float32' }: { axis?: number; dtype?: DataType } = {},
): Tensor {
  return applyOne(indexing.OneHot, [indices, integers([depth]), constant([0, 1], dtype)], { axis });
}

function assertIndices(call: OperatorCall): Tensor {
  const indices = inputOf(call, 1);
  if (indices.dtype !== 'int64' && indices.dtype !== 'int32') {
    throw callError(
      call,
      `indices must be int64, not ${indices.dtype}`,
      "cast first: cast(indices, 'int64')",
    );
  }
  return indices;
}

function gatherTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const axis = axisOf(call, numberOf(call, 'axis', 0), shape.length);
  return [
    { dtype, shape: [...shape.slice(0, axis), ...assertIndices(call).shape, ...shape.slice(axis + 1)] },
  ];
}

function gatherElementsTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const indices = assertIndices(call);
  axisOf(call, numberOf(call, 'axis', 0), shape.length);
  if (indices.shape.length !== shape.length) throw callError(call, 'indices must have as many axes');
  return [{ dtype, shape: indices.shape }];
}

function gatherNdTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const indices = assertIndices(call);
  const shared = numberOf(call, 'batch_dims', 0);
  const depth = indices.shape[indices.shape.length - 1];
  if (typeof depth !== 'number' || shared + depth > shape.length) {
    throw callError(call, `an index of ${depth} numbers is too long`);
  }
  return [{ dtype, shape: [...indices.shape.slice(0, -1), ...shape.slice(shared + depth)] }];
}

function scatterTypes(call: OperatorCall): TensorType[] {
  const [x, updates] = [inputOf(call, 0), inputOf(call, 2)];
  const indices = assertIndices(call);
  const known = ['none', 'add', 'mul', 'max', 'min'];
  const kind = textOf(call, 'reduction', 'none');
  if (!known.includes(kind)) throw callError(call, `unknown reduction ${kind}; expected ${known.join(', ')}`);
  if (x.dtype !== updates.dtype) throw callError(call, 'element types of the tensor and its updates differ');
  const expected: Shape =
    call.operator === 'ScatterND'
      ? [...indices.shape.slice(0, -1), ...x.shape.slice(Number(indices.shape[indices.shape.length - 1]))]
      : indices.shape;
  if (String(updates.shape) !== String(expected)) {
    throw callError(call, `updates must be [${expected.join(', ')}]`);
  }
  if (call.operator === 'ScatterElements') axisOf(call, numberOf(call, 'axis', 0), x.shape.length);
  return [x];
}

function topKTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  const axis = axisOf(call, numberOf(call, 'axis', -1), shape.length);
  const [k] = shapeValuesOf(inputOf(call, 1)) ?? [];
  if (k === undefined) throw callError(call, 'k is not known before the graph runs', 'give it as a constant');
  if (Number(k) < 0 || Number(k) > Number(shape[axis])) {
    throw callError(call, `cannot take ${k} of ${shape[axis]} along axis ${axis}`);
  }
  const kept = shape.with(axis, k);
  return [
    { dtype, shape: kept },
    { dtype: 'int64', shape: kept },
  ];
}

function oneHotTypes(call: OperatorCall): TensorType[] {
  const { shape } = inputOf(call, 0);
  const [depth] = shapeValuesOf(inputOf(call, 1)) ?? [];
  if (depth === undefined) throw callError(call, 'depth is not known before the graph runs');
  const axis = axisOf(call, numberOf(call, 'axis', -1), shape.length + 1);
  return [{ dtype: inputOf(call, 2).dtype, shape: shape.toSpliced(axis, 0, multiplyDimensions(depth, 1)) }];
}
