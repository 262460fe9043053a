import { epsilon } from './constants.ts';
import type { Cut, LeafTotals, SplitRules } from './split.ts';

/*
 * The passes of `plainScan.ts` without constraints, for speed. They find the same cut to the last bit:
 * most cuts are ruled out by comparing products instead of quotients, with a margin far above rounding, and only
 * the rest has its gain computed as LightGBM does.
 *
 * With G the leaf's gradient, r the right side's, a and b the sides' hessians (plus lambdaL2) and A = a + b, the
 * gain of a cut is G^2/A + (G b - r A)^2 / (A a b): see `room`.
 *
 * The `unit` versions are for hessians that are all 1, and no lambdaL1: sums of hessians then are counts plus epsilons,
 * so one comparison covers both minima.
 */

const margin = 1 - 1e-12;
const unitMargin = 1 - 1e-10;

// What (G b - r A)^2 must exceed, over a b, for a gain above `bar`.
function room(bar: number, gradient: number, total: number): number {
  return (bar * unitMargin - (gradient * gradient) / total) * total;
}

/** Right side gathered from the last bin down; missing values stay left. */
export function scanLeftwardUnit(
  histogram: Float64Array,
  start: number,
  last: number,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  cut: Cut,
): void {
  const { gradient, hessian, count } = leaf;
  const l2 = rules.lambdaL2;
  const minimum = Math.max(rules.minDataInLeaf - 0.5, rules.minSumHessianInLeaf);
  const total = hessian + 2 * l2;
  let bar = room(limit, gradient, total);
  let best = limit;
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let rightGradient = 0;
  let rightHessian = epsilon;
  const end = start + 2;
  for (let i = start + 2 * last; i >= end; i -= 2) {
    rightGradient += histogram[i];
    rightHessian += histogram[i + 1];
    if (rightHessian < minimum) continue;
    const leftHessian = hessian - rightHessian;
    if (leftHessian < minimum) break;
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const excess = gradient * right - rightGradient * total;
    if (excess * excess <= bar * (left * right)) continue;
    const leftGradient = gradient - rightGradient;
    const gain = (leftGradient * leftGradient) / left + (rightGradient * rightGradient) / right;
    if (gain <= best) continue;
    best = gain;
    bar = room(gain, gradient, total);
    bestBin = i;
    bestGradient = leftGradient;
    bestHessian = leftHessian;
  }
  if (bestBin < 0) return;
  cut.gain = best;
  cut.threshold = (bestBin - start) / 2 - 1;
  cut.leftGradient = bestGradient;
  cut.leftHessian = bestHessian;
  cut.leftCount = Math.min(count, Math.round(bestHessian));
}

/** Left side gathered from the first bin up; missing values go right. */
export function scanRightwardUnit(
  histogram: Float64Array,
  start: number,
  last: number,
  offset: number,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  cut: Cut,
): void {
  const { gradient, hessian, count } = leaf;
  const l2 = rules.lambdaL2;
  const minimum = Math.max(rules.minDataInLeaf - 0.5, rules.minSumHessianInLeaf);
  const total = hessian + 2 * l2;
  let bar = room(limit, gradient, total);
  let best = limit;
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let leftGradient = 0;
  let leftHessian = epsilon;
  const end = start + 2 * last;
  // Bin 0 is not stored: it is what all others leave. Its pair holds zeros, so that adding it changes nothing.
  if (offset === 1) {
    leftGradient = gradient;
    leftHessian = hessian - epsilon;
    // The bin of missing values is one beyond the last.
    for (let k = start + 2; k <= end + 2; k += 2) {
      leftGradient -= histogram[k];
      leftHessian -= histogram[k + 1];
    }
  }
  for (let i = start; i <= end; i += 2) {
    leftGradient += histogram[i];
    leftHessian += histogram[i + 1];
    if (leftHessian < minimum) continue;
    const rightHessian = hessian - leftHessian;
    if (rightHessian < minimum) break;
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const excess = gradient * left - leftGradient * total;
    if (excess * excess <= bar * (left * right)) continue;
    const rightGradient = gradient - leftGradient;
    const gain = (leftGradient * leftGradient) / left + (rightGradient * rightGradient) / right;
    if (gain <= best) continue;
    best = gain;
    bar = room(gain, gradient, total);
    bestBin = i;
    bestGradient = leftGradient;
    bestHessian = leftHessian;
  }
  if (bestBin < 0) return;
  cut.gain = best;
  cut.threshold = (bestBin - start) / 2;
  cut.leftGradient = bestGradient;
  cut.leftHessian = bestHessian;
  cut.leftCount = Math.min(count, Math.round(bestHessian));
}

