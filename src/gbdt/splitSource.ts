import type { Dataset } from './dataset.ts';
import type { Slopes } from './histogram.ts';
import type { ResolvedParameters } from './parameters.ts';
import type { FeatureShape, LeafTotals, Split, SplitRules } from './split.ts';

/** Where a tree learner gets its splits from: histograms of one kind, and the finders that read them. */
export interface SplitSource {
  /** Doubles that a leaf's histogram takes. */
  readonly size: number;
  /** Takes the slopes of the next tree and returns their sums over its rows. */
  begin(slopes: Slopes, rows: Int32Array, count: number): { gradient: number; hessian: number };
  /** Builds the histogram of `rows[start..end)` for the features wanted. */
  build(rows: Int32Array, start: number, end: number, wanted: Uint8Array, out: Float64Array): void;
  /**
   * Completes one feature of a leaf's histogram: one that was built, or that of the leaf's parent, from which the
   * (complete) one of its sibling is taken.
   */
  complete(feature: number, leaf: HistogramLeaf, sibling: HistogramLeaf | undefined): void;
  /** Finds the best split of a leaf by one feature, and whether there is any. */
  find(feature: number, leaf: HistogramLeaf, rules: SplitRules, split: Split): boolean;
}

/** A leaf with its histogram. */
export interface HistogramLeaf extends LeafTotals {
  /** Sum of hessians without the epsilons that finders want. */
  rawHessian: number;
  histogram: Float64Array;
}

/** What a source needs to know of the features. */
export interface SourceFeatures {
  readonly shapes: readonly FeatureShape[];
  readonly isCategorical: Uint8Array;
  /** First bin of each feature among all bins; one more at the end. */
  readonly starts: Int32Array;
}

/** The features of a dataset as sources see them. */
export function sourceFeatures(dataset: Dataset, parameters: ResolvedParameters): SourceFeatures {
  const mappers = Array.from(dataset.usedFeatures, (feature) => dataset.mappers[feature]);
  const starts = new Int32Array(mappers.length + 1);
  for (const [i, { numBins }] of mappers.entries()) starts[i + 1] = starts[i] + numBins;
  return {
    shapes: mappers.map(({ numBins, missing, mostFrequentBin }, i) => ({
      numBins,
      missing,
      offset: mostFrequentBin === 0 ? 1 : 0,
      monotone: parameters.monotoneConstraints[dataset.usedFeatures[i]] ?? 0,
    })),
    isCategorical: Uint8Array.from(mappers, ({ kind }) => (kind === 'categorical' ? 1 : 0)),
    starts,
  };
}
