import type { Dataset } from './dataset.ts';
import { exactSplits } from './exactSplits.ts';
import { type HistogramBlock, layOutBlocks } from './histogramBlocks.ts';
import type { ResolvedParameters } from './parameters.ts';
import { emptySplit, type Split, type SplitRules } from './split.ts';
import { splitRules } from './splitRules.ts';
import { type HistogramLeaf, sourceFeatures } from './splitSource.ts';

/** What threads that search for splits share. Plain data over shared memory. */
export interface SearchMemory {
  readonly dataset: Dataset;
  readonly parameters: ResolvedParameters;
  /** First feature of each thread, counted among the used ones; one more at the end. */
  readonly shares: readonly number[];
  /** All rows, class after class. */
  readonly gradients: Float32Array;
  readonly hessians: Float32Array;
  /** The rows of the bag by leaf, and by feature whether it is searched. */
  readonly rows: Int32Array;
  readonly wanted: Uint8Array;
  /** One for each leaf that may be. */
  readonly histograms: readonly Float64Array[];
  /** What is asked: see {@link order}. */
  readonly control: Int32Array;
  /** Constant hessian, then the totals of the smaller and of the larger leaf. */
  readonly numbers: Float64Array;
  /** `[2 leaves, features, fields]`: the best split of each. */
  readonly found: Float64Array;
  /** `[2 leaves, bins]`: categories of the best splits, from each feature's first bin on. */
  readonly categories: Int32Array;
}

/** Places in the control array. */
export const order = {
  /** Counts the tasks given; threads wait for it to change. */
  task: 0,
  /** Threads that are not yet done with the task. */
  busy: 1,
  /** Whether to stop for good. */
  stop: 2,
  /** Whether a thread failed. */
  failed: 3,
  /** Rows of the smaller leaf. */
  start: 4,
  end: 5,
  /** Histograms of the smaller and of the larger leaf; the latter -1 for the root. */
  smaller: 6,
  larger: 7,
  /** What to do with each leaf: see {@link leafWork}. */
  smallerWork: 8,
  largerWork: 9,
  /** Whose slopes count, and whether hessians differ by row. */
  classIndex: 10,
  hasHessians: 11,
} as const;

/** What is done with a leaf: nothing, completing its histogram, or finding splits in it too. */
export const leafWork = { none: 0, complete: 1, find: 2 } as const;

/** Doubles that describe a leaf, and a split. */
export const leafFields = 6;
export const splitFields = 12;

/** Searches the features of one thread, as told by the control array. */
export function sharedSearcher(memory: SearchMemory, thread: number): () => void {
  const { dataset, parameters, shares, control, numbers, histograms, rows, wanted } = memory;
  const [from, to] = [shares[thread], shares[thread + 1]];
  const features = sourceFeatures(dataset, parameters);
  const blocks = ownBlocks(dataset, from, to, features.starts);
  const source = exactSplits({ ...dataset, blocks }, features);
  const smaller = emptyLeaf(histograms[0]);
  const larger = emptyLeaf(histograms[0]);
  const split = emptySplit();
  const { numRows } = dataset;
  const numFeatures = dataset.usedFeatures.length;
  const numBins = features.starts[numFeatures];

  function search(
    leaf: HistogramLeaf,
    sibling: HistogramLeaf | undefined,
    work: number,
    rules: SplitRules,
  ): void {
    if (work === leafWork.none) return;
    const which = sibling ? 1 : 0;
    for (let feature = from; feature < to; feature++) {
      if (!wanted[feature]) continue;
      source.complete(feature, leaf, sibling);
      const at = (which * numFeatures + feature) * splitFields;
      const isFound = work === leafWork.find && source.find(feature, leaf, rules, split);
      memory.found[at] = isFound ? 1 : 0;
      if (isFound) writeSplit(memory, at, which * numBins + features.starts[feature], split);
    }
  }

  return () => {
    const slopes = {
      gradients: classPart(memory.gradients, control[order.classIndex], numRows),
      hessians: control[order.hasHessians]
        ? classPart(memory.hessians, control[order.classIndex], numRows)
        : undefined,
      constantHessian: numbers[0],
    };
    const rules = splitRules(parameters, slopes);
    source.begin(slopes, rows, 0);
    readLeaf(numbers, 1, smaller);
    smaller.histogram = histograms[control[order.smaller]];
    source.build(rows, control[order.start], control[order.end], wanted, smaller.histogram);
    search(smaller, undefined, control[order.smallerWork], rules);
    if (control[order.larger] < 0) return;
    readLeaf(numbers, 1 + leafFields, larger);
    larger.histogram = histograms[control[order.larger]];
    search(larger, smaller, control[order.largerWork], rules);
  };
}

