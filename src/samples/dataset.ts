import { usageError } from '../core/errors.ts';
import { dataTypes, sizeOf, type TensorArray, type TensorData } from '../graph/dataType.ts';

/** Samples that can be read by number. */
export interface Dataset {
  readonly length: number;
  /**
   * Reads samples into tensors by name, one after the other along the first axis.
   *
   * @param epoch For data sets that change with it: augmentation, drawn for each sample and epoch by itself.
   */
  read(samples: ArrayLike<number>, epoch: number): TensorFeeds | Promise<TensorFeeds>;
}

/** Tensors by the names of the inputs that they are for. */
export type TensorFeeds = Readonly<Record<string, TensorData>>;

/**
 * A data set of tensors that have samples along the first axis.
 *
 * @throws TrainyardError of kind `usage` for tensors of different lengths.
 * @example
 * const data = arrayDataset({ x: tensorData('float32', values, [1000, 20]), y: tensorData('int64', labels) });
 */
export function arrayDataset(arrays: TensorFeeds): Dataset {
  const all = Object.entries(arrays);
  if (all.length === 0) throw usageError('a data set without tensors', 'give at least one by name');
  const [firstName, first] = all[0];
  for (const [name, { shape, data }] of all) {
    if (shape.length === 0)
      throw usageError(`${name} is a single number; expected samples along its first axis`);
    if (data.length !== sizeOf(shape)) {
      throw usageError(
        `${name} has ${data.length} elements; its shape [${shape.join(', ')}] has ${sizeOf(shape)}`,
      );
    }
    if (shape[0] !== first.shape[0]) {
      throw usageError(
        `${name} has ${shape[0]} samples, ${firstName} ${first.shape[0]}`,
        'give all the same number',
      );
    }
  }
  const length = first.shape[0];
  return {
    length,
    read(samples) {
      const bad = Array.prototype.find.call(
        samples,
        (sample) => !(Number.isInteger(sample) && sample >= 0 && sample < length),
      );
      if (bad !== undefined) throw usageError(`no sample ${bad}; there are ${length}`);
      return Object.fromEntries(all.map(([name, tensor]) => [name, pickRows(tensor, samples)]));
    },
  };
}

/** Some samples of a data set, in the order given, as one of their own. */
export function subsetOf(data: Dataset, samples: ArrayLike<number>): Dataset {
  const kept = Int32Array.from(samples);
  return {
    length: kept.length,
    read: (wanted, epoch) =>
      data.read(
        Int32Array.from(wanted, (sample) => kept[sample]),
        epoch,
      ),
  };
}

function pickRows({ dtype, shape, data }: TensorData, rows: ArrayLike<number>): TensorData {
  const picked = [rows.length, ...shape.slice(1)];
  const width = sizeOf(shape.slice(1));
  const result = dataTypes[dtype].create(rows.length * width);
  for (let i = 0; i < rows.length; i++) copyRow(data, rows[i] * width, result, i * width, width);
  return { dtype, shape: picked, data: result };
}

function copyRow(from: TensorArray, start: number, to: TensorArray, at: number, width: number): void {
  if (Array.isArray(from) || Array.isArray(to)) {
    for (let i = 0; i < width; i++) to[at + i] = from[start + i];
  } else {
    (to as Float64Array).set(from.subarray(start, start + width) as Float64Array, at);
  }
}
