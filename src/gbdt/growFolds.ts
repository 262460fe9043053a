import type { Dataset } from './dataset.ts';
import { watchMeans } from './meanScores.ts';
import { createMetrics, type Metric } from './metrics.ts';
import type { Model } from './model.ts';
import { type GbdtParameters, resolveParameters } from './parameters.ts';
import { type TrainResult, trainStepwise } from './train.ts';

/** A fold's data, binned alike. */
export interface FoldData {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Some folds of one setting, grown on one thread. */
export interface FoldTask {
  readonly parameters: GbdtParameters;
  readonly folds: readonly FoldData[];
  /** Place of each of these folds among all. */
  readonly positions: readonly number[];
  /** What all folds of the setting report to, for early stopping on their mean; unused without it. */
  readonly board: ScoreBoard | undefined;
}

/** A grown fold. */
export interface GrownFold {
  readonly position: number;
  /** `[metric][iteration]`; goes on at its last value where training ended before its time. */
  readonly history: readonly (readonly number[])[];
  readonly model: Model;
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/** Values of all folds of a setting in shared memory. */
export interface ScoreBoard {
  /** `[fold][metric][iteration]` */
  readonly values: Float64Array;
  /** Iterations that each fold has written, read and written atomically. */
  readonly done: Int32Array;
}

/** An empty board. */
export function scoreBoard(numFolds: number, numMetrics: number, numIterations: number): ScoreBoard {
  return {
    values: new Float64Array(new SharedArrayBuffer(8 * numFolds * numMetrics * numIterations)),
    done: new Int32Array(new SharedArrayBuffer(4 * numFolds)),
  };
}

/**
 * Grows the folds of a task; called on a worker thread. With early stopping they grow side by side, and go on until
 * the mean over all folds, those of other tasks included, tells them to stop: some may have grown further than needed.
 */
export function growFolds(task: FoldTask): GrownFold[] {
  const { folds, positions, parameters, board } = task;
  const resolved = resolveParameters(parameters);
  const { numIterations } = resolved;
  const metrics = createMetrics(resolved);
  const start = (fold: FoldData) => startFold(fold, parameters, metrics);
  if (!board) {
    return folds.map((fold, i) => {
      const run = start(fold);
      for (let iteration = 0; iteration < numIterations; iteration++) run.advance();
      return run.finish(positions[i]);
    });
  }
  const { values, done } = board;
  const placeOf = (fold: number, metric: number, iteration: number) =>
    (fold * metrics.length + metric) * numIterations + iteration;
  const watch = watchMeans(resolved, metrics, done.length, (fold, metric, iteration) => {
    return values[placeOf(fold, metric, iteration)];
  });
  const runs = folds.map(start);
  for (let iteration = 0; iteration < numIterations; iteration++) {
    for (const [i, run] of runs.entries()) {
      run.advance();
      for (const [m, history] of run.history.entries()) {
        values[placeOf(positions[i], m, iteration)] = history[iteration];
      }
      Atomics.store(done, positions[i], iteration + 1);
    }
    let complete = numIterations;
    for (let fold = 0; fold < done.length; fold++) complete = Math.min(complete, Atomics.load(done, fold));
    if (watch.advance(complete)) break;
  }
  return runs.map((run, i) => run.finish(positions[i]));
}

/** {@link growFolds} for all folds that stop together, without the models, which take long to send between threads. */
export function scoreFolds(task: FoldTask): Omit<GrownFold, 'model'>[] {
  const { metric, numIterations, earlyStoppingRound } = resolveParameters(task.parameters);
  const board =
    earlyStoppingRound > 0 ? scoreBoard(task.folds.length, metric.length, numIterations) : undefined;
  return growFolds({ ...task, board }).map(({ model: _, ...scored }) => scored);
}

function startFold({ train, test }: FoldData, parameters: GbdtParameters, metrics: readonly Metric[]) {
  const steps = trainStepwise(
    train,
    { ...parameters, earlyStoppingRound: 0 },
    { validation: [{ data: test, name: 'test' }] },
  );
  const history: number[][] = metrics.map(() => []);
  let result: TrainResult | undefined;
  let milliseconds = 0;

  function advance(): void {
    if (!result) {
      const started = performance.now();
      const step = steps.next();
      milliseconds += performance.now() - started;
      if (!step.done) {
        for (const [m, { value }] of step.value.entries()) history[m].push(value);
        return;
      }
      result = step.value;
    }
    for (const values of history) values.push(values[values.length - 1]);
  }

  function finish(position: number): GrownFold {
    while (!result) {
      const step = steps.next(true);
      if (step.done) result = step.value;
    }
    const { model, warnings } = result;
    return { position, history, model, warnings, seconds: milliseconds / 1000 };
  }

  return { history, advance, finish };
}
