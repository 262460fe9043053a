import type { BinColumn } from './binMapper.ts';
import type { HistogramBlock } from './histogramBlocks.ts';
import { addColumns, type RowKernel, rowKernel } from './histogramKernels.ts';

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

/** Builds the histograms of leaves; holds the memory that this takes. */
export interface HistogramBuilder {
  /**
   * Sums the slopes of `rows[start..end)` into `out`, bin by bin, in the order of the rows: LightGBM's order, which
   * decides the last bits. Features that are not wanted may be left at any value.
   *
   * @param wanted One flag a used feature.
   */
  build(
    rows: Int32Array,
    start: number,
    end: number,
    slopes: Slopes,
    wanted: Uint8Array,
    out: Float64Array,
  ): void;
  /** Of no meaning; see `touchRows`. */
  readonly touched: number;
}

// Few rows of a block larger than this are fetched ahead, a batch at a time: see `touchRows`.
const largeBlock = 4 << 20;
const manyRows = 0.5;
const batch = 256;

/** Makes a builder for binned data, given both ways: by block and by column. */
export function histogramBuilder(
  blocks: readonly HistogramBlock[],
  columns: readonly BinColumn[],
  numRows: number,
): HistogramBuilder {
  const kernels: { unit?: RowKernel; weighted?: RowKernel }[] = blocks.map(() => ({}));
  let touched = 0;
  let ordered: { gradients: Float32Array; hessians: Float32Array } | undefined;

  function build(
    rows: Int32Array,
    start: number,
    end: number,
    slopes: Slopes,
    wanted: Uint8Array,
    out: Float64Array,
  ): void {
    const { gradients, hessians, constantHessian } = slopes;
    let isOrdered = false;
    for (const [i, block] of blocks.entries()) {
      const histogram = out.subarray(block.start * 2, (block.start + block.binStarts[block.width]) * 2);
      const chosen = wantedColumns(block, wanted);
      if (chosen.length === 0) continue;
      histogram.fill(0);
      // Reading a row costs about as much as adding half of it.
      if (chosen.length * 2 <= block.width) {
        if (!isOrdered) order(rows, start, end, slopes);
        isOrdered = true;
        const { firstFeature, binStarts } = block;
        const used = hessians && ordered?.hessians;
        if (ordered) {
          addColumns(
            columns,
            firstFeature,
            binStarts,
            chosen,
            rows,
            start,
            end,
            ordered.gradients,
            used,
            histogram,
          );
        }
      } else {
        const kind = hessians ? 'weighted' : 'unit';
        kernels[i][kind] ??= rowKernel(block, hessians !== undefined);
        const kernel = kernels[i][kind];
        const second = hessians ?? gradients;
        const isSparse = block.cells.byteLength > largeBlock && end - start < manyRows * numRows;
        const step = isSparse ? batch : end - start;
        for (let from = start; from < end; from += step) {
          const to = Math.min(end, from + step);
          if (isSparse) touched ^= touchRows(block, rows, from, to);
          kernel(block.cells, rows, from, to, gradients, histogram, second);
        }
      }
      if (!hessians && constantHessian !== 1) {
        for (let k = 1; k < histogram.length; k += 2) histogram[k] *= constantHessian;
      }
    }
  }

  // Puts the slopes of the rows in their order, once for all columns.
  function order(rows: Int32Array, start: number, end: number, { gradients, hessians }: Slopes): void {
    ordered ??= { gradients: new Float32Array(numRows), hessians: new Float32Array(numRows) };
    for (let i = start; i < end; i++) ordered.gradients[i] = gradients[rows[i]];
    if (hessians) for (let i = start; i < end; i++) ordered.hessians[i] = hessians[rows[i]];
  }

  return {
    build,
    get touched() {
      return touched;
    },
  };
}

// Reads a little of every row, so that the processor waits for many rows of memory at once instead of one after the
// other. What is read must seem to matter, or it would not be read at all.
function touchRows({ cells, width }: HistogramBlock, rows: Int32Array, start: number, end: number): number {
  let seen = 0;
  for (let i = start; i < end; i++) {
    const at = rows[i] * width;
    seen ^= cells[at] ^ cells[at + width - 1];
  }
  return seen;
}

function wantedColumns({ firstFeature, width }: HistogramBlock, wanted: Uint8Array): number[] {
  const columns: number[] = [];
  for (let k = 0; k < width; k++) if (wanted[firstFeature + k]) columns.push(k);
  return columns;
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
