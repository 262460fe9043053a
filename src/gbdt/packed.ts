import type { BinColumn } from './binMapper.ts';
import type { HistogramBlock } from './histogramBlocks.ts';
import type { LeafTotals, Split, SplitRules } from './split.ts';

/*
 * The fast mode: gradients as integers of 23 bits, and a histogram of one double a bin that holds their sum times
 * 2^15 plus the count of rows. Sums and differences are exact while a model has fewer than 2^15 rows, so no bin
 * has to be inferred, and a leaf without missing values needs one pass only. Trees differ from LightGBM's where
 * two cuts are equal to six digits or so.
 */

/** Most rows of a model trained this way. */
export const maxPackedRows = 32767;

const countRange = 32768;
const gradientBits = 22;

/** Gradients as integers times `countRange`, plus 1. */
export interface PackedGradients {
  readonly values: Float64Array;
  /** What the integers must be multiplied by; a power of 2. */
  scale: number;
}

/** Packs the gradients of all rows into `packed`. */
export function packGradients(gradients: Float32Array, packed: PackedGradients): void {
  let largest = 0;
  for (let i = 0; i < gradients.length; i++) largest = Math.max(largest, Math.abs(gradients[i]));
  const power = largest > 0 ? gradientBits - Math.ceil(Math.log2(largest)) : 0;
  // Two steps, for gradients so small that the factor would be infinite.
  const half = 2 ** Math.floor(power / 2);
  const rest = 2 ** (power - Math.floor(power / 2));
  for (let i = 0; i < gradients.length; i++) {
    packed.values[i] = Math.round(gradients[i] * half * rest) * countRange + 1;
  }
  packed.scale = 2 ** -power;
}

/** Sum of the gradients of some rows. */
export function sumPacked({ values, scale }: PackedGradients, rows: Int32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[rows[i]];
  return Math.floor(sum / countRange) * scale;
}

/** Sums packed gradients of `rows[start..end)` into `out`, one double a bin. */
export function buildPackedHistogram(
  blocks: readonly HistogramBlock[],
  columns: readonly BinColumn[],
  rows: Int32Array,
  start: number,
  end: number,
  values: Float64Array,
  wanted: Uint8Array,
  out: Float64Array,
): void {
  for (const block of blocks) {
    const { width, firstFeature, binStarts, cells } = block;
    let chosen = 0;
    for (let k = 0; k < width; k++) chosen += wanted[firstFeature + k];
    if (chosen === 0) continue;
    const histogram = out.subarray(block.start, block.start + binStarts[width]);
    histogram.fill(0);
    if (chosen * 2 > width) {
      packedKernel(block)(cells, rows, start, end, values, histogram);
      continue;
    }
    for (let k = 0; k < width; k++) {
      if (wanted[firstFeature + k]) {
        addColumn(columns[firstFeature + k], binStarts[k], rows, start, end, values, histogram);
      }
    }
  }
}

type PackedKernel = (
  cells: BinColumn,
  rows: Int32Array,
  start: number,
  end: number,
  values: Float64Array,
  histogram: Float64Array,
) => void;

const kernels = new Map<string, PackedKernel>();

function packedKernel({ width, binStarts, cells }: HistogramBlock): PackedKernel {
  const key = `${cells.BYTES_PER_ELEMENT} ${binStarts.join()}`;
  let kernel = kernels.get(key);
  if (!kernel) {
    const adds = Array.from(
      { length: width },
      (_, k) => `histogram[cells[p + ${k}] + ${binStarts[k]}] += v;`,
    );
    const body = `for (let i = start; i < end; i++) {
      const row = rows[i]; const v = values[row]; const p = row * ${width};
      ${adds.join('\n')}
    }`;
    try {
      kernel = new Function('cells', 'rows', 'start', 'end', 'values', 'histogram', body) as PackedKernel;
    } catch {
      kernel = plainKernel(binStarts);
    }
    kernels.set(key, kernel);
  }
  return kernel;
}

function plainKernel(binStarts: Int32Array): PackedKernel {
  const width = binStarts.length - 1;
  return (cells, rows, start, end, values, histogram) => {
    for (let i = start; i < end; i++) {
      for (let k = 0; k < width; k++) histogram[cells[rows[i] * width + k] + binStarts[k]] += values[rows[i]];
    }
  };
}

