import { dataError, throwIfCancelled, usageError } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { createBagging } from './bagging.ts';
import { epsilon, zeroIfTiny } from './constants.ts';
import { binningOf, type Dataset } from './dataset.ts';
import {
  addTreeToScores,
  type EvaluatedSet,
  type EvaluatedValue,
  type EvaluationHistory,
  earlyStopping,
  evaluate,
  evaluatedSet,
} from './evaluation.ts';
import { featureInfo } from './featureInfo.ts';
import type { GrownTree } from './grownTree.ts';
import { createMetrics, type Metric } from './metrics.ts';
import type { Model } from './model.ts';
import { createObjective, type Objective } from './objectives.ts';
import { parameterLines } from './parameterLines.ts';
import { type GbdtParameters, type ResolvedParameters, resolveParameters } from './parameters.ts';
import { addLeafValues, partitionByTree, type RowPartition, rowPartition } from './rowPartition.ts';
import { outputTransform } from './transform.ts';
import { addBias, constantTree, shrink, type Tree } from './tree.ts';
import { createTreeLearner } from './treeLearner.ts';

/** A loss of one's own: derivatives at the scores, which run over the rows of class 0, then of class 1, ... */
export type CustomObjective = (
  scores: Float64Array,
  dataset: Dataset,
) => { gradients: ArrayLike<number>; hessians: ArrayLike<number> };

