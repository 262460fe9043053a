import type { BinColumn } from './binMapper.ts';

/**
 * Some neighbouring features laid out for building histograms: row after row, every bin already turned into the
 * index of its (gradient, hessian) pair within the block.
 */
export interface HistogramBlock {
  /** First of its features, counted among the used ones. */
  readonly firstFeature: number;
  /** Features in it. */
  readonly width: number;
  /** `[numRows, width]`: twice (bins of the features before it in the block + bin). */
  readonly cells: Uint16Array;
  /** Start of each feature's pairs within the block's histogram, in pairs; one more at the end. */
  readonly binStarts: Int32Array;
  /** Start of the block within a leaf's histogram, in pairs. */
  readonly start: number;
}

// A block's histogram of 64 x 256 pairs still lies in the second-level cache, and its cells fit in 16 bits.
const maxWidth = 64;
const maxBinsInBlock = 32768;

/** Lays binned columns out in blocks; `numBins` counts the bins of each column. */
export function layOutBlocks(columns: readonly BinColumn[], numBins: readonly number[]): HistogramBlock[] {
  const blocks: HistogramBlock[] = [];
  let first = 0;
  let start = 0;
  while (first < columns.length) {
    const starts = [0];
    let width = 0;
    while (first + width < columns.length && width < maxWidth) {
      const next = starts[width] + numBins[first + width];
      if (width > 0 && next > maxBinsInBlock) break;
      starts.push(next);
      width++;
    }
    const cells = fillCells(columns.slice(first, first + width), starts);
    blocks.push({ firstFeature: first, width, cells, binStarts: Int32Array.from(starts), start });
    start += starts[width];
    first += width;
  }
  return blocks;
}

function fillCells(columns: readonly BinColumn[], starts: readonly number[]): Uint16Array {
  const width = columns.length;
  const numRows = columns[0].length;
  const cells = new Uint16Array(new SharedArrayBuffer(numRows * width * 2));
  // In bands of rows, so that the cells being written stay in the cache.
  const band = 4096;
  for (let from = 0; from < numRows; from += band) {
    const to = Math.min(numRows, from + band);
    for (let k = 0; k < width; k++) {
      const column = columns[k];
      const start = starts[k];
      for (let row = from, at = from * width + k; row < to; row++, at += width) {
        cells[at] = (start + column[row]) * 2;
      }
    }
  }
  return cells;
}
