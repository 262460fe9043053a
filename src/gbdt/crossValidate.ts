import { availableParallelism } from 'node:os';
import { usageError } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { mapOnWorkers, moduleBeside } from '../core/workerPool.ts';
import type { Dataset, TrainingData } from './dataset.ts';
import { type DivisionOptions, datasetOf, divide, foldsOf } from './foldData.ts';
import { gatherPredictions, predictBinned } from './foldPredictions.ts';
import type { Fold } from './folds.ts';
import { type FoldTask, type GrownFold, scoreBoard } from './growFolds.ts';
import { type FoldScores, foldScores, watchMeans } from './meanScores.ts';
import { createMetrics } from './metrics.ts';
import type { Model } from './model.ts';
import {
  type GbdtParameters,
  namedInFull,
  type ResolvedParameters,
  resolveParameters,
} from './parameters.ts';

/** What cross-validation takes besides data and parameters. */
export interface CrossValidationOptions extends DivisionOptions {
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** What cross-validation found. */
export interface CrossValidation {
  /** By metric, under the names that `train` gives its history. */
  readonly scores: Readonly<Record<string, FoldScores>>;
  /** Iterations (counted from 1) of the best mean; set where early stopping watched it. */
  readonly bestIteration: number | undefined;
  /**
   * For each row, what the model that did not train on it predicts, with the best iterations where early stopping
   * found them; `[rows, classes]`. NaN for rows that no fold tests, the mean for those that several do.
   */
  readonly predictions: Float64Array;
  /** The model of each fold. */
  readonly models: readonly Model[];
  readonly folds: readonly Fold[];
  readonly warnings: readonly string[];
}

/**
 * Trains a model a fold and scores each on the rows it has not seen: LightGBM's `lgb.cv`, folds spread over threads.
 * With `earlyStoppingRound` all folds stop where the mean over them no longer improves. The result is the same for any
 * number of workers.
 *
 * @throws TrainyardError of kind `usage` for parameters and folds, `data` for labels that the objective cannot use,
 * `cancelled` once `signal` is aborted.
 *
 * @example
 * const { scores, predictions } = await crossValidate(
 *   { columns, label },
 *   { objective: 'regressionL1', numIterations: 200, earlyStoppingRound: 20 },
 *   { folds: timeFolds(hours, { folds: 5, gap: 48 }) },
 * );
 */
export async function crossValidate(
  data: TrainingData | Dataset,
  parameters: GbdtParameters = {},
  options: CrossValidationOptions = {},
): Promise<CrossValidation> {
  const named = namedInFull(parameters);
  const resolved = resolveParameters(named);
  checkScorable(resolved);
  const metrics = createMetrics(resolved);
  const dataset = datasetOf(data, named);
  const folds = foldsOf(dataset.numRows, options);
  const foldData = divide(data, dataset, folds, options);
  const { workers = availableParallelism(), signal, onProgress } = options;
  const isWatched = resolved.earlyStoppingRound > 0;
  const board = isWatched ? scoreBoard(folds.length, metrics.length, resolved.numIterations) : undefined;
  const tasks = share(folds.length, isWatched ? workers : folds.length).map(
    (positions): FoldTask => ({
      parameters: named,
      folds: positions.map((position) => foldData[position]),
      positions,
      board,
    }),
  );
  let done = 0;
  const report = () => onProgress?.({ stage: 'cross-validating', done, total: folds.length, unit: 'folds' });
  report();
  const grown = await mapOnWorkers<FoldTask, GrownFold[]>(
    moduleBeside(import.meta.url, './growFolds'),
    'growFolds',
    tasks,
    {
      workers,
      signal,
      onResult: (results) => {
        done += results.length;
        report();
      },
    },
  );
  const byFold = grown.flat().sort((a, b) => a.position - b.position);
  const watch = watchMeans(resolved, metrics, folds.length, (fold, metric, iteration) => {
    return byFold[fold].history[metric][iteration];
  });
  watch.advance(Math.min(...byFold.map(({ history }) => history[0].length)));
  const iterations = watch.stoppedAt ?? resolved.numIterations;
  const models = byFold.map(({ model }) => endModel(model, iterations, watch.bestIteration, dataset));
  // Takes a small part of the time of training, less than starting threads for small data.
  const predictions = foldData.map(({ test }, fold) => predictBinned(test, models[fold]));
  return {
    scores: Object.fromEntries(
      metrics.map(({ name, higherIsBetter }, m) => {
        const values = byFold.map(({ history }) => history[m].slice(0, iterations));
        return [name, foldScores(values, higherIsBetter)];
      }),
    ),
    bestIteration: watch.bestIteration,
    predictions: gatherPredictions(dataset.numRows, folds, predictions),
    models,
    folds,
    warnings: byFold.flatMap(({ position, warnings }) =>
      isComplete(models[position], iterations, dataset)
        ? []
        : warnings.map((text) => `fold ${position}: ${text}`),
    ),
  };
}

/**
 * Refuses what no fold can be scored with.
 *
 * @internal
 */
export function checkScorable({ objective, numIterations }: ResolvedParameters): void {
  if (objective === 'custom') {
    throw usageError('a custom objective cannot be sent to worker threads', 'use an objective with a name');
  }
  if (numIterations === 0) throw usageError('invalid numIterations: 0; expected at least 1 to score');
}

/** Numbers 0 to count - 1 dealt out to so many parts, at least one. */
function share(count: number, parts: number): number[][] {
  const dealt = Array.from({ length: Math.min(count, Math.max(1, parts)) }, (): number[] => []);
  for (let i = 0; i < count; i++) dealt[i % dealt.length]?.push(i);
  return dealt;
}

// What a fold met after the others had stopped it depends on chance, and does not matter.
function isComplete(
  { trees, treesPerIteration }: Model,
  iterations: number,
  { initModel }: Dataset,
): boolean {
  const grown = trees.slice(initModel?.trees.length ?? 0);
  return grown.length === iterations * treesPerIteration && grown.some(({ numLeaves }) => numLeaves > 1);
}

// A fold may have grown on while others were behind.
function endModel(model: Model, iterations: number, best: number | undefined, { initModel }: Dataset): Model {
  const before = (initModel?.trees.length ?? 0) / model.treesPerIteration;
  return {
    ...model,
    trees: model.trees.slice(0, (before + iterations) * model.treesPerIteration),
    bestIteration: best === undefined ? undefined : before + best,
  };
}
