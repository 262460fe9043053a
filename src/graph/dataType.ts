/** Element type of a tensor, by ONNX's names as far as JavaScript has a use for them. */
export type DataType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string';

/** Storage of the elements of a tensor: 16-bit floats as bits, bools as bytes, strings as a list. */
export type TensorArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** A tensor with its values, in row-major order. */
export interface TensorData {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: TensorArray;
}

interface DataTypeRow {
  /** `TensorProto.DataType` of ONNX. */
  readonly code: number;
  readonly bytes: number;
  readonly kind: 'float' | 'integer' | 'bool' | 'string';
  create(size: number): TensorArray;
}

/** Every element type. */
export const dataTypes: Readonly<Record<DataType, DataTypeRow>> = {
  float32: { code: 1, bytes: 4, kind: 'float', create: (n) => new Float32Array(n) },
  uint8: { code: 2, bytes: 1, kind: 'integer', create: (n) => new Uint8Array(n) },
  int8: { code: 3, bytes: 1, kind: 'integer', create: (n) => new Int8Array(n) },
  uint16: { code: 4, bytes: 2, kind: 'integer', create: (n) => new Uint16Array(n) },
  int16: { code: 5, bytes: 2, kind: 'integer', create: (n) => new Int16Array(n) },
  int32: { code: 6, bytes: 4, kind: 'integer', create: (n) => new Int32Array(n) },
  int64: { code: 7, bytes: 8, kind: 'integer', create: (n) => new BigInt64Array(n) },
  string: { code: 8, bytes: 0, kind: 'string', create: (n) => new Array<string>(n).fill('') },
  bool: { code: 9, bytes: 1, kind: 'bool', create: (n) => new Uint8Array(n) },
  float16: { code: 10, bytes: 2, kind: 'float', create: (n) => new Uint16Array(n) },
  float64: { code: 11, bytes: 8, kind: 'float', create: (n) => new Float64Array(n) },
  uint32: { code: 12, bytes: 4, kind: 'integer', create: (n) => new Uint32Array(n) },
  uint64: { code: 13, bytes: 8, kind: 'integer', create: (n) => new BigUint64Array(n) },
  bfloat16: { code: 16, bytes: 2, kind: 'float', create: (n) => new Uint16Array(n) },
};

/** The types that have derivatives. */
export function isFloat(dtype: DataType): boolean {
  return dataTypes[dtype].kind === 'float';
}

/** The type with an ONNX code, if it is one that is known here. */
export function dataTypeOfCode(code: number): DataType | undefined {
  return (Object.keys(dataTypes) as DataType[]).find((dtype) => dataTypes[dtype].code === code);
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * A tensor of the numbers given, row by row.
 *
 * @param shape Default: a vector of them all.
 */
export function tensorData(
  dtype: DataType,
  values: ArrayLike<number>,
  shape: readonly number[] = [values.length],
): TensorData {
  const data = dataTypes[dtype].create(values.length);
  if (Array.isArray(data)) return { dtype, shape, data: Array.from(values, String) };
  if (dtype === 'float16' || dtype === 'bfloat16') {
    const encode = dtype === 'float16' ? float16Bits : bfloat16Bits;
    for (let i = 0; i < values.length; i++) data[i] = encode(values[i]);
  } else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i]);
  } else if (dtype === 'bool') {
    for (let i = 0; i < values.length; i++) data[i] = values[i] ? 1 : 0;
  } else {
    data.set(values as ArrayLike<number>);
  }
  return { dtype, shape, data };
}

/** The elements as plain numbers; 64-bit integers beyond 2^53 lose their last bits. */
export function numbersOf({ dtype, data }: TensorData): Float64Array {
  if (dtype === 'float16') return Float64Array.from(data as Uint16Array, float16Value);
  if (dtype === 'bfloat16') return Float64Array.from(data as Uint16Array, bfloat16Value);
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

const scratch = new DataView(new ArrayBuffer(4));

function bfloat16Bits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if (Number.isNaN(value)) return 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function bfloat16Value(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

// IEEE 754 half precision, to nearest even. One rounding only, straight from the 64-bit value.
function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1)));
  // A value that rounds up to the next power of two carries into the exponent bits by itself.
  const steps = roundHalfEven(size / 2 ** (exponent - 10));
  return sign | (steps < 1024 ? steps : steps + ((exponent + 14) << 10));
}

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
