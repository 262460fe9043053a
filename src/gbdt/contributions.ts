import { dataError } from '../core/errors.ts';
import type { Model } from './model.ts';
import { checkTable, iterationRange, type PredictOptions } from './predict.ts';
import type { FeatureTable } from './table.ts';
import { childFor, type Tree } from './tree.ts';

/**
 * How much each feature adds to each raw score: Shapley values of the trees, with the mean prediction of the
 * training data as the last value, so that a row's values sum to its raw score.
 *
 * Source: Lundberg et al. 2018, "Consistent individualized feature attribution for tree ensembles", algorithm 2;
 * path-dependent, as LightGBM's `pred_contrib`.
 *
 * @returns `[rows, classes, features + 1]`.
 * @throws TrainyardError of kind `data` for models whose trees hold no counts of rows.
 */
export function predictContributions(
  model: Model,
  table: FeatureTable,
  options: PredictOptions = {},
): Float64Array {
  const view = checkTable(model, table, options.featureNames);
  const { from, to } = iterationRange(model, options);
  const classes = model.treesPerIteration;
  const trees = model.trees.slice(from * classes, to * classes);
  for (const [i, tree] of trees.entries()) checkCounts(tree, i);
  const width = model.featureNames.length + 1;
  const out = new Float64Array(view.numRows * classes * width);
  const values = new Float64Array(view.numFeatures);
  const walkers = trees.map(createWalker);
  for (let row = 0; row < view.numRows; row++) {
    view.readRows(row, row + 1, values);
    for (const [i, walk] of walkers.entries()) {
      const start = (row * classes + (i % classes)) * width;
      walk(values, out.subarray(start, start + width));
    }
  }
  return out;
}

// A path holds, for each feature met on the way down (and one dummy), the share of rows that go this way without
// and with knowing the feature, and the weight of the subsets of that size.
interface Path {
  feature: Int32Array;
  without: Float64Array;
  with: Float64Array;
  weight: Float64Array;
}

function createWalker(tree: Tree): (values: Float64Array, out: Float64Array) => void {
  const expected = expectedValue(tree);
  const depth = depthOf(tree, 0);
  // One path a level, each a copy of the one above with an element more.
  const paths = Array.from({ length: depth + 1 }, () => emptyPath(depth + 2));

  function walk(
    values: Float64Array,
    out: Float64Array,
    node: number,
    level: number,
    parentLength: number,
    without: number,
    withFeature: number,
    feature: number,
  ): void {
    const path = paths[level];
    if (level > 0) copyPath(paths[level - 1], path, parentLength);
    extend(path, parentLength, without, withFeature, feature);
    let last = parentLength;
    if (node < 0) {
      for (let i = 1; i <= last; i++) {
        const weight = unwoundSum(path, last, i);
        out[path.feature[i]] += weight * (path.with[i] - path.without[i]) * tree.leafValue[~node];
      }
      return;
    }
    const split = tree.splitFeature[node];
    const hot = childFor(tree, node, values[split]);
    const cold = hot === tree.leftChild[node] ? tree.rightChild[node] : tree.leftChild[node];
    const count = countOf(tree, node);
    let withoutBefore = 1;
    let withBefore = 1;
    // A feature met before is taken out and put in again with both splits.
    let met = 0;
    while (met <= last && path.feature[met] !== split) met++;
    if (met <= last) {
      withoutBefore = path.without[met];
      withBefore = path.with[met];
      unwind(path, last, met);
      last--;
    }
    const hotShare = (countOf(tree, hot) / count) * withoutBefore;
    const coldShare = (countOf(tree, cold) / count) * withoutBefore;
    walk(values, out, hot, level + 1, last + 1, hotShare, withBefore, split);
    walk(values, out, cold, level + 1, last + 1, coldShare, 0, split);
  }

  return (values, out) => {
    out[out.length - 1] += expected;
    if (tree.numLeaves > 1) walk(values, out, 0, 0, 0, 1, 1, -1);
  };
}

function extend(path: Path, last: number, without: number, withFeature: number, feature: number): void {
  path.feature[last] = feature;
  path.without[last] = without;
  path.with[last] = withFeature;
  path.weight[last] = last === 0 ? 1 : 0;
  for (let i = last - 1; i >= 0; i--) {
    path.weight[i + 1] += (withFeature * path.weight[i] * (i + 1)) / (last + 1);
    path.weight[i] = (without * path.weight[i] * (last - i)) / (last + 1);
  }
}

function unwind(path: Path, last: number, index: number): void {
  const withFeature = path.with[index];
  const without = path.without[index];
  let next = path.weight[last];
  for (let i = last - 1; i >= 0; i--) {
    if (withFeature !== 0) {
      const before = path.weight[i];
      path.weight[i] = (next * (last + 1)) / ((i + 1) * withFeature);
      next = before - (path.weight[i] * without * (last - i)) / (last + 1);
    } else {
      path.weight[i] = (path.weight[i] * (last + 1)) / (without * (last - i));
    }
  }
  for (let i = index; i < last; i++) {
    path.feature[i] = path.feature[i + 1];
    path.without[i] = path.without[i + 1];
    path.with[i] = path.with[i + 1];
  }
}

function unwoundSum(path: Path, last: number, index: number): number {
  const withFeature = path.with[index];
  const without = path.without[index];
  let next = path.weight[last];
  let total = 0;
  for (let i = last - 1; i >= 0; i--) {
    if (withFeature !== 0) {
      const part = (next * (last + 1)) / ((i + 1) * withFeature);
      total += part;
      next = path.weight[i] - part * without * ((last - i) / (last + 1));
    } else {
      total += path.weight[i] / without / ((last - i) / (last + 1));
    }
  }
  return total;
}

function emptyPath(size: number): Path {
  return {
    feature: new Int32Array(size),
    without: new Float64Array(size),
    with: new Float64Array(size),
    weight: new Float64Array(size),
  };
}

function copyPath(from: Path, to: Path, length: number): void {
  for (let i = 0; i < length; i++) {
    to.feature[i] = from.feature[i];
    to.without[i] = from.without[i];
    to.with[i] = from.with[i];
    to.weight[i] = from.weight[i];
  }
}

function countOf(tree: Tree, node: number): number {
  return node >= 0 ? tree.internalCount[node] : tree.leafCount[~node];
}

function expectedValue(tree: Tree): number {
  if (tree.numLeaves === 1) return tree.leafValue[0];
  let sum = 0;
  for (let leaf = 0; leaf < tree.numLeaves; leaf++) {
    sum += (tree.leafCount[leaf] / tree.internalCount[0]) * tree.leafValue[leaf];
  }
  return sum;
}

function depthOf(tree: Tree, node: number): number {
  if (node < 0 || tree.numLeaves === 1) return 0;
  return 1 + Math.max(depthOf(tree, tree.leftChild[node]), depthOf(tree, tree.rightChild[node]));
}

function checkCounts(tree: Tree, index: number): void {
  if (tree.numLeaves === 1) return;
  if (tree.internalCount.every((count) => count > 0) && tree.leafCount.every((count) => count > 0)) return;
  throw dataError(
    `tree ${index} of the model holds no counts of rows, which contributions need`,
    'save the model with internal_count and leaf_count',
  );
}
