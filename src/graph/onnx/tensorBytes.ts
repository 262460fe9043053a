import type { TensorData } from '../dataType.ts';

/** The elements as ONNX and safetensors store them: little-endian, row by row. Shares memory where it can. */
export function tensorBytes({ dtype, data }: TensorData): Uint8Array {
  if (Array.isArray(data)) throw new Error(`tensors of ${dtype} have no bytes`);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
