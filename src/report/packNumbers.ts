/**
 * Packs numbers into few bytes that compress well: values as whole multiples of a power of ten, differences from one
 * to the next, and the bytes of equal weight beside each other.
 *
 * Numbers with at most four decimals come back as they were, to float32; others are rounded to a power of ten that
 * is at most 1/1000 of their 95th percentile, judged by a sample of them. NaN stays NaN. Numbers that whole
 * multiples cannot hold (infinities, more than nine digits) are packed as float32.
 *
 * @example
 * unpackNumbers(packNumbers([1.5, Number.NaN, 2]), 0).values // Float32Array [1.5, NaN, 2]
 */
export function packNumbers(values: ArrayLike<number>): Uint8Array {
  const decimals = decimalsFor([values]);
  return decimals === undefined ? packFloats(values) : packSteps(values, decimals);
}

/**
 * Packs arrays of one length that lie close together, such as a forecast and the bounds of its intervals: all but the
 * first as distances from the first, which take far fewer bytes. Rounded alike, so that equal numbers stay equal.
 */
export function packTogether(arrays: readonly ArrayLike<number>[]): Uint8Array {
  const decimals = decimalsFor(arrays);
  if (decimals === undefined) return joinPacked([flag(0), ...arrays.map(packFloats)]);
  const [first, ...others] = arrays.map((values) => roundTo(values, decimals));
  return joinPacked([
    flag(1),
    packSteps(first, decimals),
    ...others.map((values) => packSteps(minus(values, first), decimals)),
  ]);
}

/** Reads `count` arrays that were packed together. */
export function unpackTogether(
  bytes: Uint8Array,
  offset: number,
  count: number,
): { arrays: Float32Array[]; end: number } {
  let end = offset + 1;
  const arrays: Float32Array[] = [];
  for (let k = 0; k < count; k++) {
    const read = unpackNumbers(bytes, end, k > 0 && bytes[offset] === 1 ? arrays[0] : undefined);
    arrays.push(read.values);
    end = read.end;
  }
  return { arrays, end };
}

/** Packs whole numbers from 0 to 255, one byte each. */
export function packBytes(values: ArrayLike<number>): Uint8Array {
  const packed = header(kinds.bytes, 0, 1, values.length, values.length);
  for (let i = 0; i < values.length; i++) packed[headerLength + i] = values[i];
  return packed;
}

/** Joins packed arrays into one, to be read back in the same order. */
export function joinPacked(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * Reads the packed array that begins at `offset`; `end` is where the next one begins. Numbers packed as distances
 * need the array they were measured from.
 */
export function unpackNumbers(
  bytes: Uint8Array,
  offset: number,
  from?: Float32Array,
): { values: Float32Array; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(offset);
  const decimals = view.getInt8(offset + 1);
  const planes = view.getUint8(offset + 2);
  const count = view.getUint32(offset + 3);
  const body = offset + headerLength;
  const values = new Float32Array(count);
  const codes = kind === kinds.floats ? new Uint32Array(values.buffer) : new Uint32Array(count);
  for (let plane = 0; plane < planes; plane++) {
    const shift = 8 * plane;
    const start = body + plane * count;
    for (let i = 0; i < count; i++) codes[i] |= bytes[start + i] << shift;
  }
  if (kind === kinds.bytes) for (let i = 0; i < count; i++) values[i] = codes[i];
  if (kind === kinds.steps) addUp(codes, 10 ** decimals, values, from);
  return { values, end: body + planes * count };
}

const kinds = { bytes: 0, steps: 1, floats: 2 } as const;

// Kind, decimals, planes, count of numbers.
const headerLength = 7;

function header(kind: number, decimals: number, planes: number, count: number, body: number): Uint8Array {
  const packed = new Uint8Array(headerLength + body);
  const view = new DataView(packed.buffer);
  view.setUint8(0, kind);
  view.setInt8(1, decimals);
  view.setUint8(2, planes);
  view.setUint32(3, count);
  return packed;
}

// Code 0 is NaN; the others are 1 + zigzag of the difference from the last number.
function packSteps(values: ArrayLike<number>, decimals: number): Uint8Array {
  const scale = 10 ** decimals;
  const codes = new Uint32Array(values.length);
  let last = 0;
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const steps = Math.round(values[i] * scale);
    const difference = steps - last;
    codes[i] = 1 + (difference < 0 ? -2 * difference - 1 : 2 * difference);
    largest = Math.max(largest, codes[i]);
    last = steps;
  }
  return packPlanes(kinds.steps, decimals, codes, Math.ceil(Math.log2(largest + 1) / 8));
}

