import { findCategoricalSplit } from './categoricalSplit.ts';
import { columnSampler } from './columnSampler.ts';
import { epsilon } from './constants.ts';
import type { Dataset } from './dataset.ts';
import { type GrowingTree, type GrownTree, growTree, leftBins } from './grownTree.ts';
import { histogramBuilder, inferFrequentBin, type Slopes, subtractHistogram } from './histogram.ts';
import { findNumericalSplit } from './numericalSplit.ts';
import type { ResolvedParameters } from './parameters.ts';
import { type RowPartition, rowPartition } from './rowPartition.ts';
import {
  emptySplit,
  type FeatureShape,
  type LeafTotals,
  leafOutput,
  type Split,
  type SplitRules,
} from './split.ts';

/** Grows trees on one dataset, leaf by leaf: always the leaf with the largest gain is split next. */
export interface TreeLearner {
  /** After `grow`: the rows of the bag by leaf. */
  readonly partition: RowPartition;
  /** Grows a tree on `rows[0..count)`, or on all rows. */
  grow(slopes: Slopes, rows?: Int32Array, count?: number): GrownTree;
}

/** What is known of a leaf that may be split. */
interface Leaf extends LeafTotals {
  /** Without the epsilons that finders add. */
  rawHessian: number;
  histogram: Float64Array;
  /** Features that some cut of this leaf gains from; the others are left out below. */
  splittable: Uint8Array;
  best: Split;
}

const largest = Number.MAX_VALUE;

