import { epsilon, missingNan } from './constants.ts';
import { scanPlainly } from './plainScan.ts';
import { scanLeftwardUnit, scanLeftwardWeighted, scanRightwardUnit, scanRightwardWeighted } from './scans.ts';
import {
  boundedOutput,
  type Cut,
  type FeatureShape,
  type LeafTotals,
  leafGain,
  leafOutput,
  type Split,
  type SplitRules,
} from './split.ts';

const cut: Cut = { gain: 0, threshold: 0, leftGradient: 0, leftHessian: 0, leftCount: 0 };

/**
 * Finds the best cut of a numerical feature in a leaf. Writes `split` (gain -Infinity where there is none) and
 * returns whether any cut gains at all: if not, the feature is left out in everything below the leaf.
 *
 * Missing values are first taken to the left (bins from right to left), then to the right; the second replaces
 * the first only if better.
 *
 * Source: LightGBM `FeatureHistogram::FindBestThreshold`.
 *
 * @param start Index of the feature's first pair in `histogram`, in doubles.
 */
export function findNumericalSplit(
  histogram: Float64Array,
  start: number,
  shape: FeatureShape,
  leaf: LeafTotals,
  rules: SplitRules,
  split: Split,
): boolean {
  const { lambdaL1, lambdaL2 } = rules;
  const limit = leafGain(leaf.gradient, leaf.hessian, lambdaL1, lambdaL2) + rules.minGainToSplit;
  const plain = rules.constrained;
  const unit = rules.unitHessian && lambdaL1 === 0;
  const hasMissing = shape.missing === missingNan;
  const twoPasses = hasMissing && shape.numBins > 2;
  split.gain = Number.NEGATIVE_INFINITY;
  split.categories = undefined;

  const last = shape.numBins - 1 - (twoPasses ? 1 : 0);
  cut.gain = Number.NEGATIVE_INFINITY;
  if (plain) scanPlainly(histogram, start, 'leftward', last, shape, leaf, rules, limit, cut);
  else if (unit) scanLeftwardUnit(histogram, start, last, leaf, rules, limit, cut);
  else scanLeftwardWeighted(histogram, start, last, leaf, rules, limit, cut);
  let splittable = cut.gain > limit;
  if (splittable) store(cut, leaf, rules, limit, !(hasMissing && !twoPasses), split);
  if (!twoPasses) return splittable;

  // The second pass must beat the first, and only then counts.
  const toBeat = Math.max(limit, split.gain + limit);
  cut.gain = Number.NEGATIVE_INFINITY;
  if (plain) scanPlainly(histogram, start, 'rightward', last, shape, leaf, rules, toBeat, cut);
  else if (unit) {
    scanRightwardUnit(histogram, start, last, shape.offset, leaf, rules, toBeat, cut);
  } else scanRightwardWeighted(histogram, start, last, shape.offset, leaf, rules, toBeat, cut);
  if (cut.gain > toBeat) {
    splittable = true;
    store(cut, leaf, rules, limit, false, split);
  }
  return splittable;
}

function store(
  found: Cut,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  defaultLeft: boolean,
  split: Split,
): void {
  const { lambdaL1, lambdaL2, constrained } = rules;
  const { leftGradient, leftHessian } = found;
  const rightGradient = leaf.gradient - leftGradient;
  const rightHessian = leaf.hessian - leftHessian;
  split.gain = found.gain - limit;
  split.threshold = found.threshold;
  split.defaultLeft = defaultLeft;
  split.leftCount = found.leftCount;
  split.leftGradient = leftGradient;
  split.leftHessian = leftHessian - epsilon;
  split.rightGradient = rightGradient;
  split.rightHessian = rightHessian - epsilon;
  if (constrained) {
    split.leftOutput = boundedOutput(leftGradient, leftHessian, lambdaL1, lambdaL2, leaf);
    split.rightOutput = boundedOutput(rightGradient, rightHessian, lambdaL1, lambdaL2, leaf);
  } else {
    split.leftOutput = leafOutput(leftGradient, leftHessian, lambdaL1, lambdaL2);
    split.rightOutput = leafOutput(rightGradient, rightHessian, lambdaL1, lambdaL2);
  }
}