/** Puts the totals of a leaf where threads read them. */
export function writeLeaf(numbers: Float64Array, at: number, leaf: HistogramLeaf): void {
  numbers[at] = leaf.gradient;
  numbers[at + 1] = leaf.hessian;
  numbers[at + 2] = leaf.rawHessian;
  numbers[at + 3] = leaf.count;
  numbers[at + 4] = leaf.lower;
  numbers[at + 5] = leaf.upper;
}

function readLeaf(numbers: Float64Array, at: number, leaf: HistogramLeaf): void {
  leaf.gradient = numbers[at];
  leaf.hessian = numbers[at + 1];
  leaf.rawHessian = numbers[at + 2];
  leaf.count = numbers[at + 3];
  leaf.lower = numbers[at + 4];
  leaf.upper = numbers[at + 5];
}

function writeSplit({ found, categories }: SearchMemory, at: number, bin: number, split: Split): void {
  found[at + 1] = split.gain;
  found[at + 2] = split.threshold;
  found[at + 3] = split.defaultLeft ? 1 : 0;
  found[at + 4] = split.leftCount;
  found[at + 5] = split.leftGradient;
  found[at + 6] = split.leftHessian;
  found[at + 7] = split.leftOutput;
  found[at + 8] = split.rightGradient;
  found[at + 9] = split.rightHessian;
  found[at + 10] = split.rightOutput;
  found[at + 11] = split.categories ? split.categories.length : -1;
  if (split.categories) categories.set(split.categories, bin);
}

/** Reads what a thread found; false where it found nothing. */
export function readSplit(
  { found, categories }: SearchMemory,
  at: number,
  bin: number,
  split: Split,
): boolean {
  if (found[at] === 0) return false;
  split.gain = found[at + 1];
  split.threshold = found[at + 2];
  split.defaultLeft = found[at + 3] === 1;
  split.leftCount = found[at + 4];
  split.leftGradient = found[at + 5];
  split.leftHessian = found[at + 6];
  split.leftOutput = found[at + 7];
  split.rightGradient = found[at + 8];
  split.rightHessian = found[at + 9];
  split.rightOutput = found[at + 10];
  split.categories = found[at + 11] < 0 ? undefined : categories.slice(bin, bin + found[at + 11]);
  return true;
}

function ownBlocks({ columns }: Dataset, from: number, to: number, starts: Int32Array): HistogramBlock[] {
  const numBins = Array.from({ length: to - from }, (_, i) => starts[from + i + 1] - starts[from + i]);
  return layOutBlocks(columns.slice(from, to), numBins).map((block) => ({
    ...block,
    firstFeature: block.firstFeature + from,
    start: block.start + starts[from],
  }));
}

function classPart(values: Float32Array, index: number, numRows: number): Float32Array {
  return values.subarray(index * numRows, (index + 1) * numRows);
}

function emptyLeaf(histogram: Float64Array): HistogramLeaf {
  return { gradient: 0, hessian: 0, rawHessian: 0, count: 0, lower: 0, upper: 0, histogram };
}
