import type { HistogramBlock } from './histogramBlocks.ts';

/**
 * What histograms are built from: gradients of all rows, and hessians unless they are all the same.
 * A histogram holds one (gradient, hessian) pair a bin, the blocks one after the other.
 */
export interface Slopes {
  readonly gradients: Float32Array;
  /** Undefined: every hessian is `constantHessian`. */
  readonly hessians: Float32Array | undefined;
  readonly constantHessian: number;
}

/**
 * Sums the slopes of `rows[start..end)` into `out`, bin by bin, in the order of the rows: LightGBM's order, which
 * decides the last bits. Features that are not wanted may be left at any value.
 *
 * @param wanted One flag a used feature.
 */
export function buildHistogram(
  blocks: readonly HistogramBlock[],
  rows: Int32Array,
  start: number,
  end: number,
  slopes: Slopes,
  wanted: Uint8Array,
  out: Float64Array,
): void {
  const { gradients, hessians, constantHessian } = slopes;
  for (const block of blocks) {
    const { width, cells, binStarts, firstFeature } = block;
    const histogram = out.subarray(block.start * 2, (block.start + binStarts[width]) * 2);
    const columns: number[] = [];
    for (let k = 0; k < width; k++) if (wanted[firstFeature + k]) columns.push(k);
    if (columns.length === 0) continue;
    histogram.fill(0);
    // Reading a row costs about as much as adding half of it.
    if (columns.length * 2 > width) {
      const { unit, weighted } = rowKernels(width);
      if (hessians) weighted(cells, rows, start, end, gradients, histogram, hessians);
      else unit(cells, rows, start, end, gradients, histogram);
    } else {
      for (let i = 0; i < columns.length; i += 4) {
        const [a, b, c, d] = columns.slice(i, i + 4);
        addColumns(
          cells,
          width,
          rows,
          start,
          end,
          gradients,
          hessians,
          histogram,
          a,
          b ?? a,
          c ?? a,
          d ?? a,
          Math.min(4, columns.length - i),
        );
      }
    }
    if (!hessians && constantHessian !== 1) {
      for (let i = 1; i < histogram.length; i += 2) histogram[i] *= constantHessian;
    }
  }
}

/** Adds rows to a block's histogram, all of its features. */
type RowKernel = (
  cells: Uint16Array,
  rows: Int32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  histogram: Float64Array,
  hessians?: Float32Array,
) => void;

const kernels = new Map<number, { unit: RowKernel; weighted: RowKernel }>();

// One pair of functions a width, written out without an inner loop: twice as fast as the plain version below.
function rowKernels(width: number): { unit: RowKernel; weighted: RowKernel } {
  let pair = kernels.get(width);
  if (!pair) {
    pair = { unit: generate(width, '1', ''), weighted: generate(width, 'h', 'const h = hessians[row];') };
    kernels.set(width, pair);
  }
  return pair;
}

function generate(width: number, hessian: string, readHessian: string): RowKernel {
  const adds = Array.from(
    { length: width },
    (_, k) => `{ const c = cells[p + ${k}]; histogram[c] += g; histogram[c + 1] += ${hessian}; }`,
  );
  const body = `for (let i = start; i < end; i++) {
    const row = rows[i]; const g = gradients[row]; ${readHessian} const p = row * ${width};
    ${adds.join('\n')}
  }`;
  try {
    const parameters = ['cells', 'rows', 'start', 'end', 'gradients', 'histogram', 'hessians'];
    return new Function(...parameters, body) as RowKernel;
  } catch {
    // Where code may not be generated (node --disallow-code-generation-from-strings).
    return (cells, rows, start, end, gradients, histogram, hessians) =>
      addRowsPlainly(width, cells, rows, start, end, gradients, histogram, hessians);
  }
}

/**
 * The plain version of the generated kernels, and their reference in tests.
 *
 * @internal
 */
export function addRowsPlainly(
  width: number,
  cells: Uint16Array,
  rows: Int32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  histogram: Float64Array,
  hessians: Float32Array | undefined,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const gradient = gradients[row];
    const hessian = hessians ? hessians[row] : 1;
    for (let p = row * width; p < (row + 1) * width; p++) {
      histogram[cells[p]] += gradient;
      histogram[cells[p] + 1] += hessian;
    }
  }
}

// The first `count` of four columns of a block.
function addColumns(
  cells: Uint16Array,
  width: number,
  rows: Int32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  hessians: Float32Array | undefined,
  histogram: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  count: number,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const g = gradients[row];
    const h = hessians ? hessians[row] : 1;
    const p = row * width;
    const at = cells[p + a];
    histogram[at] += g;
    histogram[at + 1] += h;
    if (count === 1) continue;
    const bt = cells[p + b];
    histogram[bt] += g;
    histogram[bt + 1] += h;
    if (count === 2) continue;
    const ct = cells[p + c];
    histogram[ct] += g;
    histogram[ct + 1] += h;
    if (count === 3) continue;
    const dt = cells[p + d];
    histogram[dt] += g;
    histogram[dt + 1] += h;
  }
}

/**
 * Replaces the most frequent bin of a feature by what the other bins leave of the leaf's totals, as LightGBM does.
 * Bin 0 is not stored at all where it is the most frequent one; here it holds zeros.
 *
 * @param start First pair of the feature, in doubles; `end` likewise.
 */
export function inferFrequentBin(
  histogram: Float64Array,
  start: number,
  end: number,
  frequentBin: number,
  gradient: number,
  hessian: number,
): void {
  const frequent = start + frequentBin * 2;
  if (frequentBin === 0) {
    histogram[frequent] = 0;
    histogram[frequent + 1] = 0;
    return;
  }
  let restGradient = gradient;
  let restHessian = hessian;
  for (let i = start; i < frequent; i += 2) {
    restGradient -= histogram[i];
    restHessian -= histogram[i + 1];
  }
  for (let i = frequent + 2; i < end; i += 2) {
    restGradient -= histogram[i];
    restHessian -= histogram[i + 1];
  }
  histogram[frequent] = restGradient;
  histogram[frequent + 1] = restHessian;
}

/** Turns a feature's pairs of the parent into those of the larger child, given the smaller one's. */
export function subtractHistogram(
  parent: Float64Array,
  smaller: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) parent[i] -= smaller[i];
}
