import type { Dataset } from './dataset.ts';
import type { GrownTree } from './grownTree.ts';
import type { Metric } from './metrics.ts';
import { addLeafValues, partitionByTree, type RowPartition, rowPartition } from './rowPartition.ts';
import type { OutputTransform } from './transform.ts';

/** Values of every metric on every validation set: `history[set][metric][iteration]`. */
export type EvaluationHistory = Record<string, Record<string, number[]>>;

/** A dataset that is scored while a model grows. */
export interface EvaluatedSet {
  readonly name: string;
  readonly data: Dataset;
  readonly scores: Float64Array;
  /** The training set: never looked at by early stopping. */
  readonly isTraining: boolean;
  readonly partition: RowPartition;
}

/** Makes a set ready; scores start from its `initScore`. */
export function evaluatedSet(
  name: string,
  data: Dataset,
  numClasses: number,
  maxLeaves: number,
): EvaluatedSet {
  const scores = new Float64Array(data.numRows * numClasses);
  if (data.initScore) scores.set(data.initScore);
  return { name, data, scores, isTraining: false, partition: rowPartition(data.numRows, maxLeaves) };
}

/** Adds a grown tree (its values final but for the initial score) to the scores of one class. */
export function addTreeToScores(set: EvaluatedSet, grown: GrownTree, classIndex: number): void {
  set.partition.reset();
  partitionByTree(set.partition, set.data, grown);
  addLeafValues(set.partition, grown.tree.leafValue, set.scores, classIndex * set.data.numRows);
}

/** When to stop, as LightGBM's Python package decides it. */
export interface EarlyStopping {
  /** Takes the values of one iteration; true once training should stop. */
  record(values: readonly WatchedValue[], iteration: number): boolean;
  /** Iterations (counted from 1) of the best value of the first metric that counts, or of the one that stopped. */
  readonly bestIteration: number | undefined;
}

/** What early stopping needs to know of a value. */
export interface WatchedValue {
  readonly set: Pick<EvaluatedSet, 'isTraining'>;
  readonly metric: Pick<Metric, 'name' | 'higherIsBetter'>;
  readonly value: number;
}

/** One metric on one set in one iteration. */
export interface EvaluatedValue {
  readonly set: EvaluatedSet;
  readonly metric: Metric;
  readonly value: number;
}

/** Evaluates every metric on every set and appends the values to the history. */
export function evaluate(
  sets: readonly EvaluatedSet[],
  metrics: readonly Metric[],
  transform: OutputTransform | undefined,
  numClasses: number,
  history: EvaluationHistory,
): EvaluatedValue[] {
  const values: EvaluatedValue[] = [];
  for (const set of sets) {
    const predictions = predictionsOf(set, transform, numClasses);
    for (const metric of metrics) {
      const value = metric.evaluate(metric.fromScores ? set.scores : predictions, set.data);
      history[set.name] ??= {};
      history[set.name][metric.name] ??= [];
      history[set.name][metric.name].push(value);
      values.push({ set, metric, value });
    }
  }
  return values;
}

/** Starts watching; `rounds` of 0 never stops but still finds no best iteration. */
export function earlyStopping(rounds: number, minDelta: number, firstMetricOnly: boolean): EarlyStopping {
  const best: { value: number; iteration: number }[] = [];
  let bestIteration: number | undefined;

  function record(values: readonly WatchedValue[], iteration: number): boolean {
    if (rounds === 0) return false;
    let stop = false;
    bestIteration = undefined;
    for (const [i, { set, metric, value }] of values.entries()) {
      best[i] ??= { value, iteration };
      const better = metric.higherIsBetter
        ? value > best[i].value + minDelta
        : value < best[i].value - minDelta;
      if (better) best[i] = { value, iteration };
      if (set.isTraining || (firstMetricOnly && metric.name !== values[0].metric.name)) continue;
      if (!stop) bestIteration ??= best[i].iteration;
      if (!stop && iteration - best[i].iteration >= rounds) {
        stop = true;
        bestIteration = best[i].iteration;
      }
    }
    return stop;
  }

  return {
    record,
    get bestIteration() {
      return bestIteration;
    },
  };
}

function predictionsOf(
  set: EvaluatedSet,
  transform: OutputTransform | undefined,
  numClasses: number,
): Float64Array {
  if (!transform) return set.scores;
  const { numRows } = set.data;
  const predictions = new Float64Array(set.scores.length);
  const row = new Float64Array(numClasses);
  for (let i = 0; i < numRows; i++) {
    for (let k = 0; k < numClasses; k++) row[k] = set.scores[k * numRows + i];
    transform(row);
    for (let k = 0; k < numClasses; k++) predictions[k * numRows + i] = row[k];
  }
  return predictions;
}
