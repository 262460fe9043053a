import { type DataType, dataTypes, type TensorArray, type TensorData } from '../dataType.ts';

/** The elements as ONNX and safetensors store them: little-endian, row by row. Shares memory where it can. */
export function tensorBytes({ dtype, data }: TensorData): Uint8Array {
  if (Array.isArray(data)) throw new Error(`tensors of ${dtype} have no bytes`);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The elements that bytes hold: the opposite of {@link tensorBytes}. A copy, as bytes in files are rarely aligned. */
export function arrayOfBytes(dtype: DataType, bytes: Uint8Array): TensorArray {
  const data = dataTypes[dtype].create(bytes.length / dataTypes[dtype].bytes);
  if (Array.isArray(data)) throw new Error(`tensors of ${dtype} have no bytes`);
  new Uint8Array(data.buffer).set(bytes);
  return data;
}
