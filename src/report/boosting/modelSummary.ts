import { type Model, numIterations } from '../../gbdt/model.ts';

/** What a model is, in a few numbers. */
export interface ModelSummary {
  /** As the model file has it, or `custom`. */
  readonly objective: string;
  readonly classes: number;
  readonly iterations: number;
  readonly trees: number;
  readonly features: number;
  /** Features that some tree splits on. */
  readonly usedFeatures: number;
  readonly leaves: number;
  readonly leavesPerTree: { readonly least: number; readonly mean: number; readonly most: number };
  /** Of the deepest tree. */
  readonly depth: number;
  readonly categoricalSplits: number;
  /** Rows it was trained on (in the bag of its first tree); 0 where the file does not say. */
  readonly rows: number;
}

/** Sums up a model. */
export function summariseModel(model: Model): ModelSummary {
  const { trees } = model;
  const used = new Set<number>();
  let leaves = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  let depth = 0;
  let categoricalSplits = 0;
  for (const tree of trees) {
    leaves += tree.numLeaves;
    least = Math.min(least, tree.numLeaves);
    most = Math.max(most, tree.numLeaves);
    depth = Math.max(depth, depthOf(tree));
    for (const feature of tree.splitFeature) used.add(feature);
    categoricalSplits += tree.categoryStarts.length - 1;
  }
  return {
    objective: model.objective ?? 'custom',
    classes: model.numClass,
    iterations: numIterations(model),
    trees: trees.length,
    features: model.featureNames.length,
    usedFeatures: used.size,
    leaves,
    leavesPerTree: {
      least: trees.length === 0 ? 0 : least,
      mean: trees.length === 0 ? 0 : leaves / trees.length,
      most,
    },
    depth,
    categoricalSplits,
    rows: trees[0]?.internalCount[0] ?? trees[0]?.leafCount[0] ?? 0,
  };
}

function depthOf({ numLeaves, leftChild, rightChild }: Model['trees'][number]): number {
  let deepest = 0;
  const waiting = numLeaves > 1 ? [{ node: 0, depth: 0 }] : [];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    deepest = Math.max(deepest, depth + 1);
    for (const child of [leftChild[node], rightChild[node]]) {
      if (child >= 0) waiting.push({ node: child, depth: depth + 1 });
    }
  }
  return deepest;
}