/** Source: LightGBM `SerialTreeLearner`. */
export function createTreeLearner(dataset: Dataset, parameters: ResolvedParameters): TreeLearner {
  const { numRows, blocks, columns, usedFeatures, mappers } = dataset;
  const { numLeaves, maxDepth, minDataInLeaf, lambdaL1, lambdaL2, minGainToSplit } = parameters;
  const numFeatures = usedFeatures.length;
  const shapes = Array.from(usedFeatures, (feature) => shapeOf(dataset, feature, parameters));
  const isCategorical = Uint8Array.from(usedFeatures, (f) => (mappers[f].kind === 'categorical' ? 1 : 0));
  const frequentBins = Int32Array.from(usedFeatures, (feature) => mappers[feature].mostFrequentBin);
  const starts = pairStarts(shapes);
  const sampler = columnSampler(
    numFeatures,
    parameters.featureFraction,
    parameters.featureFractionByNode,
    parameters.featureFractionSeed,
  );
  const histograms = histogramBuilder(blocks, columns, numRows);
  const partition = rowPartition(numRows, numLeaves);
  const leaves: Leaf[] = [];
  const wanted = new Uint8Array(numFeatures);
  const candidate = emptySplit();

  function leafSlot(index: number): Leaf {
    leaves[index] ??= emptyLeaf(starts[numFeatures] * 2, numFeatures);
    return leaves[index];
  }

  // Finds the best split of a leaf. Its histogram must still be completed feature by feature, which is done here
  // while each feature's pairs are at hand: from `sibling`, if given, which must be complete.
  function findSplits(leaf: Leaf, sibling: Leaf | undefined, allowed: Uint8Array, rules: SplitRules): void {
    const { histogram, splittable, best, gradient, rawHessian } = leaf;
    best.gain = Number.NEGATIVE_INFINITY;
    splittable.fill(0);
    // Exact counts leave no cut in so small a leaf; estimated ones may.
    const hopeless = rules.unitHessian && leaf.count < 2 * minDataInLeaf;
    if (hopeless && sibling) return;
    for (let feature = 0; feature < numFeatures; feature++) {
      if (!wanted[feature]) continue;
      const start = starts[feature] * 2;
      const end = starts[feature + 1] * 2;
      if (sibling) subtractHistogram(histogram, sibling.histogram, start, end);
      else inferFrequentBin(histogram, start, end, frequentBins[feature], gradient, rawHessian);
      if (hopeless) continue;
      const shape = shapes[feature];
      const find = isCategorical[feature] ? findCategoricalSplit : findNumericalSplit;
      const gains = find(histogram, start, shape, leaf, rules, candidate);
      if (!gains) continue;
      splittable[feature] = 1;
      // LightGBM multiplies by a penalty of 1 + 1e-15 here.
      if (shape.monotone !== 0) candidate.gain *= 1 + epsilon;
      if (candidate.gain > best.gain && allowed[feature]) {
        Object.assign(best, candidate);
        best.feature = feature;
      }
    }
  }

  function grow(slopes: Slopes, bag?: Int32Array, bagCount = numRows): GrownTree {
    sampler.nextTree();
    partition.reset(bag, bagCount);
    const root = leafSlot(0);
    setTotals(root, ...sumSlopes(slopes, partition.rows, bagCount), bagCount, -largest, largest);
    const tree = growTree(
      dataset,
      numLeaves,
      minGainToSplit,
      leafOutput(root.gradient, root.rawHessian, lambdaL1, lambdaL2),
    );
    const rules = rulesOf(parameters, slopes);
    search(0, 0, -1, slopes, rules);
    while (tree.numLeaves < numLeaves) {
      const next = bestLeaf(leaves, tree.numLeaves);
      if (!(leaves[next].best.gain > 0)) break;
      const newLeaf = splitLeaf(tree, next);
      if (newLeaf > 0 && tree.numLeaves < numLeaves) {
        search(tree.depthOf(next), next, newLeaf, slopes, rules);
      }
    }
    return tree.finish();
  }

  // Makes the best split of a leaf, or marks the leaf as done where one side would stay empty (estimated counts
  // allow it). Returns the new leaf, -1 if there is none.
  function splitLeaf(tree: GrowingTree, leaf: number): number {
    const { best } = leaves[leaf];
    const goesLeft = leftBins(dataset, best);
    const newLeaf = tree.numLeaves;
    leafSlot(newLeaf);
    partition.split(leaf, newLeaf, columns[best.feature], goesLeft);
    const leftCount = partition.counts[leaf];
    const rightCount = partition.counts[newLeaf];
    if (leftCount === 0 || rightCount === 0) {
      partition.counts[leaf] = leftCount + rightCount;
      partition.counts[newLeaf] = 0;
      best.gain = Number.NEGATIVE_INFINITY;
      return -1;
    }
    tree.split(leaf, best, leftCount, rightCount, goesLeft);
    divideLeaf(leaf, newLeaf, leftCount, rightCount);
    return newLeaf;
  }

  // Leaves `parent` as the left child and fills the slot of the right one.
  function divideLeaf(parent: number, newLeaf: number, leftCount: number, rightCount: number): void {
    const left = leaves[parent];
    const right = leaves[newLeaf];
    const { best, lower, upper } = left;
    const monotone = best.categories ? 0 : shapes[best.feature].monotone;
    const middle = (best.leftOutput + best.rightOutput) / 2;
    const { leftGradient, leftHessian, rightGradient, rightHessian } = best;
    setTotals(
      left,
      leftGradient,
      leftHessian,
      leftCount,
      monotone < 0 ? Math.max(lower, middle) : lower,
      monotone > 0 ? Math.min(upper, middle) : upper,
    );
    setTotals(
      right,
      rightGradient,
      rightHessian,
      rightCount,
      monotone > 0 ? Math.max(lower, middle) : lower,
      monotone < 0 ? Math.min(upper, middle) : upper,
    );
  }

  // Finds the best splits of two new siblings, or of the root. The parent's histogram lies in the left slot.
  function search(depth: number, left: number, right: number, slopes: Slopes, rules: SplitRules): void {
    const leftLeaf = leaves[left];
    const rightLeaf = right < 0 ? undefined : leaves[right];
    const small = 2 * minDataInLeaf;
    const tooDeep = maxDepth > 0 && depth >= maxDepth;
    if (tooDeep || (leftLeaf.count < small && (rightLeaf?.count ?? 0) < small)) {
      leftLeaf.best.gain = Number.NEGATIVE_INFINITY;
      if (rightLeaf) rightLeaf.best.gain = Number.NEGATIVE_INFINITY;
      return;
    }
    const leftIsSmaller = rightLeaf !== undefined && leftLeaf.count < rightLeaf.count;
    const smaller = leftIsSmaller || !rightLeaf ? left : right;
    const larger = leftIsSmaller ? right : left;
    const smallerLeaf = leaves[smaller];
    wanted.set(sampler.ofTree);
    if (rightLeaf) {
      for (let f = 0; f < numFeatures; f++) wanted[f] &= leftLeaf.splittable[f];
      if (leftIsSmaller) swapHistograms(leftLeaf, rightLeaf);
    }
    const start = partition.starts[smaller];
    const end = start + partition.counts[smaller];
    histograms.build(partition.rows, start, end, slopes, wanted, smallerLeaf.histogram);
    findSplits(smallerLeaf, undefined, sampler.nextLeaf(), rules);
    if (rightLeaf) findSplits(leaves[larger], smallerLeaf, sampler.nextLeaf(), rules);
  }

  return { partition, grow };
}

