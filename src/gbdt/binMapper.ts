import { nextUp, zeroCentredBounds } from './binBounds.ts';
import { missingNan, missingNone, roundCount, zeroThreshold } from './constants.ts';

/** How one feature's values become bins. Plain data, so it can be sent to a worker. */
export interface BinMapper {
  readonly kind: 'numerical' | 'categorical';
  /** Bins, the one for missing values included. */
  readonly numBins: number;
  /** `missingNone` or `missingNan`. */
  readonly missing: number;
  /** True where no split is possible: one bin, or too few rows on one side of every cut. */
  readonly trivial: boolean;
  /** Upper bounds of the bins, numerical only; the last is NaN where missing values have a bin. */
  readonly upperBounds: Float64Array;
  /** The category of each bin, categorical only; bin 0 is -1, everything unknown. */
  readonly categories: Int32Array;
  /** The bin never accumulated but inferred from the totals; 0 means it is not stored at all. */
  readonly mostFrequentBin: number;
  /** Range of the values seen, zero included where implied. */
  readonly minimum: number;
  readonly maximum: number;
}

/** The bins of one feature, row after row. */
export type BinColumn = Uint8Array | Uint16Array;

/** What binning needs to know beyond the values. */
export interface BinningLimits {
  readonly maxBin: number;
  readonly minDataInBin: number;
  /** Rows that a cut must leave on both sides for the feature to be kept; 0 keeps every feature. */
  readonly minSplitData: number;
  readonly useMissing: boolean;
}

const sparseShare = 0.7;

/**
 * Finds the bins of one feature from a sample of its values.
 *
 * Source: LightGBM `BinMapper::FindBin`.
 *
 * @param values The sampled values in any order, zeros and NaN included; sorted in place.
 */
export function findBins(
  values: Float64Array,
  kind: 'numerical' | 'categorical',
  limits: BinningLimits,
): BinMapper {
  const total = values.length;
  const { distinct, counts, missingCount } = distinctValues(values, limits.useMissing);
  const found =
    kind === 'numerical'
      ? numericalBins(distinct, counts, total, missingCount, limits)
      : categoricalBins(distinct, counts, total, missingCount, limits);
  const { countInBin } = found;
  const numBins = countInBin.length;
  const trivial =
    numBins <= 1 || (limits.minSplitData > 0 && !canBeCut(countInBin, total, limits.minSplitData, kind));
  const mapper = {
    kind,
    numBins,
    missing: found.missing,
    trivial,
    upperBounds: found.upperBounds,
    categories: found.categories,
    mostFrequentBin: 0,
    minimum: distinct[0],
    maximum: distinct[distinct.length - 1],
  };
  if (trivial) return mapper;
  const zeroBin = binFinder(mapper)(0);
  let mostFrequentBin = countInBin.indexOf(maximumOf(countInBin));
  if (mostFrequentBin !== zeroBin && countInBin[mostFrequentBin] / total < sparseShare) {
    mostFrequentBin = zeroBin;
  }
  return { ...mapper, mostFrequentBin };
}

