import { usageError } from '../core/errors.ts';
import { epsilon } from './constants.ts';
import { lcg } from './lcg.ts';
import { suggestion } from './suggestion.ts';

/** Losses a model can be trained on; `custom` goes with an objective function. */
export const objectiveNames = [
  'regression',
  'regressionL1',
  'huber',
  'fair',
  'poisson',
  'quantile',
  'mape',
  'binary',
  'multiclass',
  'custom',
] as const;
export type ObjectiveName = (typeof objectiveNames)[number];

/**
 * Every parameter with its value: LightGBM's names in camelCase, LightGBM's defaults.
 * Source: https://lightgbm.readthedocs.io/en/stable/Parameters.html
 */
export interface ResolvedParameters {
  /** Default `regression` (squared error). */
  objective: ObjectiveName;
  /** What validation sets are scored with; empty: the objective's own measure. */
  metric: readonly string[];
  /** Trees (for several classes: rounds of one tree a class). Default 100. */
  numIterations: number;
  learningRate: number;
  /** Most leaves of a tree, 2 to 131072. Default 31. */
  numLeaves: number;
  /** Deepest level of a tree; 0 or less sets no limit. Default -1. */
  maxDepth: number;
  minDataInLeaf: number;
  minSumHessianInLeaf: number;
  /** Share of rows each tree sees, redrawn every `baggingFreq` trees; off while `baggingFreq` is 0. */
  baggingFraction: number;
  baggingFreq: number;
  baggingSeed: number;
  /** Share of features each tree sees. */
  featureFraction: number;
  /** Share of those that each split sees. */
  featureFractionByNode: number;
  featureFractionSeed: number;
  /** Rounds without improvement on a validation set that end training; 0 never does. */
  earlyStoppingRound: number;
  /** Improvement that counts as one. */
  earlyStoppingMinDelta: number;
  /** Early stopping looks at the first metric only. */
  firstMetricOnly: boolean;
  lambdaL1: number;
  lambdaL2: number;
  minGainToSplit: number;
  /** Fewest rows of a group of categories. */
  minDataPerGroup: number;
  /** Most categories on one side of a split. */
  maxCatThreshold: number;
  catL2: number;
  catSmooth: number;
  /** Features of at most this many categories are split one against the rest. */
  maxCatToOnehot: number;
  /** One a feature: 1 the prediction may only rise with it, -1 only fall, 0 either. Empty: none. */
  monotoneConstraints: readonly number[];
  maxBin: number;
  minDataInBin: number;
  /** Rows that bins are found from. */
  binConstructSampleCnt: number;
  dataRandomSeed: number;
  /** Leaves out features that no split could use given `minDataInLeaf`. */
  featurePreFilter: boolean;
  /** False treats missing values as 0. */
  useMissing: boolean;
  /** Seeds that are not given are drawn from this one. Default: their own defaults. */
  seed: number | undefined;
  numClass: number;
  isUnbalance: boolean;
  scalePosWeight: number;
  sigmoid: number;
  boostFromAverage: boolean;
  /** Level of `quantile`, width of `huber`. */
  alpha: number;
  fairC: number;
  poissonMaxDeltaStep: number;
  /** How many of the highest scores may hold the class, for `multiError`. */
  multiErrorTopK: number;
  /**
   * `exact` grows LightGBM's trees to the last bit. `packed` adds gradients as integers, faster and just as good
   * but with trees that differ in the last digits; only for losses with constant hessian and under 32,768 rows a
   * model, elsewhere it is `exact`. Ours, not LightGBM's.
   */
  histogram: 'exact' | 'packed';
  /**
   * Threads that one model is trained on; the trees are the same whatever their number. 0, the default, and -1 take one
   * a core where the data are large enough to gain from it (on worker threads always one).
   */
  numThreads: number;
}

/** Parameters as given: any of them, the rest at their defaults. LightGBM's usual aliases are accepted. */
export type GbdtParameters = {
  readonly [Name in Exclude<keyof ResolvedParameters, 'metric'>]?: ResolvedParameters[Name] | undefined;
} & {
  /** One name, several joined by commas, or a list. */
  readonly metric?: string | readonly string[] | undefined;
} & {
  readonly [Alias in keyof typeof parameterAliases]?:
    | number
    | string
    | boolean
    | readonly string[]
    | undefined;
};