/** {@link scanLeftwardUnit} for any hessians, from which counts are estimated, and any lambdaL1. */
export function scanLeftwardWeighted(
  histogram: Float64Array,
  start: number,
  last: number,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  cut: Cut,
): void {
  const { gradient, hessian, count } = leaf;
  const { minDataInLeaf, minSumHessianInLeaf, lambdaL1: l1, lambdaL2: l2 } = rules;
  const countFactor = count / hessian;
  let rightCount = 0;
  let bar = limit * margin;
  let best = limit;
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let bestCount = 0;
  let rightGradient = 0;
  let rightHessian = epsilon;
  const end = start + 2;
  for (let i = start + 2 * last; i >= end; i -= 2) {
    const inBin = histogram[i + 1];
    rightGradient += histogram[i];
    rightHessian += inBin;
    rightCount += (inBin * countFactor + 0.5) | 0;
    if (rightCount < minDataInLeaf || rightHessian < minSumHessianInLeaf) continue;
    const leftHessian = hessian - rightHessian;
    if (count - rightCount < minDataInLeaf || leftHessian < minSumHessianInLeaf) break;
    const leftGradient = gradient - rightGradient;
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const leftReduced = Math.max(0, Math.abs(leftGradient) - l1);
    const rightReduced = Math.max(0, Math.abs(rightGradient) - l1);
    const leftSquare = leftReduced * leftReduced;
    const rightSquare = rightReduced * rightReduced;
    if (leftSquare * right + rightSquare * left <= bar * (left * right)) continue;
    const gain = leftSquare / left + rightSquare / right;
    if (gain <= best) continue;
    best = gain;
    bar = gain * margin;
    bestBin = i;
    bestGradient = leftGradient;
    bestHessian = leftHessian;
    bestCount = count - rightCount;
  }
  if (bestBin < 0) return;
  cut.gain = best;
  cut.threshold = (bestBin - start) / 2 - 1;
  cut.leftGradient = bestGradient;
  cut.leftHessian = bestHessian;
  cut.leftCount = bestCount;
}

/** {@link scanRightwardUnit} for any hessians, from which counts are estimated, and any lambdaL1. */
export function scanRightwardWeighted(
  histogram: Float64Array,
  start: number,
  last: number,
  offset: number,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  cut: Cut,
): void {
  const { gradient, hessian, count } = leaf;
  const { minDataInLeaf, minSumHessianInLeaf, lambdaL1: l1, lambdaL2: l2 } = rules;
  const countFactor = count / hessian;
  let leftCount = 0;
  let bar = limit * margin;
  let best = limit;
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let bestCount = 0;
  let leftGradient = 0;
  let leftHessian = epsilon;
  const end = start + 2 * last;
  // Bin 0 is not stored: it is what all others leave. Its pair holds zeros, so that adding it changes nothing.
  if (offset === 1) {
    leftGradient = gradient;
    leftHessian = hessian - epsilon;
    leftCount = count;
    // The bin of missing values is one beyond the last.
    for (let k = start + 2; k <= end + 2; k += 2) {
      leftGradient -= histogram[k];
      leftHessian -= histogram[k + 1];
      leftCount -= (histogram[k + 1] * countFactor + 0.5) | 0;
    }
  }
  for (let i = start; i <= end; i += 2) {
    leftGradient += histogram[i];
    leftHessian += histogram[i + 1];
    leftCount += (histogram[i + 1] * countFactor + 0.5) | 0;
    if (leftCount < minDataInLeaf || leftHessian < minSumHessianInLeaf) continue;
    const rightHessian = hessian - leftHessian;
    if (count - leftCount < minDataInLeaf || rightHessian < minSumHessianInLeaf) break;
    const rightGradient = gradient - leftGradient;
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const leftReduced = Math.max(0, Math.abs(leftGradient) - l1);
    const rightReduced = Math.max(0, Math.abs(rightGradient) - l1);
    const leftSquare = leftReduced * leftReduced;
    const rightSquare = rightReduced * rightReduced;
    if (leftSquare * right + rightSquare * left <= bar * (left * right)) continue;
    const gain = leftSquare / left + rightSquare / right;
    if (gain <= best) continue;
    best = gain;
    bar = gain * margin;
    bestBin = i;
    bestGradient = leftGradient;
    bestHessian = leftHessian;
    bestCount = leftCount;
  }
  if (bestBin < 0) return;
  cut.gain = best;
  cut.threshold = (bestBin - start) / 2;
  cut.leftGradient = bestGradient;
  cut.leftHessian = bestHessian;
  cut.leftCount = bestCount;
}
