import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { type GbdtParameters, parameterName, type ResolvedParameters } from './parameters.ts';

/** Numbers from a range, both ends included; for random search. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
  /** `log` draws each factor of ten as often as the next. Default `linear`. */
  readonly scale?: 'linear' | 'log' | undefined;
  /** Draws integers only. Default false. */
  readonly integer?: boolean | undefined;
}

/** For each parameter to be searched, the values to try or the range to draw from. Aliases are accepted. */
export type SearchSpace = {
  readonly [Name in keyof GbdtParameters]?:
    | readonly Exclude<GbdtParameters[Name], undefined>[]
    | NumberRange
    | undefined;
};

/** One parameter of a checked space. */
export interface SearchDimension {
  readonly name: keyof ResolvedParameters;
  readonly choices: readonly unknown[] | NumberRange;
}

const largestGrid = 1_000_000;
const drawsPerTrial = 100;

/**
 * Checks a space and names its parameters in full.
 *
 * @param fixed Parameters given beside the space, named in full.
 * @throws TrainyardError of kind `usage` for unknown or repeated parameters, empty lists and impossible ranges.
 */
export function searchDimensions(space: SearchSpace, fixed: GbdtParameters): SearchDimension[] {
  const dimensions: SearchDimension[] = [];
  for (const [key, choices] of Object.entries(space)) {
    if (choices === undefined) continue;
    const name = parameterName(key);
    if (name === 'metric') {
      throw usageError('metric cannot be searched: scores would not compare', 'pass it as an option');
    }
    if (dimensions.some((other) => other.name === name)) {
      throw usageError(`${name} is in the search space twice`, 'name it once, under one alias');
    }
    if (fixed[name] !== undefined) {
      throw usageError(`${name} is both fixed and in the search space`, 'leave one of them out');
    }
    checkChoices(key, choices);
    dimensions.push({ name, choices });
  }
  if (dimensions.length === 0) {
    throw usageError('the search space is empty', 'name a parameter and the values to try');
  }
  return dimensions;
}

/** Every combination of the values listed; the last parameter changes fastest. */
export function gridSettings(dimensions: readonly SearchDimension[]): GbdtParameters[] {
  const lists = dimensions.map(({ name, choices }) => {
    if (isList(choices)) return choices;
    throw usageError(
      `${name} is a range, which a grid cannot try`,
      "list its values, or use strategy: 'random'",
    );
  });
  const size = gridSize(dimensions);
  if (size > largestGrid) {
    throw usageError(
      `the grid has ${size} settings; expected at most ${largestGrid}`,
      "list fewer values, or use strategy: 'random'",
    );
  }
  return Array.from({ length: size }, (_, index) => {
    let rest = index;
    const places = lists.map(() => 0);
    for (let d = lists.length - 1; d >= 0; d--) {
      places[d] = rest % lists[d].length;
      rest = Math.floor(rest / lists[d].length);
    }
    return settingOf(dimensions, (_name, d) => lists[d][places[d]]);
  });
}

/**
 * So many different settings drawn at random, fewer where a small space hardly has any more. More trials of the same
 * seed begin with the same settings.
 */
export function randomSettings(
  dimensions: readonly SearchDimension[],
  trials: number,
  seed: number,
): GbdtParameters[] {
  if (!Number.isInteger(trials) || trials < 1) {
    throw usageError(`invalid trials: ${trials}; expected an integer of at least 1`);
  }
  const size = gridSize(dimensions);
  const settings = new Map<string, GbdtParameters>();
  for (let draw = 0; draw < trials * drawsPerTrial && settings.size < Math.min(trials, size); draw++) {
    const setting = settingOf(dimensions, (name, d) => {
      const { uniform } = randomStream(seed, 'search', draw, name);
      return drawFrom(dimensions[d].choices, uniform());
    });
    const key = JSON.stringify(setting);
    if (!settings.has(key)) settings.set(key, setting);
  }
  return [...settings.values()];
}

function checkChoices(key: string, choices: readonly unknown[] | NumberRange): void {
  if (isList(choices)) {
    if (choices.length === 0) throw usageError(`${key} has no value to try`, 'list at least one');
    const seen = new Set<string>();
    for (const value of choices) {
      const text = JSON.stringify(value) ?? 'undefined';
      if (seen.has(text)) throw usageError(`${key} lists ${text} twice`, 'list every value once');
      seen.add(text);
    }
    return;
  }
  const { from, to, scale = 'linear', integer = false } = choices;
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw usageError(`invalid range of ${key}: ${from} to ${to}; expected two numbers, the smaller first`);
  }
  if (scale !== 'linear' && scale !== 'log') {
    throw usageError(`invalid scale of ${key}: ${scale}; expected linear or log`);
  }
  if (scale === 'log' && from <= 0) {
    throw usageError(`invalid range of ${key}: ${from} to ${to}; a log scale needs numbers above 0`);
  }
  if (integer && !(Number.isInteger(from) && Number.isInteger(to))) {
    throw usageError(`invalid range of ${key}: ${from} to ${to}; expected integers`);
  }
}

function drawFrom(choices: readonly unknown[] | NumberRange, uniform: number): unknown {
  if (isList(choices)) return choices[Math.floor(uniform * choices.length)];
  const { from, to, scale = 'linear', integer = false } = choices;
  // Integers are drawn from the stretch half a step wider on both sides, so that the ends come as often as others.
  const low = integer ? from - 0.5 : from;
  const high = integer ? to + 0.5 : to;
  const value = scale === 'log' ? low * (high / low) ** uniform : low + (high - low) * uniform;
  return Math.min(to, Math.max(from, integer ? Math.round(value) : value));
}

function gridSize(dimensions: readonly SearchDimension[]): number {
  return dimensions.reduce((size, { choices }) => size * sizeOf(choices), 1);
}

function sizeOf(choices: readonly unknown[] | NumberRange): number {
  if (isList(choices)) return choices.length;
  return choices.integer ? choices.to - choices.from + 1 : Number.POSITIVE_INFINITY;
}

function settingOf(
  dimensions: readonly SearchDimension[],
  choose: (name: string, dimension: number) => unknown,
): GbdtParameters {
  return Object.fromEntries(dimensions.map(({ name }, d) => [name, choose(name, d)]));
}

function isList(choices: readonly unknown[] | NumberRange): choices is readonly unknown[] {
  return Array.isArray(choices);
}
