import { findCategoricalSplit } from './categoricalSplit.ts';
import type { Dataset } from './dataset.ts';
import { histogramBuilder, inferFrequentBin, type Slopes, subtractHistogram } from './histogram.ts';
import { findNumericalSplit } from './numericalSplit.ts';
import type { SourceFeatures, SplitSource } from './splitSource.ts';

/** Splits to the last bit those of LightGBM: (gradient, hessian) pairs, summed in its order. */
export function exactSplits(dataset: Dataset, features: SourceFeatures): SplitSource {
  const { shapes, isCategorical, starts } = features;
  const frequentBins = Array.from(dataset.usedFeatures, (f) => dataset.mappers[f].mostFrequentBin);
  const histograms = histogramBuilder(dataset.blocks, dataset.columns, dataset.numRows);
  let slopes: Slopes;

  return {
    size: starts[shapes.length] * 2,
    begin(given, rows, count) {
      slopes = given;
      return sumSlopes(given, rows, count);
    },
    build(rows, start, end, wanted, out) {
      histograms.build(rows, start, end, slopes, wanted, out);
    },
    complete(feature, leaf, sibling) {
      const start = starts[feature] * 2;
      const end = starts[feature + 1] * 2;
      const { histogram, gradient, rawHessian } = leaf;
      if (sibling) subtractHistogram(histogram, sibling.histogram, start, end);
      else inferFrequentBin(histogram, start, end, frequentBins[feature], gradient, rawHessian);
    },
    find(feature, leaf, rules, split) {
      const find = isCategorical[feature] ? findCategoricalSplit : findNumericalSplit;
      return find(leaf.histogram, starts[feature] * 2, shapes[feature], leaf, rules, split);
    },
  };
}

function sumSlopes({ gradients, hessians, constantHessian }: Slopes, rows: Int32Array, count: number) {
  let gradient = 0;
  let hessian = 0;
  for (let i = 0; i < count; i++) {
    gradient += gradients[rows[i]];
    hessian += hessians ? hessians[rows[i]] : constantHessian;
  }
  return { gradient, hessian };
}