/** The values LightGBM uses where nothing is given. */
export const defaultParameters: ResolvedParameters = {
  objective: 'regression',
  metric: [],
  numIterations: 100,
  learningRate: 0.1,
  numLeaves: 31,
  maxDepth: -1,
  minDataInLeaf: 20,
  minSumHessianInLeaf: 1e-3,
  baggingFraction: 1,
  baggingFreq: 0,
  baggingSeed: 3,
  featureFraction: 1,
  featureFractionByNode: 1,
  featureFractionSeed: 2,
  earlyStoppingRound: 0,
  earlyStoppingMinDelta: 0,
  firstMetricOnly: false,
  lambdaL1: 0,
  lambdaL2: 0,
  minGainToSplit: 0,
  minDataPerGroup: 100,
  maxCatThreshold: 32,
  catL2: 10,
  catSmooth: 10,
  maxCatToOnehot: 4,
  monotoneConstraints: [],
  maxBin: 255,
  minDataInBin: 3,
  binConstructSampleCnt: 200_000,
  dataRandomSeed: 1,
  featurePreFilter: true,
  useMissing: true,
  seed: undefined,
  numClass: 1,
  isUnbalance: false,
  scalePosWeight: 1,
  sigmoid: 1,
  boostFromAverage: true,
  alpha: 0.9,
  fairC: 1,
  poissonMaxDeltaStep: 0.7,
  multiErrorTopK: 1,
  histogram: 'exact',
  numThreads: 0,
};

/** LightGBM's other names of parameters. */
export const parameterAliases = {
  numIteration: 'numIterations',
  nEstimators: 'numIterations',
  numBoostRound: 'numIterations',
  numRounds: 'numIterations',
  numTrees: 'numIterations',
  maxIter: 'numIterations',
  eta: 'learningRate',
  shrinkageRate: 'learningRate',
  maxLeaves: 'numLeaves',
  maxLeafNodes: 'numLeaves',
  minDataPerLeaf: 'minDataInLeaf',
  minData: 'minDataInLeaf',
  minChildSamples: 'minDataInLeaf',
  minSamplesLeaf: 'minDataInLeaf',
  minSumHessian: 'minSumHessianInLeaf',
  minChildWeight: 'minSumHessianInLeaf',
  bagging: 'baggingFraction',
  subsample: 'baggingFraction',
  subsampleFreq: 'baggingFreq',
  colsampleBytree: 'featureFraction',
  subFeature: 'featureFraction',
  colsampleBynode: 'featureFractionByNode',
  featureFractionBynode: 'featureFractionByNode',
  earlyStoppingRounds: 'earlyStoppingRound',
  regAlpha: 'lambdaL1',
  l1Regularization: 'lambdaL1',
  regLambda: 'lambdaL2',
  lambda: 'lambdaL2',
  l2Regularization: 'lambdaL2',
  minSplitGain: 'minGainToSplit',
  maxBins: 'maxBin',
  numThread: 'numThreads',
  nthread: 'numThreads',
  nthreads: 'numThreads',
  nJobs: 'numThreads',
  monotoneConstraint: 'monotoneConstraints',
  randomSeed: 'seed',
  randomState: 'seed',
  unbalance: 'isUnbalance',
  loss: 'objective',
  application: 'objective',
  metrics: 'metric',
} as const satisfies Record<string, keyof ResolvedParameters>;

const objectiveAliases: Record<string, ObjectiveName> = {
  regressionL2: 'regression',
  l2: 'regression',
  mse: 'regression',
  meanSquaredError: 'regression',
  rmse: 'regression',
  regression_l1: 'regressionL1',
  l1: 'regressionL1',
  mae: 'regressionL1',
  meanAbsoluteError: 'regressionL1',
  softmax: 'multiclass',
  meanAbsolutePercentageError: 'mape',
};

