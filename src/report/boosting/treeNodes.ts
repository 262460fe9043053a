import { usageError } from '../../core/errors.ts';
import { type CategoryLists, categoryListsOf } from '../../gbdt/categoryLists.ts';
import type { Model } from '../../gbdt/model.ts';
import { categoriesOf, type Tree } from '../../gbdt/tree.ts';

/** A split as people read it: rows that fulfil the condition go to `yes`. */
export interface SplitNode {
  readonly kind: 'split';
  readonly feature: string;
  /** Follows the name of the feature: `≤ 12.4` or `is north, south`. */
  readonly condition: string;
  /** The same without rounding, for those who look closely. */
  readonly exact: string;
  /** Where missing values go, if the split treats them apart. */
  readonly missing: 'yes' | 'no' | undefined;
  readonly gain: number;
  readonly rows: number;
  readonly value: number;
  readonly depth: number;
  readonly yes: TreeNode;
  readonly no: TreeNode;
}

/** A leaf. */
export interface LeafNode {
  readonly kind: 'leaf';
  readonly index: number;
  readonly value: number;
  readonly rows: number;
  readonly depth: number;
}

export type TreeNode = SplitNode | LeafNode;

/**
 * One tree of a model with names instead of numbers.
 *
 * @throws TrainyardError of kind `usage` where the model has no such tree.
 */
export function treeNodes(model: Model, index: number): TreeNode {
  const tree = model.trees[index];
  if (tree === undefined) {
    throw usageError(
      `no tree ${index}: the model has ${model.trees.length}`,
      model.trees.length === 0 ? 'train a model first' : `choose one from 0 to ${model.trees.length - 1}`,
    );
  }
  const lists = categoryListsOf(model);
  // Children come after their parents in no fixed order, so depths are found from the root down, nodes from below up.
  const splits = tree.numLeaves - 1;
  if (splits === 0) return leafOf(tree, 0, 0);
  const order: { node: number; depth: number }[] = [{ node: 0, depth: 0 }];
  for (let i = 0; i < order.length; i++) {
    const { node, depth } = order[i];
    for (const child of [tree.leftChild[node], tree.rightChild[node]]) {
      if (child >= 0) order.push({ node: child, depth: depth + 1 });
    }
  }
  const made = new Map<number, TreeNode>();
  for (const { node, depth } of order.reverse()) {
    const child = (at: number) => made.get(at) ?? leafOf(tree, ~at, depth + 1);
    made.set(
      node,
      splitOf(model, tree, lists, node, depth, child(tree.leftChild[node]), child(tree.rightChild[node])),
    );
  }
  return made.get(0) ?? leafOf(tree, 0, 0);
}

/** The leaves from the top of a drawing to its foot. */
export function leavesOf(root: TreeNode): LeafNode[] {
  const leaves: LeafNode[] = [];
  const waiting: TreeNode[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'leaf') leaves.push(node);
    else waiting.push(node.no, node.yes);
  }
  return leaves;
}

function leafOf(tree: Tree, leaf: number, depth: number): LeafNode {
  return { kind: 'leaf', index: leaf, value: tree.leafValue[leaf], rows: tree.leafCount[leaf], depth };
}

function splitOf(
  model: Model,
  tree: Tree,
  lists: CategoryLists,
  node: number,
  depth: number,
  yes: TreeNode,
  no: TreeNode,
): SplitNode {
  const feature = tree.splitFeature[node];
  const type = tree.decisionType[node];
  const isCategorical = (type & 1) !== 0;
  const hasMissing = isCategorical || ((type >> 2) & 3) !== 0;
  const missingGoes = !isCategorical && (type & 2) !== 0 ? 'yes' : 'no';
  const list = lists.get(feature);
  const names = isCategorical
    ? categoriesOf(tree, tree.threshold[node]).map((code) => String(list?.[code] ?? code))
    : [];
  return {
    kind: 'split',
    feature: model.featureNames[feature],
    condition: isCategorical
      ? `is ${names.join(', ')}`
      : `≤ ${thresholdText(tree.threshold[node], model.featureInfos[feature])}`,
    exact: isCategorical ? `is ${names.join(', ')}` : `≤ ${tree.threshold[node]}`,
    missing: hasMissing ? missingGoes : undefined,
    gain: tree.splitGain[node],
    rows: tree.internalCount[node],
    value: tree.internalValue[node],
    depth,
    yes,
    no,
  };
}

/** A threshold with as many decimals as its feature's range gives meaning to, and three digits at least. */
export function thresholdText(threshold: number, info: string): string {
  // LightGBM's cut above zero is the smallest number it tells from zero.
  if (Math.abs(threshold) < 1e-30) return '0';
  const [low, high] = info
    .replace(/^\[|\]$/g, '')
    .split(':')
    .map(Number);
  const range = high - low;
  const size = Number.isFinite(range) && range > 0 ? range : Math.abs(threshold);
  const forRange = 4 - Math.ceil(Math.log10(size));
  const forDigits = 2 - Math.floor(Math.log10(Math.abs(threshold)));
  return roundedText(threshold, Math.max(forRange, forDigits));
}

/** A number with at most so many decimals, without needless zeros; very large and small ones as powers of ten. */
export function roundedText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : Number.isNaN(value) ? 'NaN' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || (size < 1e-6 && decimals > 6))) {
    return String(Number(value.toPrecision(4))).replace('-', '−');
  }
  const text = value.toLocaleString('en-US', { maximumFractionDigits: Math.min(20, Math.max(0, decimals)) });
  return text === '-0' ? '0' : text.replace('-', '−');
}

/** Decimals that tell apart values which spread from `low` to `high`. */
export function decimalsFor(low: number, high: number): number {
  const spread = high - low || Math.abs(high) || 1;
  return Math.max(0, 3 - Math.ceil(Math.log10(spread)));
}
