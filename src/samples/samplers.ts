import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';

/**
 * Which samples make up the updates of an epoch: for each update the numbers of its samples. A pure function of the
 * epoch, so training can go on in the middle of one.
 */
export type Sampler = (epoch: number) => Int32Array[];

/** What samplers that draw take. */
export interface SamplerOptions {
  /** Samples of an update. */
  readonly batchSize: number;
  /** Seed of the order. Default 0. */
  readonly seed?: number | undefined;
  /** Whether to leave out the last update of an epoch where it would be smaller. Default false. */
  readonly dropLast?: boolean | undefined;
}

/** All samples in their order. */
export function sequentialSampler(
  length: number,
  { batchSize, dropLast }: Omit<SamplerOptions, 'seed'>,
): Sampler {
  assertSizes(length, batchSize);
  return () =>
    cut(
      Int32Array.from({ length }, (_, i) => i),
      batchSize,
      dropLast,
    );
}

/** All samples, each once an epoch, in another order each. */
export function shuffledSampler(length: number, { batchSize, seed = 0, dropLast }: SamplerOptions): Sampler {
  assertSizes(length, batchSize);
  return (epoch) => cut(permutation(length, seed, 'shuffle', epoch), batchSize, dropLast);
}

/**
 * Samples drawn with replacement, by weight.
 *
 * @param weights Not negative; a sample is drawn in proportion to its own.
 * @param count Samples of an epoch. Default: as many as there are.
 */
export function weightedSampler(
  weights: ArrayLike<number>,
  {
    batchSize,
    seed = 0,
    dropLast,
    count = weights.length,
  }: SamplerOptions & { readonly count?: number | undefined },
): Sampler {
  assertSizes(weights.length, batchSize);
  const bounds = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY)) {
      throw usageError(`weight ${weights[i]} of sample ${i}; expected a number of at least 0`);
    }
    total += weights[i];
    bounds[i] = total;
  }
  if (total === 0) throw usageError('all weights are 0', 'give some sample a weight');
  return (epoch) => {
    const random = randomStream(seed, 'weighted', epoch);
    return cut(
      Int32Array.from({ length: count }, () => firstAbove(bounds, random.uniform() * total)),
      batchSize,
      dropLast,
    );
  };
}

/** Samples drawn with replacement so that every class comes equally often, and every sample of a class too. */
export function balancedSampler(
  classes: ArrayLike<number | string>,
  options: SamplerOptions & { readonly count?: number | undefined },
): Sampler {
  const counts = new Map<number | string, number>();
  const all = Array.from(classes);
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return weightedSampler(
    all.map((one) => 1 / (counts.get(one) ?? 1)),
    options,
  );
}

/**
 * Updates of which all samples share a key, such as one day. Every sample comes once an epoch; groups are in another
 * order each, and so are samples in theirs.
 *
 * @param batchSize Larger groups are divided. Default: a group is one update.
 */
export function groupedSampler(
  keys: ArrayLike<number | string>,
  { batchSize = Number.POSITIVE_INFINITY, seed = 0, dropLast }: Partial<SamplerOptions> = {},
): Sampler {
  assertSizes(keys.length, batchSize);
  const members = new Map<number | string, number[]>();
  for (let i = 0; i < keys.length; i++) {
    const found = members.get(keys[i]);
    if (found) found.push(i);
    else members.set(keys[i], [i]);
  }
  const groups = [...members.values()];
  return (epoch) =>
    Array.from(permutation(groups.length, seed, 'groups', epoch), (group) => {
      const own = groups[group];
      const order = permutation(own.length, seed, 'group', group, epoch);
      return cut(
        order.map((i) => own[i]),
        Math.min(batchSize, own.length),
        dropLast,
      );
    }).flat();
}

/** Numbers below `length` in random order (Fisher and Yates 1938). */
function permutation(length: number, seed: number, ...keys: (number | string)[]): Int32Array {
  const random = randomStream(seed, ...keys);
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function cut(order: Int32Array, batchSize: number, dropLast = false): Int32Array[] {
  const batches: Int32Array[] = [];
  for (let from = 0; from < order.length; from += batchSize) {
    const batch = order.subarray(from, Math.min(order.length, from + batchSize));
    if (!dropLast || batch.length === batchSize) batches.push(batch);
  }
  return batches;
}

function firstAbove(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function assertSizes(length: number, batchSize: number): void {
  if (length === 0) throw usageError('there are no samples', 'check the data');
  if (batchSize === Number.POSITIVE_INFINITY || (Number.isInteger(batchSize) && batchSize > 0)) return;
  throw usageError(`invalid batchSize: ${batchSize}; expected a whole number of at least 1`);
}
