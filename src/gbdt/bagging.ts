import { type Lcg, lcg } from './lcg.ts';

/** Draws the rows that each tree sees. */
export interface Bagging {
  /** Rows in the bag, then those out of it; both ascending. */
  readonly rows: Int32Array;
  /** Rows in the bag. */
  readonly count: number;
  /** Draws again if it is time to. Returns true where `rows` changed. */
  next(iteration: number): boolean;
}

const blockSize = 1024;

/**
 * LightGBM's bagging: every block of 1,024 rows has a stream of its own, so that the draws do not depend on
 * threads. Returns undefined where nothing is to be drawn.
 *
 * Source: LightGBM `BaggingSampleStrategy`.
 */
export function createBagging(
  numRows: number,
  fraction: number,
  frequency: number,
  seed: number,
): Bagging | undefined {
  if (fraction >= 1 || frequency <= 0) return undefined;
  const streams: Lcg[] = [];
  for (let block = 0; block * blockSize < numRows; block++) streams.push(lcg(seed + block));
  const rows = new Int32Array(numRows);
  let count = Math.trunc(fraction * numRows);
  let first = true;

  function next(iteration: number): boolean {
    // Once a draw has taken every row, the original never draws again.
    if (!first && !(count < numRows && iteration % frequency === 0)) return false;
    first = false;
    const out: number[] = [];
    count = 0;
    for (let row = 0; row < numRows; row++) {
      if (streams[Math.floor(row / blockSize)].nextFloat() < fraction) rows[count++] = row;
      else out.push(row);
    }
    rows.set(out, count);
    return true;
  }

  return {
    rows,
    get count() {
      return count;
    },
    next,
  };
}
