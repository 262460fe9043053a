import { missingNan, missingZero, zeroThreshold } from './constants.ts';
import { hasCategory, type Tree } from './tree.ts';

/**
 * Trees laid end to end for fast prediction. Node numbers run through all trees; a child that is negative is the
 * leaf `~child`, also numbered through.
 */
export interface Forest {
  /** Root of each tree. */
  readonly roots: Int32Array;
  /** First leaf of each tree. */
  readonly firstLeaf: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Whether NaN goes left. */
  readonly nanLeft: Uint8Array;
  readonly leafValue: Float64Array;
  /** Nodes that are categorical or take zeros for missing, if any: decided by `isOddLeft`. */
  readonly isOdd: Uint8Array | undefined;
  isOddLeft(node: number, value: number): boolean;
}

/** Lays trees out. */
export function layOutForest(trees: readonly Tree[]): Forest {
  const nodes = trees.reduce((sum, tree) => sum + tree.numLeaves - 1, 0);
  const roots = new Int32Array(trees.length);
  const firstLeaf = new Int32Array(trees.length);
  const feature = new Int32Array(nodes);
  const threshold = new Float64Array(nodes);
  const left = new Int32Array(nodes);
  const right = new Int32Array(nodes);
  const nanLeft = new Uint8Array(nodes);
  const isOdd = new Uint8Array(nodes);
  const treeOf = new Int32Array(nodes);
  const leafValue = new Float64Array(nodes + trees.length);
  let node = 0;
  let leaf = 0;
  for (const [t, tree] of trees.entries()) {
    const splits = tree.numLeaves - 1;
    roots[t] = splits === 0 ? ~leaf : node;
    firstLeaf[t] = leaf;
    leafValue.set(tree.leafValue, leaf);
    const place = (child: number) => (child >= 0 ? node + child : ~(leaf + ~child));
    for (let i = 0; i < splits; i++) {
      const type = tree.decisionType[i];
      const missing = (type >> 2) & 3;
      const at = node + i;
      feature[at] = tree.splitFeature[i];
      threshold[at] = tree.threshold[i];
      left[at] = place(tree.leftChild[i]);
      right[at] = place(tree.rightChild[i]);
      // Where NaN is not missing it stands for 0.
      nanLeft[at] = (missing === missingNan ? (type & 2) !== 0 : tree.threshold[i] >= 0) ? 1 : 0;
      isOdd[at] = (type & 1) !== 0 || missing === missingZero ? 1 : 0;
      treeOf[at] = t;
    }
    node += splits;
    leaf += tree.numLeaves;
  }

  function isOddLeft(at: number, value: number): boolean {
    const tree = trees[treeOf[at]];
    const type = tree.decisionType[at - roots[treeOf[at]]];
    const isNan = Number.isNaN(value);
    if (type & 1) return !isNan && hasCategory(tree, threshold[at], Math.trunc(value));
    if (isNan || Math.abs(value) <= zeroThreshold) return (type & 2) !== 0;
    return value <= threshold[at];
  }

  const odd = isOdd.includes(1) ? isOdd : undefined;
  return { roots, firstLeaf, feature, threshold, left, right, nanLeft, leafValue, isOdd: odd, isOddLeft };
}

/** The leaf (numbered through the forest) that a row ends in; its values start at `at`. */
export function findLeaf(forest: Forest, tree: number, values: Float64Array, at: number): number {
  const { feature, threshold, left, right, nanLeft, isOdd } = forest;
  let node = forest.roots[tree];
  while (node >= 0) {
    const value = values[at + feature[node]];
    const goesLeft = isOdd?.[node]
      ? forest.isOddLeft(node, value)
      : value <= threshold[node] || (Number.isNaN(value) && nanLeft[node] === 1);
    node = goesLeft ? left[node] : right[node];
  }
  return ~node;
}

/**
 * Adds the values of trees `from`, `from + step`, ... below `to` to `out[row * stride + offset]` for `rows` rows
 * of `numFeatures` values each, tree after tree for each row.
 */
export function addForest(
  forest: Forest,
  from: number,
  to: number,
  step: number,
  values: Float64Array,
  rows: number,
  numFeatures: number,
  out: Float64Array,
  offset: number,
  stride: number,
): void {
  const { roots, feature, threshold, left, right, nanLeft, leafValue } = forest;
  if (forest.isOdd) {
    for (let row = 0; row < rows; row++) {
      for (let tree = from; tree < to; tree += step) {
        out[row * stride + offset] += leafValue[findLeaf(forest, tree, values, row * numFeatures)];
      }
    }
    return;
  }
  // Tree by tree over a band of rows: the tree stays in the nearest cache, and each row's sum keeps its order.
  for (let tree = from; tree < to; tree += step) {
    const root = roots[tree];
    for (let row = 0, at = 0, sum = offset; row < rows; row++, at += numFeatures, sum += stride) {
      let node = root;
      while (node >= 0) {
        const value = values[at + feature[node]];
        node =
          value <= threshold[node] || (Number.isNaN(value) && nanLeft[node] === 1) ? left[node] : right[node];
      }
      out[sum] += leafValue[~node];
    }
  }
}
