import { usageError } from '../core/errors.ts';
import type { Dataset, TensorFeeds } from '../samples/dataset.ts';
import type { WindowSource } from './accumulation/windowRunner.ts';

/** Samples in as few micro-batches as a largest size allows, of near-equal sizes; see {@link microBatchesOf}. */
export function microBatches(
  data: Dataset,
  samples: Int32Array,
  size = samples.length,
  epoch = 0,
): WindowSource {
  if (!(Number.isInteger(size) && size > 0)) {
    throw usageError(`invalid microBatchSize: ${size}; expected a whole number of at least 1`);
  }
  const count = Math.ceil(samples.length / size);
  const bounds = Array.from({ length: count + 1 }, (_, i) => Math.round((i * samples.length) / count));
  const sizes = bounds.slice(1).map((bound, i) => bound - bounds[i]);
  return microBatchesOf(data, samples, sizes, epoch);
}

/** Samples in micro-batches of given sizes, each read while the one before is worked on. */
export function microBatchesOf(
  data: Dataset,
  samples: Int32Array,
  sizes: readonly number[],
  epoch: number,
): WindowSource {
  const start = async (index: number) => {
    const from = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
    return data.read(samples.subarray(from, from + sizes[index]), epoch);
  };
  let ahead: { index: number; feeds: Promise<TensorFeeds> } | undefined;
  return {
    sizes,
    read(index) {
      const feeds = ahead?.index === index ? ahead.feeds : start(index);
      ahead = index + 1 < sizes.length ? { index: index + 1, feeds: start(index + 1) } : undefined;
      // Read by the next call, which may never come.
      ahead?.feeds.catch(() => {});
      return feeds;
    },
  };
}
