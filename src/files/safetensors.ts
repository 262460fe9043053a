import { dataError, usageError } from '../core/errors.ts';
import { type DataType, dataTypes, sizeOf, type TensorData } from '../graph/dataType.ts';
import { formatShape } from '../graph/dimension.ts';
import { arrayOfBytes, tensorBytes } from '../graph/onnx/tensorBytes.ts';

/** Tensors by name, and texts by key. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, TensorData>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where a tensor lies in a safetensors file. */
export interface SafetensorsEntry {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly start: number;
  readonly end: number;
}

/** What the head of a safetensors file tells. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Tensors as bytes of a safetensors file (https://github.com/huggingface/safetensors), laid out as its own library does.
 *
 * @throws TrainyardError of kind `usage` for strings, which the format has not.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts = safetensorsParts(tensors, metadata);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/**
 * Tensors and metadata of a safetensors file.
 *
 * @throws TrainyardError of kind `data` for what is no such file, or contradicts itself.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { entries, metadata } = safetensorsHeader(bytes, bytes.length);
  const tensors = Array.from(entries, ([name, entry]) => [
    name,
    tensorOfEntry(entry, bytes.subarray(entry.start, entry.end)),
  ]);
  return { tensors: Object.fromEntries(tensors), metadata };
}

/**
 * What to write, in order: the header, then the tensors.
 *
 * @internal
 */
export function safetensorsParts(
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  const order = Object.values(typeNames);
  const rows = Object.entries(tensors).map(([name, value]) => {
    const type = typeNames[value.dtype];
    if (type === undefined) throw usageError(`tensor ${name} is of strings; safetensors has none`);
    if (name === metadataKey) throw usageError(`a tensor cannot be called ${metadataKey} in safetensors`);
    if (value.data.length !== sizeOf(value.shape)) {
      throw usageError(`tensor ${name} is ${formatShape(value.shape)} with ${value.data.length} elements`);
    }
    return { name, type, value, bytes: tensorBytes(value) };
  });
  // Wide types first, so that every tensor is aligned.
  rows.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type) || (a.name < b.name ? -1 : 1));
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set(metadataKey, metadata);
  let offset = 0;
  for (const { name, type, value, bytes } of rows) {
    const end = offset + bytes.length;
    header.set(name, { dtype: type, shape: value.shape, data_offsets: [offset, end] });
    offset = end;
  }
  // By hand, as objects would put names that are numbers first.
  const fields = Array.from(header, ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const text = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  return [length, padded, ...rows.map(({ bytes }) => bytes)];
}

/**
 * The head of a file.
 *
 * @internal
 * @param bytes The start of the file, at least {@link safetensorsHeaderBytes} of it.
 * @param fileSize Bytes of the whole file.
 */
export function safetensorsHeader(bytes: Uint8Array, fileSize: number): SafetensorsHeader {
  const end = safetensorsHeaderBytes(bytes, fileSize);
  const fields = parseHeader(bytes.subarray(8, end));
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, field] of Object.entries(fields)) {
    if (name !== metadataKey) entries.set(name, entryOf(name, field, end, fileSize));
  }
  // No holes, no overlaps, nothing behind: what the format demands.
  let place = end;
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== place) {
      throw dataError(
        `tensor ${name} of the safetensors file starts at byte ${entry.start}; expected ${place}`,
      );
    }
    place = entry.end;
  }
  if (place !== fileSize) {
    throw dataError(
      `the tensors of the safetensors file end at byte ${place}, the file at ${fileSize}`,
      'check that the file was copied whole',
    );
  }
  return { entries, metadata: metadataOf(fields[metadataKey]) };
}

/**
 * How many bytes the head of a file takes.
 *
 * @internal
 */
export function safetensorsHeaderBytes(start: Uint8Array, fileSize: number): number {
  if (start.length < 8) throw dataError(`not a safetensors file: ${start.length} bytes`);
  const length = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
  if (length > largestHeader || 8 + length > fileSize) {
    throw dataError(
      `not a safetensors file, or only a part of one: a header of ${length} bytes in a file of ${fileSize}`,
      'check that the file was copied whole, and is no pointer to a file kept elsewhere',
    );
  }
  return 8 + length;
}

/**
 * The tensor of an entry, from its bytes.
 *
 * @internal
 */
export function tensorOfEntry({ dtype, shape }: SafetensorsEntry, bytes: Uint8Array): TensorData {
  return { dtype, shape, data: arrayOfBytes(dtype, bytes) };
}

const metadataKey = '__metadata__';
const largestHeader = 100_000_000;

// In the order in which the library lays them out.
const typeNames: Readonly<Partial<Record<DataType, string>>> = {
  uint64: 'U64',
  int64: 'I64',
  float64: 'F64',
  float32: 'F32',
  uint32: 'U32',
  int32: 'I32',
  bfloat16: 'BF16',
  float16: 'F16',
  uint16: 'U16',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw dataError(
      `the header of the safetensors file is no JSON: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return { ...fields };
  throw dataError('the header of the safetensors file is no JSON object');
}

function entryOf(name: string, field: unknown, base: number, fileSize: number): SafetensorsEntry {
  const { dtype: type, shape, data_offsets: offsets } = (field ?? {}) as Record<string, unknown>;
  const dtype = (Object.keys(typeNames) as DataType[]).find((one) => typeNames[one] === type);
  if (!dtype) {
    throw dataError(
      `tensor ${name} of the safetensors file has the unknown type ${JSON.stringify(type)}`,
      `expected one of ${Object.values(typeNames).join(', ')}`,
    );
  }
  const whole = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
  if (!whole(shape) || !whole(offsets) || offsets.length !== 2) {
    throw dataError(`tensor ${name} of the safetensors file has no shape, or no place`);
  }
  const [start, end] = offsets.map((offset) => base + offset);
  const bytes = sizeOf(shape) * dataTypes[dtype].bytes;
  if (end - start !== bytes) {
    throw dataError(
      `tensor ${name} of the safetensors file, ${dtype}${formatShape(shape)}, has ${end - start} bytes; expected ${bytes}`,
    );
  }
  if (end > fileSize) {
    throw dataError(
      `tensor ${name} of the safetensors file ends at byte ${end}, the file at ${fileSize}`,
      'check that the file was copied whole',
    );
  }
  return { dtype, shape, start, end };
}

function metadataOf(field: unknown): Record<string, string> {
  if (field === undefined) return {};
  const entries = typeof field === 'object' && field !== null ? Object.entries(field) : undefined;
  if (entries?.every(([, value]) => typeof value === 'string')) return Object.fromEntries(entries);
  throw dataError('the metadata of the safetensors file are not texts by key');
}
