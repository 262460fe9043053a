import { earlyStopping } from './evaluation.ts';
import type { Metric } from './metrics.ts';
import type { ResolvedParameters } from './parameters.ts';

/** One metric over the iterations of a cross-validation. */
export interface FoldScores {
  /** Over the folds, one value an iteration. */
  readonly mean: readonly number[];
  /** Standard deviation over the folds (divided by their number), one value an iteration. */
  readonly std: readonly number[];
  /** `[fold][iteration]` */
  readonly folds: readonly (readonly number[])[];
  readonly higherIsBetter: boolean;
}

/** Early stopping on the means over folds, fed iteration by iteration. */
export interface MeanWatch {
  /** Looks at the iterations up to this one, counted from 1, that it has not seen; true once training should stop. */
  advance(iterations: number): boolean;
  /** The iteration, counted from 1, that stopped training; undefined while none did. */
  readonly stoppedAt: number | undefined;
  readonly bestIteration: number | undefined;
}

/** Starts to watch; `valueAt` gives the value of a fold, a metric and an iteration, all counted from 0. */
export function watchMeans(
  parameters: ResolvedParameters,
  metrics: readonly Metric[],
  numFolds: number,
  valueAt: (fold: number, metric: number, iteration: number) => number,
): MeanWatch {
  const { earlyStoppingRound, earlyStoppingMinDelta, firstMetricOnly } = parameters;
  const stopping = earlyStopping(earlyStoppingRound, earlyStoppingMinDelta, firstMetricOnly);
  const set = { isTraining: false };
  const ofFolds = new Array<number>(numFolds).fill(0);
  let seen = 0;
  let stoppedAt: number | undefined;

  function advance(iterations: number): boolean {
    while (seen < iterations && stoppedAt === undefined) {
      const values = metrics.map((metric, m) => {
        for (let fold = 0; fold < numFolds; fold++) ofFolds[fold] = valueAt(fold, m, seen);
        return { set, metric, value: meanOf(ofFolds) };
      });
      seen++;
      if (stopping.record(values, seen)) stoppedAt = seen;
    }
    return stoppedAt !== undefined;
  }

  return {
    advance,
    get stoppedAt() {
      return stoppedAt;
    },
    get bestIteration() {
      return stopping.bestIteration;
    },
  };
}

/** Means and deviations of one metric, given its values `[fold][iteration]`. */
export function foldScores(folds: readonly (readonly number[])[], higherIsBetter: boolean): FoldScores {
  const iterations = Array.from(folds[0].keys());
  const at = (iteration: number) => folds.map((values) => values[iteration]);
  return {
    mean: iterations.map((iteration) => meanOf(at(iteration))),
    std: iterations.map((iteration) => deviationOf(at(iteration))),
    folds,
    higherIsBetter,
  };
}

/** The mean of some values. */
export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Their standard deviation, divided by their number as numpy and LightGBM do. */
export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}
