import type { BinColumn } from './binMapper.ts';
import type { Dataset } from './dataset.ts';
import type { GrownTree } from './grownTree.ts';

/** Rows grouped by the leaf they are in, ascending within each. */
export interface RowPartition {
  readonly rows: Int32Array;
  /** Start of each leaf in `rows`. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** Puts `rows[0..count)` (all rows when not given) back into leaf 0. */
  reset(rows?: Int32Array, count?: number): void;
  /** Moves the rows of `leaf` that a split does not send left to the leaf `right`. */
  split(leaf: number, right: number, column: BinColumn, goesLeft: Uint8Array): void;
}

/** Room for a partition of up to `numRows` rows into `maxLeaves` leaves. */
export function rowPartition(numRows: number, maxLeaves: number): RowPartition {
  // Shared, so that threads read it where it is.
  const rows = new Int32Array(new SharedArrayBuffer(4 * numRows));
  const spare = new Int32Array(numRows);
  const starts = new Int32Array(maxLeaves);
  const counts = new Int32Array(maxLeaves);

  function reset(given?: Int32Array, count = numRows): void {
    if (given) rows.set(given.subarray(0, count));
    else for (let i = 0; i < numRows; i++) rows[i] = i;
    starts.fill(0);
    counts.fill(0);
    counts[0] = count;
  }

  function split(leaf: number, right: number, column: BinColumn, goesLeft: Uint8Array): void {
    const start = starts[leaf];
    const count = counts[leaf];
    const moved = divide(rows, start, start + count, column, goesLeft, spare);
    starts[right] = start + count - moved;
    counts[leaf] = count - moved;
    counts[right] = moved;
  }

  return { rows, starts, counts, reset, split };
}

/** Sends rows of a dataset down a grown tree, split by split, as training did with its own. */
export function partitionByTree(partition: RowPartition, dataset: Dataset, grown: GrownTree): void {
  const { splitLeaf, usedFeature, goesLeft } = grown;
  for (let node = 0; node < splitLeaf.length; node++) {
    partition.split(splitLeaf[node], node + 1, dataset.columns[usedFeature[node]], goesLeft[node]);
  }
}

/** Adds each leaf's value to the scores of its rows. */
export function addLeafValues(
  partition: RowPartition,
  leafValue: Float64Array,
  scores: Float64Array,
  offset: number,
): void {
  const { rows, starts, counts } = partition;
  for (let leaf = 0; leaf < leafValue.length; leaf++) {
    const value = leafValue[leaf];
    const end = starts[leaf] + counts[leaf];
    for (let i = starts[leaf]; i < end; i++) scores[offset + rows[i]] += value;
  }
}

// Keeps the order on both sides. Both targets are written every time: cheaper than a branch nobody can predict.
function divide(
  rows: Int32Array,
  start: number,
  end: number,
  column: BinColumn,
  goesLeft: Uint8Array,
  spare: Int32Array,
): number {
  let left = start;
  let moved = 0;
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const isLeft = goesLeft[column[row]];
    rows[left] = row;
    spare[moved] = row;
    left += isLeft;
    moved += 1 - isLeft;
  }
  for (let i = 0; i < moved; i++) rows[left + i] = spare[i];
  return moved;
}
