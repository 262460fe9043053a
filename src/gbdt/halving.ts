import { usageError } from '../core/errors.ts';

/** Successive halving: every setting on few folds, the best of them on more. */
export interface HalvingOptions {
  /** One setting in so many goes on, with so many times the folds. Default 3. */
  readonly factor?: number | undefined;
}

/** How many settings a round keeps (one in `factor`), and the folds of each round, the last all of them. */
export interface HalvingPlan {
  readonly factor: number;
  readonly folds: readonly number[];
}

/**
 * The rounds of a search; a single one without halving.
 *
 * Source: Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization".
 *
 * @throws TrainyardError of kind `usage` for a factor that halves nothing.
 */
export function halvingPlan(numFolds: number, halving: boolean | HalvingOptions): HalvingPlan {
  if (halving === false) return { factor: 1, folds: [numFolds] };
  const { factor = 3 } = halving === true ? {} : halving;
  if (!(factor > 1) || !Number.isFinite(factor)) {
    throw usageError(`invalid factor: ${factor}; expected a number above 1`);
  }
  const folds = [1];
  while (folds[folds.length - 1] < numFolds) {
    folds.push(Math.min(numFolds, Math.ceil(folds[folds.length - 1] * factor)));
  }
  return { factor, folds };
}
