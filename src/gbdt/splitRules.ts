import type { Slopes } from './histogram.ts';
import type { ResolvedParameters } from './parameters.ts';
import type { SplitRules } from './split.ts';

/** What finders need of the parameters, for slopes of one kind. */
export function splitRules(
  parameters: ResolvedParameters,
  { hessians, constantHessian }: Pick<Slopes, 'hessians' | 'constantHessian'>,
): SplitRules {
  const constrained = parameters.monotoneConstraints.length > 0;
  const unitHessian = hessians === undefined && constantHessian === 1;
  const { minDataInLeaf, minSumHessianInLeaf, lambdaL1, lambdaL2, minGainToSplit } = parameters;
  const { minDataPerGroup, maxCatThreshold, catL2, catSmooth, maxCatToOnehot } = parameters;
  return {
    minDataInLeaf,
    minSumHessianInLeaf,
    lambdaL1,
    lambdaL2,
    minGainToSplit,
    minDataPerGroup,
    maxCatThreshold,
    catL2,
    catSmooth,
    maxCatToOnehot,
    constrained,
    unitHessian,
  };
}