/** What training takes besides data and parameters. */
export interface TrainOptions {
  /** Sets scored after every iteration, binned with the training set as reference. Default names `valid_0`, ... */
  readonly validation?: readonly { readonly data: Dataset; readonly name?: string }[] | undefined;
  /** Scores the training set too, as `training`. */
  readonly evaluateTraining?: boolean | undefined;
  /** Goes with `objective: 'custom'`. Models made with it predict raw scores. */
  readonly objective?: CustomObjective | undefined;
  /** Metrics of one's own, after those of the parameters. With a custom objective they see raw scores. */
  readonly metrics?: readonly Metric[] | undefined;
  /** Called after every iteration; returning false stops training. */
  readonly onIteration?: ((iteration: number, history: EvaluationHistory) => boolean | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** A trained model and how it came about. */
export interface TrainResult {
  readonly model: Model;
  readonly history: EvaluationHistory;
  /** Set where early stopping watched a validation set. */
  readonly bestIteration: number | undefined;
  /** What a caller should be told: no usable feature, training that ended early. */
  readonly warnings: readonly string[];
}

/**
 * Trains a model by gradient boosting: LightGBM's algorithm, step by step.
 *
 * A dataset made with `initModel` is trained further: its trees come first in the result.
 *
 * @throws TrainyardError of kind `usage` for parameters, `data` for labels that the objective cannot use,
 * `cancelled` once `signal` is aborted.
 *
 * @example
 * const dataset = createDataset({ columns, label });
 * const { model } = train(dataset, { objective: 'regressionL1', numIterations: 200, learningRate: 0.05 });
 */
export function train(
  dataset: Dataset,
  parameters: GbdtParameters = {},
  options: TrainOptions = {},
): TrainResult {
  const steps = trainStepwise(dataset, parameters, options);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/**
 * Trains as {@link train} does, but lets events in between iterations: timers, Ctrl-C, requests.
 *
 * @example
 * process.once('SIGINT', () => (stop = true));
 * const { model } = await trainAsync(dataset, parameters, { onIteration: () => !stop });
 */
export async function trainAsync(
  dataset: Dataset,
  parameters: GbdtParameters = {},
  options: TrainOptions = {},
): Promise<TrainResult> {
  const steps = trainStepwise(dataset, parameters, options);
  let step = steps.next();
  while (!step.done) {
    await new Promise((resolve) => setImmediate(resolve));
    step = steps.next();
  }
  return step.value;
}

/**
 * {@link train}, an iteration at a time: yields every metric on every set after each one, and ends early when
 * answered with true.
 *
 * @internal
 */
export function* trainStepwise(
  dataset: Dataset,
  parameters: GbdtParameters,
  options: TrainOptions,
): Generator<readonly EvaluatedValue[], TrainResult, boolean | undefined> {
  const resolved = withBinningOf(dataset, parameters);
  const warnings: string[] = [];
  const objective = chooseObjective(dataset, resolved, options);
  const numClasses = objective?.numClasses ?? resolved.numClass;
  checkInputs(dataset, resolved, options, numClasses);
  const initModel = dataset.initModel;
  const trees: Tree[] = [...(initModel?.trees ?? [])];
  const transform = outputTransform(objective?.text);
  const metrics = [...createMetrics(resolved), ...(options.metrics ?? [])];
  const training = evaluatedSet('training', dataset, numClasses, resolved.numLeaves);
  const sets = (options.validation ?? []).map(({ data, name }, i) =>
    evaluatedSet(name ?? `valid_${i}`, data, numClasses, resolved.numLeaves),
  );
  const watched = options.evaluateTraining ? [{ ...training, isTraining: true }, ...sets] : sets;
  const stopping = earlyStopping(
    sets.length > 0 && metrics.length > 0 ? resolved.earlyStoppingRound : 0,
    resolved.earlyStoppingMinDelta,
    resolved.firstMetricOnly,
  );
  const history: EvaluationHistory = {};
  const boosting = createRounds(
    dataset,
    resolved,
    objective,
    options.objective,
    numClasses,
    training,
    sets,
    trees,
  );
  if (dataset.usedFeatures.length === 0) {
    warnings.push(
      'no usable feature: every one is constant or too rare to be split; the model is a constant',
    );
  }

  const { numIterations } = resolved;
  const progress = (done: number) =>
    options.onProgress?.({ stage: 'training', done, total: numIterations, unit: 'iterations' });
  progress(0);
  try {
    for (let iteration = 0; iteration < numIterations; iteration++) {
      throwIfCancelled(options.signal);
      const grew = boosting.next(iteration);
      progress(iteration + 1);
      if (!grew) {
        if (dataset.usedFeatures.length > 0) {
          warnings.push(`training ended after ${iteration} iterations: no leaf can be split any more`);
        }
        // Without any tree the model is a constant, which has its value too.
        if (iteration > 0) break;
      }
      const values = evaluate(watched, metrics, transform, numClasses, history);
      if (stopping.record(values, iteration + 1)) break;
      if (options.onIteration?.(iteration + 1, history) === false) break;
      if ((yield values) || !grew) break;
    }
  } finally {
    boosting.release();
  }

  const bestIteration = stopping.bestIteration;
  const before = (initModel?.trees.length ?? 0) / numClasses;
  const model: Model = {
    trees,
    numClass: resolved.numClass,
    treesPerIteration: numClasses,
    featureNames: dataset.featureNames,
    featureInfos: dataset.mappers.map(featureInfo),
    objective: objective?.text,
    monotoneConstraints: resolved.monotoneConstraints,
    labelIndex: 0,
    averageOutput: false,
    parameters: parameterLines(resolved),
    trailer: '',
    bestIteration: bestIteration === undefined ? undefined : before + bestIteration,
  };
  return { model, history, bestIteration, warnings };
}

/**
 * Boosting, an iteration at a time: a tree a class. `next` returns false, and takes the trees back, where nothing could
 * be split.
 */
function createRounds(
  dataset: Dataset,
  parameters: ResolvedParameters,
  objective: Objective | undefined,
  custom: CustomObjective | undefined,
  numClasses: number,
  training: EvaluatedSet,
  sets: readonly EvaluatedSet[],
  trees: Tree[],
): { next(iteration: number): boolean; release(): void } {
  const { numRows } = dataset;
  const { scores } = training;
  const gradients = sharedFloats(numRows * numClasses);
  const hessians = sharedFloats(numRows * numClasses).fill(1);
  const learner = createTreeLearner(dataset, parameters, { gradients, hessians });
  const { baggingFraction, baggingFreq, baggingSeed, numLeaves } = parameters;
  const bagging = createBagging(numRows, baggingFraction, baggingFreq, baggingSeed);
  const outOfBag = bagging && rowPartition(numRows, numLeaves);
  const isFirst = () => trees.length < numClasses;

  return { next, release: learner.release };

  function next(iteration: number): boolean {
    const biases = new Float64Array(numClasses);
    if (objective && trees.length === 0 && !dataset.initScore) {
      for (let k = 0; k < numClasses; k++) biases[k] = startingScore(k);
    }
    if (objective) objective.slopes(scores, gradients, hessians);
    else customSlopes();
    bagging?.next(iteration);

    let grew = false;
    for (let k = 0; k < numClasses; k++) {
      const grown = growClass(k);
      if (grown && grown.tree.numLeaves > 1) {
        grew = true;
        finishTree(grown, k, biases[k]);
        trees.push(grown.tree);
      } else {
        trees.push(constantTree(isFirst() ? constantScore(k, biases[k]) : 0, numRows));
      }
    }
    if (!grew && trees.length > numClasses) trees.length -= numClasses;
    return grew;
  }

  function startingScore(k: number): number {
    if (!objective || !(parameters.boostFromAverage || dataset.usedFeatures.length === 0)) return 0;
    const score = objective.initialScore(k);
    if (!(Math.abs(score) > epsilon)) return 0;
    addToAll(k, score);
    return score;
  }

  function constantScore(k: number, bias: number): number {
    if (!objective || parameters.boostFromAverage || dataset.initScore) return bias;
    const score = objective.initialScore(k);
    addToAll(k, score);
    return score;
  }

  function addToAll(k: number, value: number): void {
    for (const set of [training, ...sets]) {
      const size = set.data.numRows;
      for (let i = k * size; i < (k + 1) * size; i++) set.scores[i] += value;
    }
  }

  function customSlopes(): void {
    const given = custom?.(scores, dataset);
    const size = numRows * numClasses;
    if (given?.gradients.length !== size || given.hessians.length !== size) {
      throw usageError(
        `custom objective returned ${given?.gradients?.length} gradients and ${given?.hessians?.length} hessians; expected ${size} of each`,
      );
    }
    gradients.set(given.gradients);
    hessians.set(given.hessians);
    const bad = gradients.findIndex((x) => !Number.isFinite(x));
    const badHessian = hessians.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0 || badHessian >= 0) {
      const index = bad >= 0 ? bad : badHessian;
      throw usageError(
        `custom objective returned ${bad >= 0 ? 'gradient' : 'hessian'} ${bad >= 0 ? gradients[index] : hessians[index]} for row ${index % numRows}; expected a finite number`,
      );
    }
  }

  function growClass(k: number): GrownTree | undefined {
    if (dataset.usedFeatures.length === 0) return undefined;
    if (objective && !objective.needsTraining(k)) return undefined;
    const constant = objective?.constantHessian ?? false;
    return learner.grow(k, constant ? hessians[k * numRows] : undefined, bagging?.rows, bagging?.count);
  }

  function finishTree(grown: GrownTree, k: number, bias: number): void {
    const { tree } = grown;
    if (objective?.renew) renewLeaves(tree, learner.partition, objective.renew, scores);
    shrink(tree, parameters.learningRate);
    addLeafValues(learner.partition, tree.leafValue, scores, k * numRows);
    if (bagging && outOfBag) {
      outOfBag.reset(bagging.rows.subarray(bagging.count), numRows - bagging.count);
      partitionByTree(outOfBag, dataset, grown);
      addLeafValues(outOfBag, tree.leafValue, scores, k * numRows);
    }
    for (const set of sets) addTreeToScores(set, grown, k);
    if (Math.abs(bias) > epsilon) addBias(tree, bias);
  }
}

function renewLeaves(
  tree: Tree,
  partition: RowPartition,
  renew: (rows: Int32Array, scores: Float64Array) => number,
  scores: Float64Array,
): void {
  for (let leaf = 0; leaf < tree.numLeaves; leaf++) {
    const start = partition.starts[leaf];
    const rows = partition.rows.subarray(start, start + partition.counts[leaf]);
    tree.leafValue[leaf] = zeroIfTiny(renew(rows, scores));
  }
}

/**
 * Parameters in full, those that bins depend on from the dataset: giving others would silently do nothing.
 *
 * @throws TrainyardError of kind `usage` where others are given.
 * @internal
 */
export function withBinningOf(dataset: Dataset, given: GbdtParameters): ResolvedParameters {
  const resolved = resolveParameters(given);
  const { minDataInLeaf, ...fixed } = dataset.binning;
  const asked = binningOf(resolved);
  for (const name of Object.keys(fixed) as (keyof typeof fixed)[]) {
    if (given[name] !== undefined && asked[name] !== fixed[name]) {
      throw usageError(
        `${name} is ${asked[name]} but the dataset was binned with ${fixed[name]}`,
        `pass ${name} to createDataset, or leave it out here`,
      );
    }
  }
  const filtered = dataset.mappers.findIndex((mapper) => mapper.trivial && mapper.numBins > 1);
  if (filtered >= 0 && resolved.minDataInLeaf < minDataInLeaf) {
    throw usageError(
      `minDataInLeaf is ${resolved.minDataInLeaf}, but feature ${dataset.featureNames[filtered]} was left out for ${minDataInLeaf}`,
      'pass minDataInLeaf to createDataset too, or featurePreFilter: false',
    );
  }
  return { ...resolved, ...fixed };
}

function chooseObjective(
  dataset: Dataset,
  parameters: ResolvedParameters,
  options: TrainOptions,
): Objective | undefined {
  if ((parameters.objective === 'custom') !== (options.objective !== undefined)) {
    throw usageError(
      options.objective
        ? `objective is ${parameters.objective}, but a custom objective function is given`
        : 'objective is custom, but no objective function is given',
      "pass objective: 'custom' in the parameters and the function in the options",
    );
  }
  if (parameters.objective === 'custom') return undefined;
  return createObjective(parameters.objective, dataset, parameters);
}

function checkInputs(
  dataset: Dataset,
  parameters: ResolvedParameters,
  { validation = [] }: TrainOptions,
  numClasses: number,
): void {
  const { monotoneConstraints } = parameters;
  if (monotoneConstraints.length > 0) {
    if (monotoneConstraints.length !== dataset.numFeatures) {
      throw usageError(
        `${monotoneConstraints.length} monotoneConstraints for ${dataset.numFeatures} features`,
        'give one a feature, 0 where there is none',
      );
    }
    const wrong = dataset.mappers.findIndex(
      (m, i) => m.kind === 'categorical' && monotoneConstraints[i] !== 0,
    );
    if (wrong >= 0) {
      throw usageError(
        `feature ${dataset.featureNames[wrong]} is categorical; its monotone constraint must be 0`,
      );
    }
  }
  for (const set of [dataset, ...validation.map(({ data }) => data)]) {
    if (set.initScore && set.initScore.length !== set.numRows * numClasses) {
      throw dataError(
        `initScore has ${set.initScore.length} values; expected ${set.numRows * numClasses}, ${numClasses} a row`,
      );
    }
    if (set.mappers !== dataset.mappers) {
      throw usageError(
        'a validation set was not binned with the training set',
        'pass the training dataset as reference to createDataset',
      );
    }
  }
  if (dataset.initModel && dataset.initModel.treesPerIteration !== numClasses) {
    throw usageError(
      `the model to go on from has ${dataset.initModel.treesPerIteration} trees an iteration; expected ${numClasses}`,
    );
  }
}

function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}
