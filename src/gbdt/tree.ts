import { missingNan, missingZero, zeroIfTiny, zeroThreshold } from './constants.ts';

/**
 * One tree, in the arrays of LightGBM's model file. Nodes are 0 to numLeaves - 2, the root is 0; a child that is
 * negative is the leaf `~child`. Plain data.
 */
export interface Tree {
  readonly numLeaves: number;
  /** Feature each node splits on, counted from 0 over all features. */
  readonly splitFeature: Int32Array;
  /** 32-bit values. */
  readonly splitGain: Float64Array;
  /** Values up to it go left; for a categorical node the index of its set of categories. */
  readonly threshold: Float64Array;
  /** Bit 0: categorical; bit 1: missing goes left; bits 2 and 3: which values are missing (0 none, 1 zero, 2 NaN). */
  readonly decisionType: Uint8Array;
  readonly leftChild: Int32Array;
  readonly rightChild: Int32Array;
  readonly leafValue: Float64Array;
  /** Sum of hessians. */
  readonly leafWeight: Float64Array;
  readonly leafCount: Int32Array;
  /** What the node would predict as a leaf. */
  readonly internalValue: Float64Array;
  readonly internalWeight: Float64Array;
  readonly internalCount: Int32Array;
  /** Set `i` of categories lies in words `categoryStarts[i]` to `categoryStarts[i + 1]` of `categoryBits`. */
  readonly categoryStarts: Int32Array;
  readonly categoryBits: Uint32Array;
  /** The learning rate already multiplied into the values; 1 where the tree holds the initial score. */
  shrinkage: number;
}

/** A tree of one leaf. */
export function constantTree(value: number, count: number): Tree {
  return {
    numLeaves: 1,
    splitFeature: new Int32Array(0),
    splitGain: new Float64Array(0),
    threshold: new Float64Array(0),
    decisionType: new Uint8Array(0),
    leftChild: new Int32Array(0),
    rightChild: new Int32Array(0),
    leafValue: Float64Array.of(value),
    leafWeight: new Float64Array(1),
    leafCount: Int32Array.of(count),
    internalValue: new Float64Array(0),
    internalWeight: new Float64Array(0),
    internalCount: new Int32Array(0),
    categoryStarts: Int32Array.of(0),
    categoryBits: new Uint32Array(0),
    shrinkage: 1,
  };
}

/** Multiplies every value of the tree by the learning rate. */
export function shrink(tree: Tree, rate: number): void {
  for (const values of [tree.leafValue, tree.internalValue]) {
    for (let i = 0; i < values.length; i++) values[i] = zeroIfTiny(values[i] * rate);
  }
  tree.shrinkage *= rate;
}

/** Adds the initial score to every value of the tree. */
export function addBias(tree: Tree, bias: number): void {
  for (const values of [tree.leafValue, tree.internalValue]) {
    for (let i = 0; i < values.length; i++) values[i] = zeroIfTiny(values[i] + bias);
  }
  tree.shrinkage = 1;
}

/** The child that a value is sent to at a node, whatever kind the node is of. */
export function childFor(tree: Tree, node: number, value: number): number {
  const type = tree.decisionType[node];
  return goesLeft(tree, node, type, value) ? tree.leftChild[node] : tree.rightChild[node];
}

/** Whether a categorical split sends an (integer) category to the left. */
export function hasCategory(tree: Tree, set: number, category: number): boolean {
  const start = tree.categoryStarts[set];
  const words = tree.categoryStarts[set + 1] - start;
  if (category < 0 || category >= words * 32) return false;
  return ((tree.categoryBits[start + (category >>> 5)] >>> (category & 31)) & 1) === 1;
}

/** The categories that a categorical split sends to the left, ascending. */
export function categoriesOf(tree: Tree, set: number): number[] {
  const from = tree.categoryStarts[set];
  const categories: number[] = [];
  for (let category = 0; category < (tree.categoryStarts[set + 1] - from) * 32; category++) {
    if (hasCategory(tree, set, category)) categories.push(category);
  }
  return categories;
}

function goesLeft(tree: Tree, node: number, type: number, given: number): boolean {
  if (type & 1) return !Number.isNaN(given) && hasCategory(tree, tree.threshold[node], Math.trunc(given));
  const missing = (type >> 2) & 3;
  const isNan = Number.isNaN(given);
  const value = isNan && missing !== missingNan ? 0 : given;
  const isMissing =
    (missing === missingNan && isNan) || (missing === missingZero && Math.abs(value) <= zeroThreshold);
  return isMissing ? (type & 2) !== 0 : value <= tree.threshold[node];
}
