import {
  dataTypes,
  numbersOf,
  sizeOf,
  type TensorArray,
  type TensorData,
  tensorData,
} from '../../graph/dataType.ts';

/** What a window has gathered so far, by name. Sums are kept in double precision. */
export interface WindowLedger {
  /** Adds to what is there. */
  add(name: string, value: TensorData): void;
  /** Puts rows behind those that are there. */
  append(name: string, value: TensorData, axis: number): void;
  /** All that is known, as tensors. */
  whole(name: string): TensorData | undefined;
  /** The rows from one sample to another along an axis. */
  rows(name: string, axis: number, from: number, to: number): TensorData | undefined;
}

/** An empty ledger. */
export function windowLedger(): WindowLedger {
  const sums = new Map<string, { readonly like: TensorData; readonly sum: Float64Array }>();
  const parts = new Map<string, { readonly axis: number; readonly values: TensorData[] }>();

  function whole(name: string): TensorData | undefined {
    const total = sums.get(name);
    if (total) return tensorData(total.like.dtype, total.sum, total.like.shape);
    const rows = parts.get(name);
    return rows && joinRows(rows.values, rows.axis);
  }

  return {
    add(name, value) {
      const before = sums.get(name);
      if (!before) {
        sums.set(name, { like: value, sum: numbersOf(value) });
        return;
      }
      const numbers = numbersOf(value);
      for (let i = 0; i < numbers.length; i++) before.sum[i] += numbers[i];
    },
    append(name, value, axis) {
      const before = parts.get(name);
      if (before) before.values.push(value);
      else parts.set(name, { axis, values: [value] });
    },
    whole,
    rows(name, axis, from, to) {
      const all = whole(name);
      return all && sliceRows(all, axis, from, to);
    },
  };
}

/** Tensors one after the other along an axis. */
export function joinRows(parts: readonly TensorData[], axis: number): TensorData {
  const [first] = parts;
  if (parts.length === 1) return first;
  const length = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  const shape = first.shape.map((size, i) => (i === axis ? length : size));
  const data = dataTypes[first.dtype].create(sizeOf(shape));
  const before = sizeOf(shape.slice(0, axis));
  const behind = sizeOf(shape.slice(axis + 1));
  let offset = 0;
  for (const part of parts) {
    const rows = part.shape[axis] * behind;
    for (let i = 0; i < before; i++) copy(part.data, i * rows, data, i * length * behind + offset, rows);
    offset += rows;
  }
  return { dtype: first.dtype, shape, data };
}

/** The rows from one place to another along an axis. */
export function sliceRows(
  { dtype, shape, data }: TensorData,
  axis: number,
  from: number,
  to: number,
): TensorData {
  const before = sizeOf(shape.slice(0, axis));
  const behind = sizeOf(shape.slice(axis + 1));
  const rows = (to - from) * behind;
  const sliced = shape.map((size, i) => (i === axis ? to - from : size));
  if (before === 1) {
    return { dtype, shape: sliced, data: data.slice(from * behind, from * behind + rows) as TensorArray };
  }
  const result = dataTypes[dtype].create(before * rows);
  for (let i = 0; i < before; i++) copy(data, (i * shape[axis] + from) * behind, result, i * rows, rows);
  return { dtype, shape: sliced, data: result };
}

/** Mean of tensors of one shape, by weights. */
export function weightedMean(parts: readonly TensorData[], weights: readonly number[]): TensorData {
  const [{ dtype, shape }] = parts;
  const sum = new Float64Array(sizeOf(shape));
  const total = weights.reduce((a, b) => a + b, 0);
  for (const [i, part] of parts.entries()) {
    const numbers = numbersOf(part);
    for (let j = 0; j < sum.length; j++) sum[j] += (numbers[j] * weights[i]) / total;
  }
  return tensorData(dtype, sum, shape);
}

function copy(from: TensorArray, start: number, to: TensorArray, at: number, count: number): void {
  for (let i = 0; i < count; i++) to[at + i] = from[start + i];
}
