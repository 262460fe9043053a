import type { Dataset } from './dataset.ts';
import type { Fold } from './folds.ts';
import type { Model } from './model.ts';
import { iterationRange, predictRaw } from './predict.ts';
import { outputTransform } from './transform.ts';

/** What a model predicts for rows binned as it was trained, start scores included: `[rows, classes]`. */
export function predictBinned(test: Dataset, model: Model): Float64Array {
  const { numRows, initScore, initModel } = test;
  const width = model.treesPerIteration;
  // The trees of a model that training went on from are in the start scores: they may cut within a bin.
  const startIteration = (initModel?.trees.length ?? 0) / width;
  const { to } = iterationRange(model, {});
  const scores = predictRaw(
    model,
    { columns: binnedValues(test) },
    { startIteration, numIterations: to - startIteration },
  );
  if (initScore) {
    for (let i = 0; i < scores.length; i++) {
      scores[i] += initScore[(i % width) * numRows + Math.floor(i / width)];
    }
  }
  const transform = outputTransform(model.objective);
  if (!transform) return scores;
  for (let at = 0; at < scores.length; at += width) transform(scores.subarray(at, at + width));
  return scores;
}

/** Puts the predictions of all folds in the order of the rows: `[rows, classes]`, means where folds overlap. */
export function gatherPredictions(
  numRows: number,
  folds: readonly Fold[],
  predictions: readonly Float64Array[],
): Float64Array {
  const width = predictions[0].length / folds[0].test.length;
  const sums = new Float64Array(numRows * width);
  const counts = new Int32Array(numRows);
  for (const [fold, { test }] of folds.entries()) {
    for (const [i, row] of test.entries()) {
      counts[row]++;
      for (let k = 0; k < width; k++) sums[row * width + k] += predictions[fold][i * width + k];
    }
  }
  return sums.map((sum, i) => sum / counts[Math.floor(i / width)]);
}

// A value of each row's bin: its upper bound, which lies on the same side of every cut between bins.
function binnedValues({ numRows, numFeatures, mappers, usedFeatures, columns }: Dataset): Float64Array[] {
  const unused = new Float64Array(numRows);
  const values = new Array<Float64Array>(numFeatures).fill(unused);
  for (const [used, feature] of usedFeatures.entries()) {
    const { kind, upperBounds, categories } = mappers[feature];
    const ofBin = kind === 'categorical' ? categories : upperBounds;
    values[feature] = Float64Array.from(columns[used], (bin) => ofBin[bin]);
  }
  return values;
}
