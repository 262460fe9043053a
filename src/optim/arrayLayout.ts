import { usageError } from '../core/errors.ts';
import type { TensorData } from '../graph/dataType.ts';

/** Arrays by the name of the parameter they belong to. */
export type NamedArrays = Readonly<Record<string, Float32Array>>;

/** Arrays of several kinds for every parameter, in one memory. */
export interface ArrayLayout {
  readonly memory: WebAssembly.Memory;
  /** By kind, then by parameter. */
  readonly arrays: Readonly<Record<string, NamedArrays>>;
  /** The parameters of a group, one after the other: by kind one array over all of them. */
  readonly blocks: readonly { readonly group: number; readonly arrays: NamedArrays }[];
}

/**
 * Lays out memory so that a group of parameters is one stretch in each kind of array. Each parameter starts at a
 * multiple of 16 bytes, so stretches have lengths that are multiples of 4, with zeros between.
 *
 * @throws TrainyardError of kind `usage` for parameters that are not float32, or do not fit into 4 GiB.
 */
export function layOutArrays(
  parameters: Readonly<Record<string, TensorData>>,
  kinds: readonly string[],
  groupOf: (name: string) => number,
): ArrayLayout {
  const members = new Map<number, string[]>();
  for (const [name, { dtype }] of Object.entries(parameters)) {
    if (dtype !== 'float32') throw usageError(`parameter ${name} is ${dtype}; only float32 is trained`);
    const group = groupOf(name);
    members.set(group, [...(members.get(group) ?? []), name]);
  }
  const sizeOf = (name: string) => Math.ceil(parameters[name].data.length / 4) * 4;
  const total = Object.keys(parameters).reduce((sum, name) => sum + sizeOf(name), 0);
  const memory = allocate(4 * total * kinds.length);
  const arrays = Object.fromEntries(kinds.map((kind) => [kind, {} as Record<string, Float32Array>]));
  let offset = 0;
  const blocks = [...members].map(([group, names]) => {
    const length = names.reduce((sum, name) => sum + sizeOf(name), 0);
    const stretches = kinds.map((kind) => {
      const stretch = new Float32Array(memory.buffer, 4 * offset, length);
      let start = 0;
      for (const name of names) {
        arrays[kind][name] = stretch.subarray(start, start + parameters[name].data.length);
        start += sizeOf(name);
      }
      offset += length;
      return [kind, stretch];
    });
    return { group, arrays: Object.fromEntries(stretches) };
  });
  return { memory, arrays, blocks };
}

function allocate(bytes: number): WebAssembly.Memory {
  const pages = Math.max(1, Math.ceil(bytes / 65536));
  if (pages <= 65536) return new WebAssembly.Memory({ initial: pages });
  throw usageError(
    `weights, gradients and the optimiser's state take ${(bytes / 2 ** 30).toFixed(1)} GiB; at most 4 GiB are possible`,
    'freeze a part of the model, or use an optimiser with less state: sgd()',
  );
}
