import { usageError } from '../core/errors.ts';
import { type Fold, shuffle } from './folds.ts';
import type { ResolvedParameters } from './parameters.ts';

/** Successive halving: many settings on few rows, the best of them on more. */
export interface HalvingOptions {
  /** One setting in so many goes on, with so many times the rows. Default 3. */
  readonly factor?: number | undefined;
  /** Rounds, the last on all rows. Default 3. */
  readonly rungs?: number | undefined;
}

/** How many settings a round keeps (one in `factor`), and the share of rows of each round. */
export interface HalvingPlan {
  readonly factor: number;
  readonly shares: readonly number[];
}

/**
 * The rounds of a search; a single one without halving.
 *
 * @throws TrainyardError of kind `usage` for options out of range.
 */
export function halvingPlan(halving: boolean | HalvingOptions): HalvingPlan {
  if (halving === false) return { factor: 1, shares: [1] };
  const { factor = 3, rungs = 3 } = halving === true ? {} : halving;
  if (!(factor > 1) || !Number.isFinite(factor)) {
    throw usageError(`invalid factor: ${factor}; expected a number above 1`);
  }
  if (!Number.isInteger(rungs) || rungs < 2) {
    throw usageError(`invalid rungs: ${rungs}; expected an integer of at least 2`);
  }
  return { factor, shares: Array.from({ length: rungs }, (_, rung) => factor ** (rung - rungs + 1)) };
}

/**
 * The folds with a share of their training rows; all of their test rows. Rows of a smaller share are among those of a
 * larger one.
 */
export function thinTraining(folds: readonly Fold[], share: number, seed: number): readonly Fold[] {
  if (share === 1) return folds;
  return folds.map(({ train, test }, fold) => {
    const order = train.slice();
    shuffle(order, seed, 'halving', fold);
    return { train: order.slice(0, Math.ceil(share * train.length)).sort(), test };
  });
}

/**
 * Refuses a first round in which a setting could not split any row from the rest.
 *
 * @throws TrainyardError of kind `usage` naming the rows there are and those needed.
 */
export function checkFirstRound(
  folds: readonly Fold[],
  share: number,
  settings: readonly ResolvedParameters[],
): void {
  if (share === 1) return;
  const rows = Math.ceil(share * Math.min(...folds.map(({ train }) => train.length)));
  const needed = settings.reduce((most, { minDataInLeaf }) => Math.max(most, 2 * minDataInLeaf), 2);
  if (rows >= needed) return;
  throw usageError(
    `halving starts with ${rows} rows to train on; expected at least ${needed}, two leaves of minDataInLeaf`,
    'use fewer rungs or a smaller factor',
  );
}
