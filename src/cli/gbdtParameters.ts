import { type Command, Option } from 'commander';
import { usageError } from '../core/errors.ts';
import {
  defaultParameters,
  expectedValue,
  type GbdtParameters,
  objectiveNames,
  parameterAliases,
  type ResolvedParameters,
} from '../gbdt/parameters.ts';

type Name = keyof ResolvedParameters;

/** Parameters with values, by their full names. */
export type ParameterValues = Partial<Record<Name, unknown>>;

// Every parameter has its line here, or this does not compile.
const groups: readonly (readonly [heading: string, help: Partial<Record<Name, string>>])[] = [
  [
    'Boosting:',
    {
      objective: `loss to train on: ${objectiveNames.filter((name) => name !== 'custom').join(', ')}`,
      metric: "what sets are scored with, commas between (default: the objective's own)",
      numIterations: 'iterations, each a tree (a tree a class)',
      learningRate: 'how much of each tree counts',
      earlyStoppingRound: 'iterations without a better validation score that end training; 0 for never',
      earlyStoppingMinDelta: 'what counts as better',
      firstMetricOnly: 'early stopping looks at the first metric only',
      boostFromAverage: 'start from 0 instead of the mean of the labels',
      seed: 'seed that the other seeds are drawn from',
    },
  ],
  [
    'Trees:',
    {
      numLeaves: 'most leaves of a tree',
      maxDepth: 'deepest level; 0 or less sets no limit',
      minDataInLeaf: 'fewest rows of a leaf',
      minSumHessianInLeaf: 'least sum of hessians of a leaf',
      minGainToSplit: 'least gain of a split',
      lambdaL1: 'L1 penalty of leaf values',
      lambdaL2: 'L2 penalty of leaf values',
      monotoneConstraints: 'one a feature, commas between: 1 rises, -1 falls, 0 either',
      histogram: 'exact, or packed: faster, trees that differ in the last digits',
      numThreads:
        'threads for one model: 0 takes one a core where the data are large; the trees are the same',
    },
  ],
  [
    'Sampling:',
    {
      featureFraction: 'share of features each tree sees',
      featureFractionByNode: 'share of those that each split sees',
      featureFractionSeed: 'seed of these draws',
      baggingFraction: 'share of rows each tree sees',
      baggingFreq: 'trees between draws of rows; 0 for no draws',
      baggingSeed: 'seed of these draws',
    },
  ],
  [
    'Categories:',
    {
      maxCatToOnehot: 'features of at most so many categories are split one against the rest',
      maxCatThreshold: 'most categories on one side of a split',
      minDataPerGroup: 'fewest rows of a group of categories',
      catL2: 'L2 penalty of splits on categories',
      catSmooth: 'damps categories of few rows',
    },
  ],
  [
    'Bins:',
    {
      maxBin: 'most bins of a feature',
      minDataInBin: 'fewest rows of a bin',
      binConstructSampleCnt: 'rows that bins are found from',
      dataRandomSeed: 'seed of their draw',
      featurePreFilter: 'keep features that no split can use',
      useMissing: 'take missing values for 0',
    },
  ],
  [
    'Objectives:',
    {
      numClass: 'classes of multiclass',
      multiErrorTopK: 'how many of the highest scores may hold the class, for multiError',
      isUnbalance: 'binary: weigh the two classes alike',
      scalePosWeight: 'binary: weight of the labels that are 1',
      sigmoid: 'binary: steepness of the sigmoid',
      alpha: 'level of quantile, width of huber',
      fairC: 'width of fair',
      poissonMaxDeltaStep: 'poisson: bound of steps',
    },
  ],
] satisfies readonly (readonly [string, object])[];

/** Adds a flag for every parameter of boosting, in groups, and hidden flags for LightGBM's other names. */
export function addParameterOptions(command: Command): Command {
  for (const [heading, help] of groups) {
    command.optionsGroup(heading);
    for (const [name, description] of Object.entries(help)) addFlag(command, name as Name, description);
  }
  for (const [alias, name] of Object.entries(parameterAliases)) {
    const value = typeof defaultParameters[name] === 'boolean' ? '' : ' <value>';
    command.addOption(new Option(`--${flagOf(alias)}${value}`).hideHelp());
  }
  return command;
}

