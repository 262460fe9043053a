/** A way to split a leaf, and what its two sides would hold. Reused: finders overwrite it. */
export interface Split {
  /** Gain over not splitting; -Infinity where there is no split. */
  gain: number;
  /** Counted among the used features. */
  feature: number;
  /** Last bin that goes left; numerical only. */
  threshold: number;
  defaultLeft: boolean;
  /** Bins that go left; categorical only. */
  categories: Int32Array | undefined;
  leftCount: number;
  leftGradient: number;
  leftHessian: number;
  leftOutput: number;
  rightGradient: number;
  rightHessian: number;
  rightOutput: number;
}

/** No split. */
export function emptySplit(): Split {
  return {
    gain: Number.NEGATIVE_INFINITY,
    feature: -1,
    threshold: 0,
    defaultLeft: true,
    categories: undefined,
    leftCount: 0,
    leftGradient: 0,
    leftHessian: 0,
    leftOutput: 0,
    rightGradient: 0,
    rightHessian: 0,
    rightOutput: 0,
  };
}

/** The best cut of one pass over the bins of a feature: written by the scans, read right after. */
export interface Cut {
  /** -Infinity where no cut beats the limit. */
  gain: number;
  threshold: number;
  leftGradient: number;
  leftHessian: number;
  leftCount: number;
}

/** What a finder knows of the leaf it splits. */
export interface LeafTotals {
  gradient: number;
  /** With LightGBM's two epsilons on top. */
  hessian: number;
  count: number;
  /** Bounds on outputs from monotone splits above; infinite (as the largest doubles) without. */
  lower: number;
  upper: number;
}

/** The parameters a finder uses. */
export interface SplitRules {
  readonly minDataInLeaf: number;
  readonly minSumHessianInLeaf: number;
  readonly lambdaL1: number;
  readonly lambdaL2: number;
  readonly minGainToSplit: number;
  readonly minDataPerGroup: number;
  readonly maxCatThreshold: number;
  readonly catL2: number;
  readonly catSmooth: number;
  readonly maxCatToOnehot: number;
  /** Whether any feature is constrained: then every gain is computed from bounded outputs. */
  readonly constrained: boolean;
  /** Whether hessians are all 1, so that counts are exact. */
  readonly unitHessian: boolean;
}

/** One feature as a finder sees it. */
export interface FeatureShape {
  readonly numBins: number;
  readonly missing: number;
  /** 1 where bin 0 is not stored but inferred from the totals. */
  readonly offset: number;
  /** -1, 0 or 1. */
  readonly monotone: number;
}

/** `gradient` moved towards zero by `l1`. */
function softThreshold(gradient: number, l1: number): number {
  const rest = Math.max(0, Math.abs(gradient) - l1);
  return gradient > 0 ? rest : gradient < 0 ? -rest : 0;
}

/** The best output of a leaf, before bounds. */
export function leafOutput(gradient: number, hessian: number, l1: number, l2: number): number {
  return -(l1 > 0 ? softThreshold(gradient, l1) : gradient) / (hessian + l2);
}

/** The best output of a leaf within its bounds. */
export function boundedOutput(
  gradient: number,
  hessian: number,
  l1: number,
  l2: number,
  leaf: LeafTotals,
): number {
  const output = leafOutput(gradient, hessian, l1, l2);
  return Math.min(Math.max(output, leaf.lower), leaf.upper);
}

/** How much a leaf with its best output lowers the loss (twice). */
export function leafGain(gradient: number, hessian: number, l1: number, l2: number): number {
  const reduced = l1 > 0 ? softThreshold(gradient, l1) : gradient;
  return (reduced * reduced) / (hessian + l2);
}

/** The same for a given output. */
function gainOfOutput(gradient: number, hessian: number, l1: number, l2: number, output: number): number {
  const reduced = l1 > 0 ? softThreshold(gradient, l1) : gradient;
  return -(2 * reduced * output + (hessian + l2) * output * output);
}

/** Gain of two sides; 0 where their outputs break the feature's monotone constraint. */
export function gainOfSides(
  leftGradient: number,
  leftHessian: number,
  rightGradient: number,
  rightHessian: number,
  l1: number,
  l2: number,
  leaf: LeafTotals,
  constrained: boolean,
  monotone: number,
): number {
  if (!constrained) {
    return leafGain(leftGradient, leftHessian, l1, l2) + leafGain(rightGradient, rightHessian, l1, l2);
  }
  const left = boundedOutput(leftGradient, leftHessian, l1, l2, leaf);
  const right = boundedOutput(rightGradient, rightHessian, l1, l2, leaf);
  if ((monotone > 0 && left > right) || (monotone < 0 && left < right)) return 0;
  return (
    gainOfOutput(leftGradient, leftHessian, l1, l2, left) +
    gainOfOutput(rightGradient, rightHessian, l1, l2, right)
  );
}
