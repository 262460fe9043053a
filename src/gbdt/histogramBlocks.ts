import type { BinColumn } from './binMapper.ts';

/** Some neighbouring features laid out row after row, for building their histograms in one pass. */
export interface HistogramBlock {
  /** First of its features, counted among the used ones. */
  readonly firstFeature: number;
  /** Features in it. */
  readonly width: number;
  /** `[numRows, width]` bins. */
  readonly cells: BinColumn;
  /** Start of each feature's pairs within the block's histogram, in pairs; one more at the end. */
  readonly binStarts: Int32Array;
  /** Start of the block within a leaf's histogram, in pairs. */
  readonly start: number;
}

// A block's histogram of 64 x 256 pairs still lies in the second-level cache.
const maxWidth = 64;

/** Lays binned columns out in blocks; `numBins` counts the bins of each column. */
export function layOutBlocks(columns: readonly BinColumn[], numBins: readonly number[]): HistogramBlock[] {
  const blocks: HistogramBlock[] = [];
  let start = 0;
  for (let first = 0; first < columns.length; first += maxWidth) {
    const width = Math.min(maxWidth, columns.length - first);
    const binStarts = new Int32Array(width + 1);
    for (let k = 0; k < width; k++) binStarts[k + 1] = binStarts[k] + numBins[first + k];
    const cells = fillCells(columns.slice(first, first + width));
    blocks.push({ firstFeature: first, width, cells, binStarts, start });
    start += binStarts[width];
  }
  return blocks;
}

function fillCells(columns: readonly BinColumn[]): BinColumn {
  const width = columns.length;
  const numRows = columns[0].length;
  const bytes = Math.max(...columns.map((column) => column.BYTES_PER_ELEMENT));
  const buffer = new SharedArrayBuffer(numRows * width * bytes);
  const cells = bytes === 1 ? new Uint8Array(buffer) : new Uint16Array(buffer);
  // In bands of rows, so that the cells being written stay in the cache.
  const band = 4096;
  for (let from = 0; from < numRows; from += band) {
    const to = Math.min(numRows, from + band);
    for (let k = 0; k < width; k++) {
      const column = columns[k];
      for (let row = from, at = from * width + k; row < to; row++, at += width) cells[at] = column[row];
    }
  }
  return cells;
}
