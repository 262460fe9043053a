import { columnSampler } from './columnSampler.ts';
import { epsilon } from './constants.ts';
import type { Dataset } from './dataset.ts';
import { exactSplits } from './exactSplits.ts';
import { type GrowingTree, type GrownTree, growTree, leftBins } from './grownTree.ts';
import type { Slopes } from './histogram.ts';
import { maxPackedRows } from './packed.ts';
import { packedSplits } from './packedSplits.ts';
import type { ResolvedParameters } from './parameters.ts';
import { type RowPartition, rowPartition } from './rowPartition.ts';
import { type SearchThreads, startSearchThreads, threadsFor } from './searchThreads.ts';
import { emptySplit, leafOutput, type Split, type SplitRules } from './split.ts';
import { splitRules } from './splitRules.ts';
import { type HistogramLeaf, type SplitSource, sourceFeatures } from './splitSource.ts';

/** Grows trees on one dataset, leaf by leaf: always the leaf with the largest gain is split next. */
export interface TreeLearner {
  /** After `grow`: the rows of the bag by leaf. */
  readonly partition: RowPartition;
  /** Grows a tree of a class on `rows[0..count)`, or on all rows. */
  grow(classIndex: number, constantHessian: number | undefined, rows?: Int32Array, count?: number): GrownTree;
  /** Ends the threads it may have started. */
  release(): void;
}

/** Derivatives of all rows, class after class; over shared memory. */
export interface SlopeMemory {
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
}

/** What is known of a leaf that may be split. */
interface Leaf extends HistogramLeaf {
  /** Features that some cut of this leaf gains from; the others are left out below. */
  splittable: Uint8Array;
  best: Split;
}

const largest = Number.MAX_VALUE;