function addColumn(
  column: BinColumn,
  columnStart: number,
  rows: Int32Array,
  start: number,
  end: number,
  values: Float64Array,
  histogram: Float64Array,
): void {
  for (let i = start; i < end; i++) histogram[column[rows[i]] + columnStart] += values[rows[i]];
}

/** Writes a feature's bins as (gradient, hessian) pairs, for finders that know nothing of packing. */
export function unpack(
  histogram: Float64Array,
  start: number,
  end: number,
  scale: number,
  pairs: Float64Array,
): void {
  for (let i = start, to = 0; i < end; i++, to += 2) {
    const gradient = Math.floor(histogram[i] / countRange);
    pairs[to] = gradient * scale;
    pairs[to + 1] = histogram[i] - gradient * countRange;
  }
}

/**
 * Finds the best cut of a numerical feature, as `findNumericalSplit` does, without lambdaL1 and constraints.
 *
 * @param start First bin of the feature in `histogram`.
 */
export function findPackedSplit(
  histogram: Float64Array,
  start: number,
  numBins: number,
  hasMissing: boolean,
  scale: number,
  leaf: LeafTotals,
  rules: SplitRules,
  split: Split,
): boolean {
  const { count } = leaf;
  const l2 = rules.lambdaL2;
  // From here on in integers; gains are in their squares.
  const gradient = leaf.gradient / scale;
  const total = count + 2 * l2;
  const base = (gradient * gradient) / (count + l2);
  const limit = base + rules.minGainToSplit / (scale * scale);
  const minimum = Math.max(rules.minDataInLeaf, rules.minSumHessianInLeaf);
  const twoPasses = hasMissing && numBins > 2;
  const last = start + numBins - 1 - (twoPasses ? 1 : 0);
  // A cut's gain is gradient^2 / total + excess^2 / (total * left * right).
  const offset = (gradient * gradient) / total;
  let room = (limit - offset) * total;
  let bestBin = -1;
  let bestLeft = 0;
  let defaultLeft = !(hasMissing && !twoPasses);
  split.gain = Number.NEGATIVE_INFINITY;
  split.categories = undefined;

  let sum = 0;
  for (let i = last; i > start; i--) {
    sum += histogram[i];
    const near = Math.floor(sum / countRange);
    const nearCount = sum - near * countRange;
    if (nearCount < minimum) continue;
    const farCount = count - nearCount;
    if (farCount < minimum) break;
    const excess = gradient * (nearCount + l2) - near * total;
    const product = (farCount + l2) * (nearCount + l2);
    if (excess * excess <= room * product) continue;
    room = (excess * excess) / product;
    bestBin = i - 1;
    bestLeft = (gradient - near) * countRange + farCount;
  }
  if (twoPasses && histogram[last + 1] !== 0) {
    sum = 0;
    for (let i = start; i <= last; i++) {
      sum += histogram[i];
      const near = Math.floor(sum / countRange);
      const nearCount = sum - near * countRange;
      if (nearCount < minimum) continue;
      const farCount = count - nearCount;
      if (farCount < minimum) break;
      const excess = gradient * (nearCount + l2) - near * total;
      const product = (farCount + l2) * (nearCount + l2);
      if (excess * excess <= room * product) continue;
      room = (excess * excess) / product;
      bestBin = i;
      bestLeft = sum;
      defaultLeft = false;
    }
  }
  if (bestBin < 0) return false;
  const left = Math.floor(bestLeft / countRange);
  const leftCount = bestLeft - left * countRange;
  split.gain = (offset + room / total - limit) * scale * scale;
  split.threshold = bestBin - start;
  split.defaultLeft = defaultLeft;
  split.leftCount = leftCount;
  split.leftGradient = left * scale;
  split.leftHessian = leftCount;
  split.rightGradient = (gradient - left) * scale;
  split.rightHessian = count - leftCount;
  split.leftOutput = -split.leftGradient / (split.leftHessian + l2);
  split.rightOutput = -split.rightGradient / (split.rightHessian + l2);
  return split.gain > 0;
}
