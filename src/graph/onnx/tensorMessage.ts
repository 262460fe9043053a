import { create } from '@bufbuild/protobuf';
import { dataError } from '../../core/errors.ts';
import { type DataType, dataTypeOfCode, dataTypes, sizeOf, type TensorData } from '../dataType.ts';
import { formatShape } from '../dimension.ts';
import { changed } from './editMessages.ts';
import { type TensorProto, TensorProtoSchema } from './onnxMessages.ts';
import { arrayOfBytes, tensorBytes } from './tensorBytes.ts';

/** Where the bytes of large tensors go when they are not part of the model's own file. */
export interface ExternalData {
  /** Name of the file beside the model. */
  readonly location: string;
  /** Tensors of fewer bytes stay in the model's file. */
  readonly threshold: number;
  /** What to write, in order; the gaps between are zeros. */
  readonly parts: { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** Reads bytes of a file beside the model; without a length, all from the offset on. */
export type ReadExternal = (location: string, offset: number, length: number | undefined) => Uint8Array;

/** A tensor as ONNX's message. */
export function tensorMessage(value: TensorData, name: string, external?: ExternalData): TensorProto {
  const { dtype, shape, data } = value;
  const common = { name, dims: shape.map(BigInt), dataType: dataTypes[dtype].code };
  if (Array.isArray(data)) {
    return create(TensorProtoSchema, {
      ...common,
      stringData: data.map((one) => new TextEncoder().encode(one)),
    });
  }
  const bytes = tensorBytes(value);
  if (!external || !isLarge(value, external)) {
    return create(TensorProtoSchema, { ...common, rawData: bytes });
  }
  const last = external.parts.at(-1);
  // Whole pages, so that runtimes can map the file into memory.
  const offset = last ? Math.ceil((last.offset + last.bytes.length) / page) * page : 0;
  external.parts.push({ offset, bytes });
  const entries = { location: external.location, offset: String(offset), length: String(bytes.length) };
  return create(TensorProtoSchema, {
    ...common,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
}

const page = 4096;

/** Whether a tensor goes into the other file, if there is one. */
export function isLarge({ dtype, data }: TensorData, external: ExternalData | undefined): boolean {
  return external !== undefined && data.length * dataTypes[dtype].bytes >= external.threshold;
}

/**
 * The tensor in a message, in whichever of ONNX's ways its elements are stored.
 *
 * @param where Begins error messages: `initializer w`.
 * @returns `undefined` for element types that are not known here, such as int4 and complex64.
 * @throws TrainyardError of kind `data` where shape, type and elements do not fit together.
 */
export function tensorOfMessage(
  message: TensorProto,
  where: string,
  readExternal: ReadExternal,
): TensorData | undefined {
  const dtype = dataTypeOfCode(message.dataType);
  if (!dtype) {
    if (carriedTypes.has(message.dataType)) return undefined;
    throw dataError(`${where} has the unknown element type ${message.dataType}`);
  }
  const shape = message.dims.map(Number);
  const wrong = shape.find((size) => !(Number.isSafeInteger(size) && size >= 0));
  const size = sizeOf(shape);
  if (wrong !== undefined || !Number.isSafeInteger(size)) {
    throw dataError(`${where} has the impossible shape ${formatShape(shape)}`);
  }
  const expected = `${dtype}${formatShape(shape)} takes ${size} elements`;
  if (dtype === 'string') {
    if (message.stringData.length !== size) {
      throw dataError(`${where}: ${expected}, but the file has ${message.stringData.length}`);
    }
    return { dtype, shape, data: message.stringData.map((one) => new TextDecoder().decode(one)) };
  }
  const length = size * dataTypes[dtype].bytes;
  if (message.dataLocation === 1 || message.rawData.length > 0) {
    const bytes =
      message.dataLocation === 1 ? externalBytes(message, where, length, readExternal) : message.rawData;
    if (bytes.length !== length) {
      throw dataError(
        `${where}: ${dtype}${formatShape(shape)} takes ${length} bytes, but the file has ${bytes.length}`,
      );
    }
    return { dtype, shape, data: arrayOfBytes(dtype, bytes) };
  }
  const values = typedField(message, dtype);
  if (values.length !== size) throw dataError(`${where}: ${expected}, but the file has ${values.length}`);
  const data = dataTypes[dtype].create(size);
  for (let i = 0; i < size; i++) data[i] = values[i];
  return { dtype, shape, data };
}

/** The same tensor with its elements in the message, for messages that are carried to another file. */
export function withInlineData(message: TensorProto, where: string, readExternal: ReadExternal): TensorProto {
  if (message.dataLocation !== 1) return message;
  const rawData = externalBytes(message, where, undefined, readExternal);
  return changed(message, { rawData, externalData: [], dataLocation: 0 });
}

// complex64, complex128, and the types of 8 bits and fewer that are for quantised models.
const carriedTypes = new Set([14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]);

function externalBytes(
  { externalData }: TensorProto,
  where: string,
  expected: number | undefined,
  readExternal: ReadExternal,
): Uint8Array {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location');
  if (!location) throw dataError(`${where} is said to be in another file, but not in which`);
  const count = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw dataError(
      `${where} is in ${location} with the ${key} ${JSON.stringify(text)}; expected a whole number`,
    );
  };
  const length = count('length') ?? expected;
  if (expected !== undefined && length !== expected) {
    throw dataError(`${where} takes ${expected} bytes, but ${length} are to be read from ${location}`);
  }
  return readExternal(location, count('offset') ?? 0, length);
}

function typedField(message: TensorProto, dtype: DataType): ArrayLike<number | bigint> {
  switch (dtype) {
    case 'float32':
      return message.floatData;
    case 'float64':
      return message.doubleData;
    case 'int64':
      return message.int64Data;
    case 'uint32':
    case 'uint64':
      // Numbers are made of the big ones by the array that takes them.
      return dtype === 'uint64' ? message.uint64Data : message.uint64Data.map(Number);
    default:
      return message.int32Data;
  }
}
