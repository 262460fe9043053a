import { defaultParameters, type ObjectiveName, type ResolvedParameters } from './parameters.ts';

/** What of the data decides whether a parameter matters. */
export interface DataTraits {
  readonly numRows: number;
  readonly hasCategories: boolean;
}

type Rule = (parameters: ResolvedParameters, traits: DataTraits) => string | undefined;

// Why a parameter does nothing given the others, or undefined where it may do something.
const rules: { readonly [Name in keyof ResolvedParameters]?: Rule } = {
  baggingFraction: ({ baggingFreq }) => (baggingFreq === 0 ? 'baggingFreq is 0' : undefined),
  baggingFreq: ({ baggingFraction }) => (baggingFraction === 1 ? 'baggingFraction is 1' : undefined),
  baggingSeed: (parameters, traits) =>
    rules.baggingFraction?.(parameters, traits) ?? rules.baggingFreq?.(parameters, traits),
  featureFractionSeed: ({ featureFraction, featureFractionByNode }) =>
    featureFraction === 1 && featureFractionByNode === 1 ? 'featureFraction is 1' : undefined,
  dataRandomSeed: ({ binConstructSampleCnt }, { numRows }) =>
    numRows <= binConstructSampleCnt ? 'bins are found from all rows' : undefined,
  seed: (parameters, traits) => {
    const drawn = [rules.baggingSeed, rules.featureFractionSeed, rules.dataRandomSeed];
    return drawn.every((rule) => rule?.(parameters, traits)) ? 'nothing is drawn at random' : undefined;
  },
  maxDepth: ({ maxDepth, numLeaves }) =>
    maxDepth >= numLeaves - 1 ? `trees of ${numLeaves} leaves are never deeper` : undefined,
  earlyStoppingMinDelta: ({ earlyStoppingRound }) =>
    earlyStoppingRound === 0 ? 'earlyStoppingRound is 0' : undefined,
  firstMetricOnly: () => 'one metric decides',
  multiErrorTopK: () => 'it belongs to a metric',
  alpha: onlyFor('huber', 'quantile'),
  fairC: onlyFor('fair'),
  poissonMaxDeltaStep: onlyFor('poisson'),
  isUnbalance: onlyFor('binary'),
  scalePosWeight: onlyFor('binary'),
  sigmoid: onlyFor('binary'),
  minDataPerGroup: onlyForCategories,
  maxCatThreshold: onlyForCategories,
  catL2: onlyForCategories,
  catSmooth: onlyForCategories,
  maxCatToOnehot: onlyForCategories,
};

/** Why a parameter has no effect on training with these parameters; undefined where it has, or may have. */
export function whyNoEffect(
  name: keyof ResolvedParameters,
  parameters: ResolvedParameters,
  traits: DataTraits,
): string | undefined {
  return rules[name]?.(parameters, traits);
}

/** The same for all parameters that grow the same trees, as far as the rules above tell. */
export function trainingKey(parameters: ResolvedParameters, traits: DataTraits): string {
  const { maxDepth, numLeaves } = parameters;
  const kept = Object.entries(parameters).map(([key, value]) => {
    const name = key as keyof ResolvedParameters;
    return [name, whyNoEffect(name, parameters, traits) ? defaultParameters[name] : value];
  });
  return JSON.stringify({
    ...Object.fromEntries(kept),
    // The seeds drawn from it are there themselves.
    seed: undefined,
    maxDepth: maxDepth <= 0 || maxDepth >= numLeaves - 1 ? -1 : maxDepth,
    numLeaves: maxDepth > 0 ? Math.min(numLeaves, 2 ** maxDepth) : numLeaves,
  });
}

function onlyFor(...objectives: ObjectiveName[]): Rule {
  return ({ objective }) => (objectives.includes(objective) ? undefined : `the objective is ${objective}`);
}

function onlyForCategories(_: ResolvedParameters, { hasCategories }: DataTraits): string | undefined {
  return hasCategories ? undefined : 'no feature is categorical';
}
