import { dataError, usageError } from '../core/errors.ts';
import { addForest, findLeaf, layOutForest } from './forest.ts';
import { numIterations as iterationsOf, type Model } from './model.ts';
import { type FeatureTable, type TableView, viewTable } from './table.ts';
import { outputTransform } from './transform.ts';

/** Which part of a model predicts. */
export interface PredictOptions {
  /** First iteration used, from 0. Default 0. */
  readonly startIteration?: number | undefined;
  /** Iterations used. Default: up to the best iteration where early stopping found one, else all. */
  readonly numIterations?: number | undefined;
  /** Names of the table's features, to be checked against the model's. */
  readonly featureNames?: readonly string[] | undefined;
}

const band = 512;

/**
 * Predictions for a table: expected values, chances, quantiles, whatever the model was trained for.
 *
 * @returns `[rows, classes]` row after row; one value a row unless the model tells several classes apart.
 * @throws TrainyardError of kind `data` where the table does not fit the model.
 *
 * @example
 * const chances = predict(model, { rows: [[21.5, Number.NaN, 3]] });
 */
export function predict(model: Model, table: FeatureTable, options: PredictOptions = {}): Float64Array {
  const scores = predictRaw(model, table, options);
  if (model.averageOutput) {
    const { from, to } = iterationRange(model, options);
    if (to > from) for (let i = 0; i < scores.length; i++) scores[i] /= to - from;
  }
  const transform = outputTransform(model.objective);
  if (!transform) return scores;
  const width = model.treesPerIteration;
  for (let at = 0; at < scores.length; at += width) transform(scores.subarray(at, at + width));
  return scores;
}

/** The sums of leaf values that {@link predict} averages (random forests) and transforms, in the same layout. */
export function predictRaw(model: Model, table: FeatureTable, options: PredictOptions = {}): Float64Array {
  const view = checkTable(model, table, options.featureNames);
  const { from, to } = iterationRange(model, options);
  const { treesPerIteration: width } = model;
  const { numRows, numFeatures } = view;
  const forest = layOutForest(model.trees.slice(from * width, to * width));
  const count = forest.roots.length;
  const scores = new Float64Array(numRows * width);
  const values = new Float64Array(band * numFeatures);
  for (let start = 0; start < numRows; start += band) {
    const end = Math.min(numRows, start + band);
    view.readRows(start, end, values);
    const out = scores.subarray(start * width, end * width);
    for (let k = 0; k < width; k++) {
      addForest(forest, k, count, width, values, end - start, numFeatures, out, k, width);
    }
  }
  return scores;
}

/**
 * The leaf that each row ends in, for every tree.
 *
 * @returns `[rows, trees]` row after row.
 */
export function predictLeaves(model: Model, table: FeatureTable, options: PredictOptions = {}): Int32Array {
  const view = checkTable(model, table, options.featureNames);
  const { from, to } = iterationRange(model, options);
  const width = model.treesPerIteration;
  const forest = layOutForest(model.trees.slice(from * width, to * width));
  const trees = forest.roots.length;
  const leaves = new Int32Array(view.numRows * trees);
  const values = new Float64Array(view.numFeatures);
  for (let row = 0; row < view.numRows; row++) {
    view.readRows(row, row + 1, values);
    for (let tree = 0; tree < trees; tree++) {
      leaves[row * trees + tree] = findLeaf(forest, tree, values, 0) - forest.firstLeaf[tree];
    }
  }
  return leaves;
}

/**
 * The iterations that options ask for.
 *
 * @internal
 */
export function iterationRange(
  model: Model,
  { startIteration = 0, numIterations }: PredictOptions,
): { from: number; to: number } {
  const all = iterationsOf(model);
  if (!Number.isInteger(startIteration) || startIteration < 0 || startIteration > all) {
    throw usageError(`invalid startIteration: ${startIteration}; expected an integer from 0 to ${all}`);
  }
  const rest = all - startIteration;
  const wanted = numIterations ?? (startIteration > 0 ? rest : (model.bestIteration ?? rest));
  if (!Number.isInteger(wanted) || wanted < 0) {
    throw usageError(`invalid numIterations: ${numIterations}; expected an integer of at least 0`);
  }
  return { from: startIteration, to: Math.min(all, startIteration + wanted) };
}

/**
 * Checks that a table has the model's features.
 *
 * @internal
 */
export function checkTable(
  model: Model,
  table: FeatureTable,
  featureNames: readonly string[] | undefined,
): TableView {
  const view = viewTable(table);
  const expected = model.featureNames.length;
  if (view.numRows > 0 && view.numFeatures !== expected) {
    throw dataError(
      `table has ${view.numFeatures} features; expected ${expected} as in the model`,
      `give the columns ${model.featureNames.slice(0, 8).join(', ')}${expected > 8 ? ', ...' : ''} in this order`,
    );
  }
  const wrong = featureNames?.findIndex((name, i) => name !== model.featureNames[i]) ?? -1;
  if (featureNames && (wrong >= 0 || featureNames.length !== expected)) {
    const at = wrong >= 0 ? wrong : Math.min(featureNames.length, expected);
    throw dataError(
      `feature ${at} is ${JSON.stringify(featureNames[at])}; expected ${JSON.stringify(model.featureNames[at])} as in the model`,
      'give the columns in the order of the model',
    );
  }
  return view;
}
