import { epsilon } from './constants.ts';
import type { Cut } from './numericalSplit.ts';
import type { LeafTotals, SplitRules } from './split.ts';

/*
 * The passes of `plainScan.ts` without lambdaL1 and constraints, for speed. They find the same cut to the last bit:
 * most cuts are ruled out by comparing products instead of quotients, with a margin far above rounding, and only
 * the rest has its gain computed as LightGBM does.
 *
 * The `unit` versions are for hessians that are all 1: sums of hessians then are counts plus epsilons, so one
 * comparison covers both minima.
 */

const margin = 1 - 1e-12;

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
  let bar = limit * margin;
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
    const leftGradient = gradient - rightGradient;
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const leftSquare = leftGradient * leftGradient;
    const rightSquare = rightGradient * rightGradient;
    if (leftSquare * right + rightSquare * left <= bar * (left * right)) continue;
    const gain = leftSquare / left + rightSquare / right;
    if (gain <= best) continue;
    best = gain;
    bar = gain * margin;
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

/**
 * Left side gathered from the first bin up; missing values go right.
 *
 * @param floor Cuts that do not exceed it may be passed over.
 */
export function scanRightwardUnit(
  histogram: Float64Array,
  start: number,
  last: number,
  offset: number,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  floor: number,
  cut: Cut,
): void {
  const { gradient, hessian, count } = leaf;
  const l2 = rules.lambdaL2;
  const minimum = Math.max(rules.minDataInLeaf - 0.5, rules.minSumHessianInLeaf);
  let bar = floor * margin;
  let best = limit;
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let leftGradient = 0;
  let leftHessian = epsilon;
  const end = start + 2 * last;
  let i = start;
  if (offset === 1) {
    leftGradient = gradient;
    leftHessian = hessian - epsilon;
    // The bin of missing values is one beyond the last.
    for (let k = start + 2; k <= end + 2; k += 2) {
      leftGradient -= histogram[k];
      leftHessian -= histogram[k + 1];
    }
  }
  for (; i <= end; i += 2) {
    if (i > start || offset === 0) {
      leftGradient += histogram[i];
      leftHessian += histogram[i + 1];
    }
    if (leftHessian < minimum) continue;
    const rightHessian = hessian - leftHessian;
    if (rightHessian < minimum) break;
    const rightGradient = gradient - leftGradient;
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const leftSquare = leftGradient * leftGradient;
    const rightSquare = rightGradient * rightGradient;
    if (leftSquare * right + rightSquare * left <= bar * (left * right)) continue;
    const gain = leftSquare / left + rightSquare / right;
    if (gain <= best) continue;
    best = gain;
    if (gain > floor) bar = gain * margin;
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

/** {@link scanLeftwardUnit} for any hessians; counts are estimated from them. */
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
  const l2 = rules.lambdaL2;
  const { minDataInLeaf, minSumHessianInLeaf } = rules;
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
    const leftSquare = leftGradient * leftGradient;
    const rightSquare = rightGradient * rightGradient;
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

/** {@link scanRightwardUnit} for any hessians; counts are estimated from them. */
export function scanRightwardWeighted(
  histogram: Float64Array,
  start: number,
  last: number,
  offset: number,
  leaf: LeafTotals,
  rules: SplitRules,
  limit: number,
  floor: number,
  cut: Cut,
): void {
  const { gradient, hessian, count } = leaf;
  const l2 = rules.lambdaL2;
  const { minDataInLeaf, minSumHessianInLeaf } = rules;
  const countFactor = count / hessian;
  let leftCount = 0;
  let bar = floor * margin;
  let best = limit;
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let bestCount = 0;
  let leftGradient = 0;
  let leftHessian = epsilon;
  const end = start + 2 * last;
  let i = start;
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
  for (; i <= end; i += 2) {
    if (i > start || offset === 0) {
      leftGradient += histogram[i];
      leftHessian += histogram[i + 1];
      leftCount += (histogram[i + 1] * countFactor + 0.5) | 0;
    }
    if (leftCount < minDataInLeaf || leftHessian < minSumHessianInLeaf) continue;
    const rightHessian = hessian - leftHessian;
    if (count - leftCount < minDataInLeaf || rightHessian < minSumHessianInLeaf) break;
    const rightGradient = gradient - leftGradient;
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const leftSquare = leftGradient * leftGradient;
    const rightSquare = rightGradient * rightGradient;
    if (leftSquare * right + rightSquare * left <= bar * (left * right)) continue;
    const gain = leftSquare / left + rightSquare / right;
    if (gain <= best) continue;
    best = gain;
    if (gain > floor) bar = gain * margin;
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