function packFloats(values: ArrayLike<number>): Uint8Array {
  return packPlanes(kinds.floats, 0, new Uint32Array(Float32Array.from(values).buffer), 4);
}

function packPlanes(kind: number, decimals: number, codes: Uint32Array, planes: number): Uint8Array {
  const packed = header(kind, decimals, planes, codes.length, planes * codes.length);
  for (let plane = 0; plane < planes; plane++) {
    const from = headerLength + plane * codes.length;
    for (let i = 0; i < codes.length; i++) packed[from + i] = codes[i] >>> (8 * plane);
  }
  return packed;
}

function addUp(
  codes: Uint32Array,
  scale: number,
  values: Float32Array,
  from: Float32Array | undefined,
): void {
  let steps = 0;
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] === 0) {
      values[i] = Number.NaN;
      continue;
    }
    const zigzag = codes[i] - 1;
    steps += zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
    const origin = from ? nearest(from[i], scale) : 0;
    values[i] = (steps + origin) / scale;
  }
}

function flag(value: number): Uint8Array {
  return Uint8Array.of(value);
}

function roundTo(values: ArrayLike<number>, decimals: number): Float32Array {
  const scale = 10 ** decimals;
  const rounded = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) rounded[i] = Math.round(values[i] * scale) / scale;
  return rounded;
}

// Exactly as the reader will add: in whole steps, a missing first number counting as zero.
function minus(values: Float32Array, first: Float32Array): Float64Array {
  const distances = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) distances[i] = values[i] - (Number.isNaN(first[i]) ? 0 : first[i]);
  return distances;
}

function nearest(value: number, scale: number): number {
  return Number.isNaN(value) ? 0 : Math.round(value * scale);
}

// Half of 2^31, so that the difference of any two still fits a code.
const largestSteps = 2 ** 29;

// Undefined where no power of ten will do.
function decimalsFor(arrays: readonly ArrayLike<number>[]): number | undefined {
  const largest = largestSize(arrays);
  for (let decimals = 0; decimals <= 4; decimals++) {
    if (largest * 10 ** decimals > largestSteps) break;
    if (arrays.every((values) => isExact(values, 10 ** decimals))) return decimals;
  }
  const usual = usualSize(arrays) || largest;
  const decimals = Math.min(100, Math.max(0, Math.ceil(Math.log10(1000 / usual))));
  return largest * 10 ** decimals > largestSteps ? undefined : decimals;
}

function largestSize(arrays: readonly ArrayLike<number>[]): number {
  let largest = 0;
  for (const values of arrays) {
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i]);
      if (size > largest) largest = size;
    }
  }
  return largest;
}

// 95th percentile of the sizes, from a few hundred values of each array.
function usualSize(arrays: readonly ArrayLike<number>[]): number {
  const sizes: number[] = [];
  for (const values of arrays) {
    const stride = Math.max(1, Math.floor(values.length / 500));
    for (let i = 0; i < values.length; i += stride)
      if (!Number.isNaN(values[i])) sizes.push(Math.abs(values[i]));
  }
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor(0.95 * (sizes.length - 1))] ?? 0;
}

function isExact(values: ArrayLike<number>, scale: number): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    if (Math.fround(Math.round(value * scale) / scale) !== Math.fround(value)) return false;
  }
  return true;
}
