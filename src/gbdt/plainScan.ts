import { epsilon, roundCount } from './constants.ts';
import { type Cut, type FeatureShape, gainOfSides, type LeafTotals, type SplitRules } from './split.ts';

/**
 * One pass over the bins of a numerical feature, with every rule: the path for monotone constraints, and the
 * reference of the fast scans in `scans.ts`.
 *
 * Source: LightGBM `FeatureHistogram::FindBestThresholdSequentially`.
 *
 * @param direction `leftward` gathers the right side from the last bin down, `rightward` the left side upwards.
 * @param last Last bin that holds values (the one of missing values lies beyond it).
 * @param limit Gain that a cut must exceed.
 */
export function scanPlainly(
  histogram: Float64Array,
  start: number,
  direction: 'leftward' | 'rightward',
  last: number,
  shape: FeatureShape,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  cut: Cut,
): void {
  const { gradient, hessian, count } = leaf;
  const { minDataInLeaf, minSumHessianInLeaf, lambdaL1, lambdaL2, constrained } = rules;
  const countFactor = count / hessian;
  const leftward = direction === 'leftward';
  let nearGradient = 0;
  let nearHessian = epsilon;
  let nearCount = 0;
  let bin = leftward ? last : 0;
  const firstInferred = !leftward && shape.offset === 1;
  if (firstInferred) {
    // Bin 0 is not stored: it is what all others leave, the bin of missing values included.
    nearGradient = gradient;
    nearHessian = hessian - epsilon;
    nearCount = count;
    for (let i = 1; i < shape.numBins; i++) {
      nearGradient -= histogram[start + 2 * i];
      nearHessian -= histogram[start + 2 * i + 1];
      nearCount -= roundCount(histogram[start + 2 * i + 1] * countFactor);
    }
  }
  // A cut after the last bin, with only missing values to the right, is allowed.
  for (; leftward ? bin >= 1 : bin <= last; bin += leftward ? -1 : 1) {
    if (!(firstInferred && bin === 0)) {
      nearGradient += histogram[start + 2 * bin];
      nearHessian += histogram[start + 2 * bin + 1];
      nearCount += roundCount(histogram[start + 2 * bin + 1] * countFactor);
    }
    if (nearCount < minDataInLeaf || nearHessian < minSumHessianInLeaf) continue;
    const farCount = count - nearCount;
    const farHessian = hessian - nearHessian;
    if (farCount < minDataInLeaf || farHessian < minSumHessianInLeaf) break;
    const farGradient = gradient - nearGradient;
    const leftGradient = leftward ? farGradient : nearGradient;
    const leftHessian = leftward ? farHessian : nearHessian;
    const gain = gainOfSides(
      leftGradient,
      leftHessian,
      leftward ? nearGradient : farGradient,
      leftward ? nearHessian : farHessian,
      lambdaL1,
      lambdaL2,
      leaf,
      constrained,
      shape.monotone,
    );
    if (gain <= limit || gain <= cut.gain) continue;
    cut.gain = gain;
    cut.threshold = leftward ? bin - 1 : bin;
    cut.leftGradient = leftGradient;
    cut.leftHessian = leftHessian;
    cut.leftCount = leftward ? farCount : nearCount;
  }
}