function emptyLeaf(histogramSize: number, numFeatures: number): Leaf {
  return {
    gradient: 0,
    hessian: 0,
    rawHessian: 0,
    count: 0,
    lower: -largest,
    upper: largest,
    histogram: new Float64Array(histogramSize),
    splittable: new Uint8Array(numFeatures),
    best: emptySplit(),
  };
}

function setTotals(
  leaf: Leaf,
  gradient: number,
  hessian: number,
  count: number,
  lower: number,
  upper: number,
): void {
  leaf.gradient = gradient;
  leaf.rawHessian = hessian;
  leaf.hessian = hessian + 2 * epsilon;
  leaf.count = count;
  leaf.lower = lower;
  leaf.upper = upper;
}

function swapHistograms(a: Leaf, b: Leaf): void {
  const { histogram } = a;
  a.histogram = b.histogram;
  b.histogram = histogram;
}

// The first leaf of the largest gain; of equal gains the one whose split has the smaller feature.
function bestLeaf(leaves: readonly Leaf[], count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) {
    const one = leaves[i].best;
    const other = leaves[best].best;
    if (one.gain > other.gain || (one.gain === other.gain && one.feature < other.feature)) best = i;
  }
  return best;
}

function sumSlopes(slopes: Slopes, rows: Int32Array, count: number): [gradient: number, hessian: number] {
  const { gradients, hessians, constantHessian } = slopes;
  let gradient = 0;
  let hessian = 0;
  for (let i = 0; i < count; i++) {
    gradient += gradients[rows[i]];
    hessian += hessians ? hessians[rows[i]] : constantHessian;
  }
  return [gradient, hessian];
}

function rulesOf(parameters: ResolvedParameters, slopes: Slopes): SplitRules {
  const constrained = parameters.monotoneConstraints.length > 0;
  const unitHessian = slopes.hessians === undefined && slopes.constantHessian === 1;
  const { minDataInLeaf, minSumHessianInLeaf, lambdaL1, lambdaL2, minGainToSplit } = parameters;
  const { minDataPerGroup, maxCatThreshold, catL2, catSmooth, maxCatToOnehot } = parameters;
  return {
    minDataInLeaf,
    minSumHessianInLeaf,
    lambdaL1,
    lambdaL2,
    minGainToSplit,
    minDataPerGroup,
    maxCatThreshold,
    catL2,
    catSmooth,
    maxCatToOnehot,
    constrained,
    unitHessian,
  };
}

function shapeOf(dataset: Dataset, feature: number, parameters: ResolvedParameters): FeatureShape {
  const mapper = dataset.mappers[feature];
  return {
    numBins: mapper.numBins,
    missing: mapper.missing,
    offset: mapper.mostFrequentBin === 0 ? 1 : 0,
    monotone: parameters.monotoneConstraints[feature] ?? 0,
  };
}

// Where each feature's pairs start in a leaf's histogram, and where the last one's end.
function pairStarts(shapes: readonly FeatureShape[]): Int32Array {
  const starts = new Int32Array(shapes.length + 1);
  for (const [i, shape] of shapes.entries()) starts[i + 1] = starts[i] + shape.numBins;
  return starts;
}