/**
 * The parameters among the flags of a command.
 *
 * @throws TrainyardError of kind `usage` naming the flag, the value and what was expected.
 */
export function parametersFromFlags(flags: Readonly<Record<string, unknown>>): ParameterValues {
  const values: ParameterValues = {};
  const givenAs = new Map<Name, string>();
  for (const key of [...Object.keys(defaultParameters), ...Object.keys(parameterAliases)]) {
    const given = flags[key];
    if (given === undefined) continue;
    const name = fullName(key) as Name;
    const earlier = givenAs.get(name);
    if (earlier !== undefined) {
      throw usageError(`--${flagOf(earlier)} and --${flagOf(key)} mean the same`, 'give one of them');
    }
    givenAs.set(name, key);
    values[name] =
      typeof given === 'boolean' ? given : readParameter(name, String(given), `--${flagOf(key)}`);
  }
  return values;
}

/** The full name of a parameter given in camelCase, or `undefined` where there is none of that name. */
export function fullName(key: string): Name | undefined {
  if (Object.hasOwn(defaultParameters, key)) return key as Name;
  return Object.hasOwn(parameterAliases, key)
    ? parameterAliases[key as keyof typeof parameterAliases]
    : undefined;
}

/**
 * Reads the value of a parameter from text, in LightGBM's spelling (`regression_l1`) or ours (`regressionL1`).
 *
 * @param place What to call it in errors, such as `--num-leaves`.
 */
export function readParameter(name: Name, text: string, place: string): unknown {
  const value = valueFrom(name, text.trim());
  const expected =
    name === 'objective' && value === 'custom'
      ? 'a loss of those in --help; your own needs code: trainyard/gbdt'
      : expectedValue(name, value);
  if (expected !== undefined) throw usageError(`invalid ${place}: ${text}; expected ${expected}`);
  return value;
}

/** Parameters in the form `createDataset` and `train` take. */
export function asParameters(values: ParameterValues): GbdtParameters {
  // Every value has passed `readParameter`.
  return values as GbdtParameters;
}

/** `numLeaves` as `num-leaves` (`separator` `-`) or `num_leaves`. */
export function flagOf(name: string, separator = '-'): string {
  return name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
}

/** `num_leaves` or `num-leaves` as `numLeaves`. */
export function camelCase(text: string): string {
  return text.replace(/[_-]([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

function addFlag(command: Command, name: Name, description: string): void {
  const standard = defaultParameters[name];
  const flag = flagOf(name);
  if (typeof standard === 'boolean') {
    const [shown, hidden] = standard ? [`--no-${flag}`, `--${flag}`] : [`--${flag}`, `--no-${flag}`];
    // A positive flag first: alone, `--no-x` would make x true where it is not given.
    const options = [new Option(shown, description), new Option(hidden).hideHelp()];
    for (const option of standard ? options.reverse() : options) command.addOption(option);
    return;
  }
  const isList = Array.isArray(standard);
  const value = isList ? '<list>' : typeof standard === 'string' ? '<name>' : '<n>';
  const told = isList || standard === undefined ? description : `${description} (default: ${standard})`;
  command.addOption(new Option(`--${flag} ${value}`, told));
}

function valueFrom(name: Name, text: string): unknown {
  const standard = defaultParameters[name];
  if (name === 'objective') return camelCase(text);
  if (name === 'metric') {
    const words = text.split(',').map((word) => camelCase(word.trim()));
    return words.filter((word) => word !== '');
  }
  if (name === 'monotoneConstraints') {
    return text === '' ? [] : text.split(',').map(numberOf);
  }
  if (typeof standard === 'boolean') {
    if (/^(true|1|\+)$/i.test(text)) return true;
    return /^(false|0|-)$/i.test(text) ? false : text;
  }
  return typeof standard === 'string' ? text : numberOf(text);
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
