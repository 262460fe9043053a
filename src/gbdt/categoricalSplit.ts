import { epsilon, roundCount } from './constants.ts';
import {
  boundedOutput,
  type FeatureShape,
  gainOfSides,
  type LeafTotals,
  leafGain,
  leafOutput,
  type Split,
  type SplitRules,
} from './split.ts';

/**
 * Finds the best set of categories to send left: one against the rest where categories are few, otherwise the
 * first so many in the order of their mean gradient, from either end. Writes `split` and returns whether any
 * split gains, as `findNumericalSplit` does.
 *
 * Source: LightGBM `FeatureHistogram::FindBestThresholdCategoricalInner`; Fisher 1958, "On grouping for maximum
 * homogeneity".
 */
export function findCategoricalSplit(
  histogram: Float64Array,
  start: number,
  shape: FeatureShape,
  leaf: LeafTotals,
  rules: SplitRules,
  split: Split,
): boolean {
  const limit = leafGain(leaf.gradient, leaf.hessian, rules.lambdaL1, rules.lambdaL2) + rules.minGainToSplit;
  split.gain = Number.NEGATIVE_INFINITY;
  const oneHot = shape.numBins <= rules.maxCatToOnehot;
  const l2 = oneHot ? rules.lambdaL2 : rules.lambdaL2 + rules.catL2;
  const found = oneHot
    ? oneAgainstRest(histogram, start, shape, leaf, rules, limit)
    : sortedSubset(histogram, start, shape, leaf, rules, limit, l2);
  if (!found) return false;
  const { constrained, lambdaL1 } = rules;
  const output = (gradient: number, hessian: number) =>
    constrained
      ? boundedOutput(gradient, hessian, lambdaL1, l2, leaf)
      : leafOutput(gradient, hessian, lambdaL1, l2);
  const rightGradient = leaf.gradient - found.gradient;
  const rightHessian = leaf.hessian - found.hessian;
  split.gain = found.gain - limit;
  split.threshold = 0;
  split.defaultLeft = false;
  split.categories = found.bins;
  split.leftCount = found.count;
  split.leftGradient = found.gradient;
  split.leftHessian = found.hessian - epsilon;
  split.leftOutput = output(found.gradient, found.hessian);
  split.rightGradient = rightGradient;
  split.rightHessian = rightHessian - epsilon;
  split.rightOutput = output(rightGradient, rightHessian);
  return true;
}

/** The left side of the best split. */
interface FoundCategories {
  gain: number;
  bins: Int32Array;
  gradient: number;
  hessian: number;
  count: number;
}

function oneAgainstRest(
  histogram: Float64Array,
  start: number,
  shape: FeatureShape,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
): FoundCategories | undefined {
  const { minDataInLeaf, minSumHessianInLeaf, lambdaL1, lambdaL2, constrained } = rules;
  const countFactor = leaf.count / leaf.hessian;
  let best: FoundCategories | undefined;
  for (let bin = 1; bin < shape.numBins; bin++) {
    const gradient = histogram[start + 2 * bin];
    const hessian = histogram[start + 2 * bin + 1];
    const count = roundCount(hessian * countFactor);
    if (count < minDataInLeaf || hessian < minSumHessianInLeaf) continue;
    if (leaf.count - count < minDataInLeaf) continue;
    const otherHessian = leaf.hessian - hessian - epsilon;
    if (otherHessian < minSumHessianInLeaf) continue;
    const otherGradient = leaf.gradient - gradient;
    const own = hessian + epsilon;
    const gain = gainOfSides(
      otherGradient,
      otherHessian,
      gradient,
      own,
      lambdaL1,
      lambdaL2,
      leaf,
      constrained,
      0,
    );
    if (gain <= limit || (best && gain <= best.gain)) continue;
    best = { gain, bins: Int32Array.of(bin), gradient, hessian: own, count };
  }
  return best;
}

function sortedSubset(
  histogram: Float64Array,
  start: number,
  shape: FeatureShape,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  l2: number,
): FoundCategories | undefined {
  const { minDataInLeaf, minSumHessianInLeaf, minDataPerGroup, catSmooth, lambdaL1, constrained } = rules;
  const countFactor = leaf.count / leaf.hessian;
  const sorted: number[] = [];
  for (let bin = 1; bin < shape.numBins; bin++) {
    if (roundCount(histogram[start + 2 * bin + 1] * countFactor) >= catSmooth) sorted.push(bin);
  }
  const mean = (bin: number) => histogram[start + 2 * bin] / (histogram[start + 2 * bin + 1] + catSmooth);
  sorted.sort((a, b) => mean(a) - mean(b));
  const most = Math.min(rules.maxCatThreshold, (sorted.length + 1) >> 1);
  let best: FoundCategories | undefined;
  for (const order of [sorted, sorted.toReversed()]) {
    let gradient = 0;
    let hessian = epsilon;
    let count = 0;
    let inGroup = 0;
    for (let i = 0; i < order.length && i < most; i++) {
      const binHessian = histogram[start + 2 * order[i] + 1];
      const binCount = roundCount(binHessian * countFactor);
      gradient += histogram[start + 2 * order[i]];
      hessian += binHessian;
      count += binCount;
      inGroup += binCount;
      if (count < minDataInLeaf || hessian < minSumHessianInLeaf) continue;
      const otherCount = leaf.count - count;
      if (otherCount < minDataInLeaf || otherCount < minDataPerGroup) break;
      const otherHessian = leaf.hessian - hessian;
      if (otherHessian < minSumHessianInLeaf) break;
      if (inGroup < minDataPerGroup) continue;
      inGroup = 0;
      const otherGradient = leaf.gradient - gradient;
      const gain = gainOfSides(
        gradient,
        hessian,
        otherGradient,
        otherHessian,
        lambdaL1,
        l2,
        leaf,
        constrained,
        0,
      );
      if (gain <= limit || (best && gain <= best.gain)) continue;
      best = { gain, bins: Int32Array.from(order.slice(0, i + 1)), gradient, hessian, count };
    }
  }
  return best;
}