/** The function from a value to its bin; NaN and unknown categories go where the mapper says. */
export function binFinder(mapper: BinMapper): (value: number) => number {
  if (mapper.kind === 'categorical') return categoricalBinFinder(mapper);
  const { upperBounds, numBins, missing } = mapper;
  const last = missing === missingNan ? numBins - 2 : numBins - 1;
  const nanBin = missing === missingNan ? numBins - 1 : -1;
  return function bin(given) {
    let value = given;
    if (Number.isNaN(value)) {
      if (nanBin >= 0) return nanBin;
      value = 0;
    }
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= upperBounds[middle]) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function categoricalBinFinder(mapper: BinMapper): (value: number) => number {
  const bins = new Map<number, number>();
  for (let i = 1; i < mapper.categories.length; i++) bins.set(mapper.categories[i], i);
  return (value) => (Number.isNaN(value) ? 0 : (bins.get(Math.trunc(value)) ?? 0));
}

// Sorted distinct values with zero put in its place; values one rounding step apart are one value, the larger.
function distinctValues(values: Float64Array, useMissing: boolean) {
  values.sort();
  let size = values.length;
  // Sorting puts NaN last.
  while (size > 0 && Number.isNaN(values[size - 1])) size--;
  const missingCount = useMissing ? values.length - size : 0;
  let zeros = useMissing ? 0 : values.length - size;
  const kept = new Float64Array(size);
  let keptSize = 0;
  for (let i = 0; i < size; i++) {
    if (Math.abs(values[i]) > zeroThreshold) kept[keptSize++] = values[i];
    else zeros++;
  }
  const distinct: number[] = [];
  const counts: number[] = [];
  const push = (value: number, count: number) => {
    distinct.push(value);
    counts.push(count);
  };
  if (keptSize === 0 || (kept[0] > 0 && zeros > 0)) push(0, zeros);
  if (keptSize > 0) push(kept[0], 1);
  for (let i = 1; i < keptSize; i++) {
    if (kept[i] <= nextUp(kept[i - 1])) {
      distinct[distinct.length - 1] = kept[i];
      counts[counts.length - 1]++;
      continue;
    }
    if (kept[i - 1] < 0 && kept[i] > 0) push(0, zeros);
    push(kept[i], 1);
  }
  if (keptSize > 0 && kept[keptSize - 1] < 0 && zeros > 0) push(0, zeros);
  return { distinct: Float64Array.from(distinct), counts: Int32Array.from(counts), missingCount };
}

interface FoundBins {
  countInBin: number[];
  missing: number;
  upperBounds: Float64Array;
  categories: Int32Array;
}

function numericalBins(
  distinct: Float64Array,
  counts: Int32Array,
  total: number,
  missingCount: number,
  limits: BinningLimits,
): FoundBins {
  const { maxBin, minDataInBin } = limits;
  const hasMissing = missingCount > 0;
  const bounds = hasMissing
    ? zeroCentredBounds(distinct, counts, maxBin - 1, total - missingCount, minDataInBin)
    : zeroCentredBounds(distinct, counts, maxBin, total, minDataInBin);
  const countInBin = new Array<number>(bounds.length).fill(0);
  let bin = 0;
  for (let i = 0; i < distinct.length; i++) {
    while (distinct[i] > bounds[bin] && bin < bounds.length - 1) bin++;
    countInBin[bin] += counts[i];
  }
  if (hasMissing) {
    bounds.push(Number.NaN);
    countInBin.push(missingCount);
  }
  return {
    countInBin,
    missing: hasMissing ? missingNan : missingNone,
    upperBounds: Float64Array.from(bounds),
    categories: new Int32Array(0),
  };
}

function categoricalBins(
  distinct: Float64Array,
  counts: Int32Array,
  total: number,
  missingCount: number,
  limits: BinningLimits,
): FoundBins {
  const { minDataInBin } = limits;
  let missing = missingCount;
  const categories: { category: number; count: number }[] = [];
  for (let i = 0; i < distinct.length; i++) {
    const category = Math.trunc(distinct[i]);
    const last = categories.at(-1);
    if (category < 0) missing += counts[i];
    else if (last?.category === category) last.count += counts[i];
    else categories.push({ category: category + 0, count: counts[i] });
  }
  const none = { countInBin: [total], missing: missingNan, upperBounds: new Float64Array(0) };
  if (total - missing <= 0) return { ...none, categories: Int32Array.of(-1) };
  categories.sort((a, b) => b.count - a.count);
  // 99 % of the rows, in the 32-bit arithmetic of the original.
  const enough = roundCount(Math.fround(Math.fround(total - missing) * Math.fround(0.99)));
  const maxBin = Math.min(categories.length + (missing > 0 ? 1 : 0), limits.maxBin);
  const kept = [-1];
  const countInBin = [0];
  let used = 0;
  for (const [index, { category, count }] of categories.entries()) {
    if (used >= enough && kept.length >= maxBin) break;
    if (count < minDataInBin && index > 1) break;
    kept.push(category);
    countInBin.push(count);
    used += count;
  }
  countInBin[0] = total - used;
  return {
    countInBin,
    missing: kept.length - 1 === categories.length && missing === 0 ? missingNone : missingNan,
    upperBounds: new Float64Array(0),
    categories: Int32Array.from(kept),
  };
}

function canBeCut(countInBin: number[], total: number, minimum: number, kind: BinMapper['kind']): boolean {
  if (kind === 'categorical' && countInBin.length > 2) return true;
  let left = 0;
  for (let i = 0; i < countInBin.length - 1; i++) {
    left += countInBin[i];
    if (left >= minimum && total - left >= minimum) return true;
  }
  return false;
}

function maximumOf(values: number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}