type Check = (value: unknown) => string | undefined;

const checks: Record<keyof ResolvedParameters, Check> = {
  objective: oneOf(objectiveNames),
  metric: listOf((item) => typeof item === 'string', 'a list of metric names'),
  numIterations: integer(0),
  learningRate: number((x) => x > 0, 'a number above 0'),
  numLeaves: integer(2, 131072),
  maxDepth: integer(Number.MIN_SAFE_INTEGER),
  minDataInLeaf: integer(0),
  minSumHessianInLeaf: atLeastZero(),
  baggingFraction: share(),
  baggingFreq: integer(0),
  baggingSeed: seedInteger(),
  featureFraction: share(),
  featureFractionByNode: share(),
  featureFractionSeed: seedInteger(),
  earlyStoppingRound: integer(0),
  earlyStoppingMinDelta: atLeastZero(),
  firstMetricOnly: boolean(),
  lambdaL1: atLeastZero(),
  lambdaL2: atLeastZero(),
  minGainToSplit: atLeastZero(),
  minDataPerGroup: integer(1),
  maxCatThreshold: integer(1),
  catL2: atLeastZero(),
  catSmooth: atLeastZero(),
  maxCatToOnehot: integer(1),
  monotoneConstraints: listOf((item) => item === -1 || item === 0 || item === 1, 'a list of -1, 0 and 1'),
  maxBin: integer(2, 65535),
  minDataInBin: integer(1),
  binConstructSampleCnt: integer(1),
  dataRandomSeed: seedInteger(),
  featurePreFilter: boolean(),
  useMissing: boolean(),
  seed: (value) => (value === undefined ? undefined : seedInteger()(value)),
  numClass: integer(1),
  isUnbalance: boolean(),
  scalePosWeight: number((x) => x > 0, 'a number above 0'),
  sigmoid: number((x) => x > 0, 'a number above 0'),
  boostFromAverage: boolean(),
  alpha: number((x) => x > 0, 'a number above 0'),
  fairC: number((x) => x > 0, 'a number above 0'),
  poissonMaxDeltaStep: number((x) => x > 0, 'a number above 0'),
  multiErrorTopK: integer(1),
  histogram: oneOf(['exact', 'packed']),
  numThreads: integer(-1, 256),
};

/**
 * Fills in defaults, resolves aliases and checks every value. `undefined` counts as not given.
 *
 * @throws TrainyardError of kind `usage` naming the parameter, the value and what was expected.
 */
export function resolveParameters(given: GbdtParameters): ResolvedParameters {
  const resolved: Record<string, unknown> = { ...defaultParameters };
  const source = new Map<string, string>();
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const name = parameterName(key);
    const earlier = source.get(name);
    if (earlier !== undefined) {
      throw usageError(`parameters ${earlier} and ${key} mean the same`, `give only ${name}`);
    }
    source.set(name, key);
    const normal = normalise(name, value);
    const expected = checks[name](normal);
    if (expected !== undefined) {
      throw usageError(`invalid ${key}: ${JSON.stringify(value)}; expected ${expected}`);
    }
    resolved[name] = normal;
  }
  const parameters = resolved as unknown as ResolvedParameters;
  drawSeeds(parameters, source);
  adjustAsLightGbm(parameters, source);
  checkTogether(parameters);
  return parameters;
}

/** What a parameter accepts, where a value is none of it; `undefined` where it is. */
export function expectedValue(name: keyof ResolvedParameters, value: unknown): string | undefined {
  return checks[name](normalise(name, value));
}

/**
 * The same parameters without aliases, and without those that are undefined.
 *
 * @throws TrainyardError as {@link resolveParameters} does.
 */
export function namedInFull(given: GbdtParameters): GbdtParameters {
  resolveParameters(given);
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([key, value]) => [parameterName(key), value]));
}

/**
 * The full name of a parameter or alias, in camelCase.
 *
 * @throws TrainyardError of kind `usage` for a name that is neither.
 */
