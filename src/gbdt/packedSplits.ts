import { findCategoricalSplit } from './categoricalSplit.ts';
import { missingNan } from './constants.ts';
import type { Dataset } from './dataset.ts';
import { subtractHistogram } from './histogram.ts';
import { findNumericalSplit } from './numericalSplit.ts';
import {
  buildPackedHistogram,
  findPackedSplit,
  type PackedGradients,
  packGradients,
  sumPacked,
  unpack,
} from './packed.ts';
import type { SourceFeatures, SplitSource } from './splitSource.ts';

/** Splits from packed histograms; only for hessians that are all 1 and at most `maxPackedRows` rows. */
export function packedSplits(dataset: Dataset, features: SourceFeatures): SplitSource {
  const { shapes, isCategorical, starts } = features;
  const { blocks, columns, numRows } = dataset;
  const packed: PackedGradients = { values: new Float64Array(numRows), scale: 1 };
  const pairs = new Float64Array(2 * Math.max(1, ...shapes.map(({ numBins }) => numBins)));

  return {
    size: starts[shapes.length],
    begin({ gradients }, rows, count) {
      packGradients(gradients, packed);
      return { gradient: sumPacked(packed, rows, count), hessian: count };
    },
    build(rows, start, end, wanted, out) {
      buildPackedHistogram(blocks, columns, rows, start, end, packed.values, wanted, out);
    },
    complete(feature, leaf, sibling) {
      if (sibling) {
        subtractHistogram(leaf.histogram, sibling.histogram, starts[feature], starts[feature + 1]);
      }
    },
    find(feature, leaf, rules, split) {
      const shape = shapes[feature];
      const start = starts[feature];
      if (isCategorical[feature] === 0 && !rules.constrained && rules.lambdaL1 === 0) {
        const hasMissing = shape.missing === missingNan;
        return findPackedSplit(
          leaf.histogram,
          start,
          shape.numBins,
          hasMissing,
          packed.scale,
          leaf,
          rules,
          split,
        );
      }
      unpack(leaf.histogram, start, starts[feature + 1], packed.scale, pairs);
      const find = isCategorical[feature] ? findCategoricalSplit : findNumericalSplit;
      // Every bin is there, so none is inferred.
      return find(pairs, 0, { ...shape, offset: 0 }, leaf, rules, split);
    },
  };
}
