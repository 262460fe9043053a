import { dataTypeOfCode } from '../dataType.ts';
import type { TensorType } from '../tensor.ts';
import type { TypeProto } from './onnxMessages.ts';

/** Names of sizes: the file may call them anything, the graph wants words. */
export interface SizeNames {
  /** Our name for a size of the file's, or for one that the file leaves open. */
  nameOf(size: string, tensor: string, axis: number): string;
  /** The file's names by ours, where they differ. */
  readonly originals: Record<string, string>;
}

/** No names yet. */
export function sizeNames(): SizeNames {
  const ours = new Map<string, string>();
  const used = new Set<string>();
  const originals: Record<string, string> = {};
  const unused = (text: string) => {
    const stem = text.replace(/\W+/g, '_').replace(/^(?=\d)|^$/, '_');
    let name = stem;
    for (let i = 2; used.has(name); i++) name = `${stem}_${i}`;
    used.add(name);
    return name;
  };
  return {
    nameOf(size, tensor, axis) {
      if (size === '') return unused(`${tensor}_${axis}`);
      const known = ours.get(size);
      if (known !== undefined) return known;
      const name = unused(size);
      ours.set(size, name);
      if (name !== size) originals[name] = size;
      return name;
    },
    originals,
  };
}

/**
 * The type that a file tells.
 *
 * @param nameOf Our name for a size of the file's; of an open one if it is empty.
 */
export function typeOfMessage(
  type: TypeProto | undefined,
  nameOf: (size: string, axis: number) => string,
): TensorType {
  const unknown: TensorType = { dtype: 'float32', shape: [], foreign: { type } };
  if (type?.value.case !== 'tensorType') return unknown;
  const { elemType, shape } = type.value.value;
  const dtype = dataTypeOfCode(elemType);
  if (!dtype || !shape) return unknown;
  return {
    dtype,
    shape: shape.dim.map(({ value }, axis) => {
      if (value.case === 'dimValue' && value.value >= 0n) return Number(value.value);
      return nameOf(value.case === 'dimParam' ? value.value : '', axis);
    }),
  };
}