export function parameterName(key: string): keyof ResolvedParameters {
  if (Object.hasOwn(defaultParameters, key)) return key as keyof ResolvedParameters;
  if (Object.hasOwn(parameterAliases, key)) return parameterAliases[key as keyof typeof parameterAliases];
  throw usageError(
    `unknown or unsupported parameter: ${key}`,
    suggestion(key, [...Object.keys(defaultParameters), ...Object.keys(parameterAliases)]),
  );
}

function normalise(name: keyof ResolvedParameters, value: unknown): unknown {
  if (name === 'objective' && typeof value === 'string') return objectiveAliases[value] ?? value;
  if (name === 'metric' && typeof value === 'string') return value === '' ? [] : value.split(',');
  return value;
}

// The order of the draws is LightGBM's: data, bagging, drop, feature fraction.
function drawSeeds(parameters: ResolvedParameters, given: ReadonlyMap<string, string>): void {
  if (parameters.seed === undefined) return;
  const stream = lcg(parameters.seed);
  const [data, bagging, , features] = Array.from({ length: 4 }, () => stream.nextShort(0, 32767));
  if (!given.has('dataRandomSeed')) parameters.dataRandomSeed = data;
  if (!given.has('baggingSeed')) parameters.baggingSeed = bagging;
  if (!given.has('featureFractionSeed')) parameters.featureFractionSeed = features;
}

function adjustAsLightGbm(parameters: ResolvedParameters, given: ReadonlyMap<string, string>): void {
  const { maxDepth, numLeaves, minDataInLeaf, minSumHessianInLeaf } = parameters;
  if (maxDepth > 0 && !given.has('numLeaves')) parameters.numLeaves = Math.min(numLeaves, 2 ** maxDepth);
  if (minDataInLeaf === 0 && minSumHessianInLeaf <= epsilon) parameters.minDataInLeaf = 1;
}

function checkTogether(parameters: ResolvedParameters): void {
  const { objective, numClass, alpha, monotoneConstraints, isUnbalance, scalePosWeight } = parameters;
  if (objective === 'multiclass' && numClass < 2) {
    throw usageError(`invalid numClass: ${numClass}; expected at least 2 for multiclass`);
  }
  if (objective !== 'multiclass' && objective !== 'custom' && numClass !== 1) {
    throw usageError(`invalid numClass: ${numClass}; expected 1 for ${objective}`);
  }
  if (objective === 'quantile' && alpha >= 1) {
    throw usageError(`invalid alpha: ${alpha}; expected a number between 0 and 1 for quantile`);
  }
  if (isUnbalance && scalePosWeight !== 1) {
    throw usageError('isUnbalance and scalePosWeight cannot be used together', 'give one of them');
  }
  const renewed = objective === 'regressionL1' || objective === 'quantile' || objective === 'mape';
  if (renewed && monotoneConstraints.length > 0) {
    throw usageError(
      `monotoneConstraints cannot be used with ${objective}`,
      'use regression, huber or fair, or leave the constraints out',
    );
  }
}

function number(accepts: (value: number) => boolean, expected: string): Check {
  return (value) =>
    typeof value === 'number' && Number.isFinite(value) && accepts(value) ? undefined : expected;
}

function atLeastZero(): Check {
  return number((x) => x >= 0, 'a number of at least 0');
}

function share(): Check {
  return number((x) => x > 0 && x <= 1, 'a number above 0 and at most 1');
}

function integer(low: number, high = 2147483647): Check {
  const range = low <= -high ? '' : high === 2147483647 ? ` of at least ${low}` : ` from ${low} to ${high}`;
  return number((x) => Number.isInteger(x) && x >= low && x <= high, `an integer${range}`);
}

function seedInteger(): Check {
  return integer(0);
}

function boolean(): Check {
  return (value) => (typeof value === 'boolean' ? undefined : 'true or false');
}

function oneOf(names: readonly string[]): Check {
  return (value) => (names.includes(value as string) ? undefined : `one of ${names.join(', ')}`);
}

function listOf(accepts: (item: unknown) => boolean, expected: string): Check {
  return (value) => (Array.isArray(value) && value.every(accepts) ? undefined : expected);
}