/** Source: LightGBM `SerialTreeLearner`. */
export function createTreeLearner(
  dataset: Dataset,
  parameters: ResolvedParameters,
  memory: SlopeMemory,
): TreeLearner {
  const { numRows, columns, usedFeatures } = dataset;
  const { numLeaves, maxDepth, minDataInLeaf, lambdaL1, lambdaL2, minGainToSplit } = parameters;
  const numFeatures = usedFeatures.length;
  const features = sourceFeatures(dataset, parameters);
  const { shapes } = features;
  const sampler = columnSampler(
    numFeatures,
    parameters.featureFraction,
    parameters.featureFractionByNode,
    parameters.featureFractionSeed,
  );
  const partition = rowPartition(numRows, numLeaves);
  const leaves: Leaf[] = [];
  const wanted = new Uint8Array(numFeatures);
  let candidate = emptySplit();
  let source: SplitSource | undefined;
  let crew: SearchThreads | undefined;
  let slopes: Slopes = { ...memory, hessians: undefined, constantHessian: 1 };
  let classIndex = 0;

  // Which kind of histogram serves depends on the slopes, which do not change their kind between trees.
  function sourceFor(): SplitSource {
    const isUnit = slopes.hessians === undefined && slopes.constantHessian === 1;
    const isPacked = parameters.histogram === 'packed' && isUnit && numRows <= maxPackedRows;
    if (!source && !isPacked) {
      const threads = threadsFor(dataset, parameters);
      if (threads > 1) crew = startSearchThreads(dataset, parameters, threads, memory, partition.rows);
    }
    source ??= isPacked ? packedSplits(dataset, features) : exactSplits(dataset, features);
    return source;
  }

  function leafSlot(index: number, size: number): Leaf {
    leaves[index] ??= emptyLeaf(crew?.histograms[index] ?? new Float64Array(size), numFeatures);
    return leaves[index];
  }

  function grow(
    ofClass: number,
    constantHessian: number | undefined,
    bag?: Int32Array,
    bagCount = numRows,
  ): GrownTree {
    classIndex = ofClass;
    const part = (values: Float32Array) => values.subarray(ofClass * numRows, (ofClass + 1) * numRows);
    slopes = {
      gradients: part(memory.gradients),
      hessians: constantHessian === undefined ? part(memory.hessians) : undefined,
      constantHessian: constantHessian ?? 1,
    };
    const used = sourceFor();
    sampler.nextTree();
    partition.reset(bag, bagCount);
    const root = leafSlot(0, used.size);
    const { gradient, hessian } = used.begin(slopes, partition.rows, bagCount);
    setTotals(root, gradient, hessian, bagCount, -largest, largest);
    const rootValue = leafOutput(gradient, hessian, lambdaL1, lambdaL2);
    const tree = growTree(dataset, numLeaves, minGainToSplit, rootValue);
    const rules = splitRules(parameters, slopes);
    search(used, 0, 0, -1, rules);
    while (tree.numLeaves < numLeaves) {
      const next = bestLeaf(leaves, tree.numLeaves);
      if (!(leaves[next].best.gain > 0)) break;
      const newLeaf = splitLeaf(tree, next, used.size);
      if (newLeaf > 0 && tree.numLeaves < numLeaves) {
        search(used, tree.depthOf(next), next, newLeaf, rules);
      }
    }
    return tree.finish();
  }

  // Exact counts leave no cut in so small a leaf; estimated ones may.
  function isHopeless(leaf: Leaf, rules: SplitRules): boolean {
    return rules.unitHessian && leaf.count < 2 * minDataInLeaf;
  }

  // Finds the best split of a leaf, completing its histogram feature by feature while the bins are at hand, unless
  // threads have done both.
  function findSplits(
    used: SplitSource,
    leaf: Leaf,
    sibling: Leaf | undefined,
    allowed: Uint8Array,
    rules: SplitRules,
  ): void {
    const { splittable } = leaf;
    leaf.best.gain = Number.NEGATIVE_INFINITY;
    splittable.fill(0);
    const hopeless = isHopeless(leaf, rules);
    if (hopeless && sibling) return;
    for (let feature = 0; feature < numFeatures; feature++) {
      if (!wanted[feature]) continue;
      if (crew) {
        if (hopeless || !crew.read(sibling !== undefined, feature, candidate)) continue;
      } else {
        used.complete(feature, leaf, sibling);
        if (hopeless || !used.find(feature, leaf, rules, candidate)) continue;
      }
      splittable[feature] = 1;
      // LightGBM multiplies by a penalty of 1 + 1e-15 here.
      if (shapes[feature].monotone !== 0) candidate.gain *= 1 + epsilon;
      if (candidate.gain > leaf.best.gain && allowed[feature]) {
        const beaten = leaf.best;
        leaf.best = candidate;
        leaf.best.feature = feature;
        candidate = beaten;
      }
    }
  }

  // Makes the best split of a leaf, or marks the leaf as done where one side would stay empty (estimated counts
  // allow it). Returns the new leaf, -1 if there is none.
  function splitLeaf(tree: GrowingTree, leaf: number, size: number): number {
    const { best } = leaves[leaf];
    const goesLeft = leftBins(dataset, best);
    const newLeaf = tree.numLeaves;
    leafSlot(newLeaf, size);
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
  function search(used: SplitSource, depth: number, left: number, right: number, rules: SplitRules): void {
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
    const largerLeaf = rightLeaf && leaves[larger];
    if (crew) {
      crew.search({
        start,
        end,
        smaller: smallerLeaf,
        larger: largerLeaf,
        smallerIsHopeless: isHopeless(smallerLeaf, rules),
        largerIsHopeless: largerLeaf !== undefined && isHopeless(largerLeaf, rules),
        wanted,
        slopes,
        classIndex,
      });
    } else {
      used.build(partition.rows, start, end, wanted, smallerLeaf.histogram);
    }
    findSplits(used, smallerLeaf, undefined, sampler.nextLeaf(), rules);
    if (largerLeaf) findSplits(used, largerLeaf, smallerLeaf, sampler.nextLeaf(), rules);
  }

  return { partition, grow, release: () => crew?.release() };
}

function emptyLeaf(histogram: Float64Array, numFeatures: number): Leaf {
  return {
    gradient: 0,
    hessian: 0,
    rawHessian: 0,
    count: 0,
    lower: -largest,
    upper: largest,
    histogram,
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
