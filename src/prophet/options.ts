import { usageError } from '../core/errors.ts';

/** Added to the trend, or multiplied with it: `trend * (1 + multiplicative) + additive`. */
export type Mode = 'additive' | 'multiplicative';

/** A repeating pattern as a sum of sines and cosines. */
export interface SeasonalityOptions {
  readonly name: string;
  /** Days, not necessarily whole. */
  readonly period: number;
  /** Number of sine and cosine pairs. */
  readonly fourierOrder: number;
  /** Standard deviation of the coefficients, in units of the scaled series. Default `seasonalityPriorScale`. */
  readonly priorScale?: number;
  /** Default `seasonalityMode`. */
  readonly mode?: Mode;
  /** Name of a condition in the data; the pattern is there only where it holds. */
  readonly condition?: string;
}

/** Days with an effect of their own; give past and future dates alike. */
export interface HolidayOptions {
  readonly name: string;
  /** Any moment of each day, milliseconds since 1970 on the clock of the data. */
  readonly dates: readonly number[];
  /** Days before the date that have an effect of their own too: 0 or negative. Default 0. */
  readonly lowerWindow?: number;
  /** Days after the date that have an effect of their own too: 0 or positive. Default 0. */
  readonly upperWindow?: number;
  /** Default `holidaysPriorScale`. */
  readonly priorScale?: number;
}

/** A known series whose multiple is part of the forecast. */
export interface RegressorOptions {
  readonly name: string;
  /** Default `holidaysPriorScale`. */
  readonly priorScale?: number;
  /** Whether to subtract the mean and divide by the deviation; `auto` does unless its values are 0 and 1. */
  readonly standardize?: 'auto' | boolean;
  /** Default `seasonalityMode`. */
  readonly mode?: Mode;
}

/** Whether a seasonality is part of the model, or its Fourier order; `auto` decides by the length of the history. */
export type SeasonalitySwitch = 'auto' | boolean | number;

/** The options of Prophet under their names there, in camel case, with its defaults. */
export interface ProphetOptions {
  /** Default `linear`. `logistic` needs a `cap` with the data. */
  readonly growth?: 'linear' | 'logistic' | 'flat';
  /** How many places the trend may bend at, or these places, milliseconds since 1970. Default 25. */
  readonly changepoints?: number | readonly number[];
  /** Share of the history, from its beginning, over which changepoints are spread. Default 0.8. */
  readonly changepointRange?: number;
  /** Scale of the Laplace prior of rate changes: larger bends more. Default 0.05. */
  readonly changepointPriorScale?: number;
  /** Default `auto`: order 10 with two years of history. */
  readonly yearlySeasonality?: SeasonalitySwitch;
  /** Default `auto`: order 3 with two weeks of history and steps below a week. */
  readonly weeklySeasonality?: SeasonalitySwitch;
  /** Default `auto`: order 4 with two days of history and steps below a day. */
  readonly dailySeasonality?: SeasonalitySwitch;
  readonly seasonalities?: readonly SeasonalityOptions[];
  /** Default `additive`. */
  readonly seasonalityMode?: Mode;
  /** Default 10. */
  readonly seasonalityPriorScale?: number;
  readonly holidays?: readonly HolidayOptions[];
  /** Default `seasonalityMode`. */
  readonly holidaysMode?: Mode;
  /** Default 10. */
  readonly holidaysPriorScale?: number;
  readonly regressors?: readonly RegressorOptions[];
  /** Divide by the largest absolute value, or map smallest to largest onto 0 to 1. Default `absmax`. */
  readonly scaling?: 'absmax' | 'minmax';
}

/** Options with every default filled in. */
export type ResolvedOptions = Required<Omit<ProphetOptions, 'seasonalities' | 'holidays' | 'regressors'>> & {
  readonly seasonalities: readonly Seasonality[];
  readonly holidays: readonly Required<HolidayOptions>[];
  readonly regressors: readonly Required<RegressorOptions>[];
};

/** A seasonality with every default filled in; without a condition it is always there. */
export interface Seasonality {
  readonly name: string;
  readonly period: number;
  readonly fourierOrder: number;
  readonly priorScale: number;
  readonly mode: Mode;
  readonly condition?: string;
}

/**
 * Fills in defaults and rejects what makes no sense.
 *
 * @throws TrainyardError of kind `usage` that names the option, the value and what was expected.
 */
export function resolveOptions(given: ProphetOptions): ResolvedOptions {
  for (const key of Object.keys(given)) {
    if (!(key in defaults))
      throw usageError(`unknown option: ${key}; known are ${Object.keys(defaults).join(', ')}`);
  }
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const merged: Required<ProphetOptions> = {
    ...defaults,
    holidaysMode: given.seasonalityMode ?? 'additive',
    ...told,
  };
  oneOf(merged.growth, ['linear', 'logistic', 'flat'], 'growth');
  oneOf(merged.scaling, ['absmax', 'minmax'], 'scaling');
  const { changepoints, changepointRange } = merged;
  if (typeof changepoints === 'number') wholeNumber(changepoints, 0, 'changepoints');
  else if (!Array.isArray(changepoints))
    throw usageError(`invalid changepoints: ${changepoints}; expected a count or times`);
  else for (const time of changepoints) finiteNumber(time, 'changepoints');
  if (!(changepointRange >= 0 && changepointRange <= 1))
    throw usageError(`invalid changepointRange: ${changepointRange}; expected a number from 0 to 1`);
  positive(merged.changepointPriorScale, 'changepointPriorScale');
  positive(merged.seasonalityPriorScale, 'seasonalityPriorScale');
  positive(merged.holidaysPriorScale, 'holidaysPriorScale');
  modeOf(merged.seasonalityMode, 'seasonalityMode');
  modeOf(merged.holidaysMode, 'holidaysMode');
  for (const name of ['yearlySeasonality', 'weeklySeasonality', 'dailySeasonality'] as const) {
    const value = merged[name];
    if (value !== 'auto' && typeof value !== 'boolean') wholeNumber(value, 0, name);
  }
  const resolved = {
    ...merged,
    seasonalities: merged.seasonalities.map((one) => resolveSeasonality(one, merged)),
    holidays: merged.holidays.map((one) => resolveHoliday(one, merged)),
    regressors: merged.regressors.map((one) => resolveRegressor(one, merged)),
  };
  assertNames(resolved);
  return resolved;
}

const defaults: Required<ProphetOptions> = {
  growth: 'linear',
  changepoints: 25,
  changepointRange: 0.8,
  changepointPriorScale: 0.05,
  yearlySeasonality: 'auto',
  weeklySeasonality: 'auto',
  dailySeasonality: 'auto',
  seasonalities: [],
  seasonalityMode: 'additive',
  seasonalityPriorScale: 10,
  holidays: [],
  holidaysMode: 'additive',
  holidaysPriorScale: 10,
  regressors: [],
  scaling: 'absmax',
};

function resolveSeasonality(one: SeasonalityOptions, options: Required<ProphetOptions>): Seasonality {
  const { name, period, fourierOrder, condition } = one;
  const { priorScale = options.seasonalityPriorScale, mode = options.seasonalityMode } = one;
  positive(period, `seasonality ${name}: period`);
  wholeNumber(fourierOrder, 1, `seasonality ${name}: fourierOrder`);
  positive(priorScale, `seasonality ${name}: priorScale`);
  modeOf(mode, `seasonality ${name}: mode`);
  return { name, period, fourierOrder, priorScale, mode, ...(condition === undefined ? {} : { condition }) };
}

function resolveHoliday(one: HolidayOptions, options: Required<ProphetOptions>): Required<HolidayOptions> {
  const { name, dates, lowerWindow = 0, upperWindow = 0, priorScale = options.holidaysPriorScale } = one;
  for (const date of dates) finiteNumber(date, `holiday ${name}: dates`);
  wholeNumber(-lowerWindow, 0, `holiday ${name}: -lowerWindow`);
  wholeNumber(upperWindow, 0, `holiday ${name}: upperWindow`);
  positive(priorScale, `holiday ${name}: priorScale`);
  return { name, dates, lowerWindow, upperWindow, priorScale };
}

function resolveRegressor(
  one: RegressorOptions,
  options: Required<ProphetOptions>,
): Required<RegressorOptions> {
  const { name, priorScale = options.holidaysPriorScale, standardize = 'auto' } = one;
  const { mode = options.seasonalityMode } = one;
  positive(priorScale, `regressor ${name}: priorScale`);
  modeOf(mode, `regressor ${name}: mode`);
  if (standardize !== 'auto' && typeof standardize !== 'boolean')
    throw usageError(`invalid regressor ${name}: standardize: ${standardize}; expected auto, true or false`);
  return { name, priorScale, standardize, mode };
}

function assertNames({ seasonalities, holidays, regressors }: ResolvedOptions): void {
  const seen = new Set<string>(['trend']);
  for (const { name } of [...seasonalities, ...regressors]) {
    if (typeof name !== 'string' || name === '')
      throw usageError('a seasonality, holiday or regressor has no name');
    if (seen.has(name))
      throw usageError(`repeated or reserved name: ${name}`, 'give every component a name of its own');
    seen.add(name);
  }
  // A holiday may be listed in several parts, whose windows differ.
  const scales = new Map<string, number>();
  for (const { name, priorScale } of holidays) {
    if (typeof name !== 'string' || name === '')
      throw usageError('a seasonality, holiday or regressor has no name');
    if (seen.has(name))
      throw usageError(`repeated or reserved name: ${name}`, 'give every component a name of its own');
    const before = scales.get(name) ?? priorScale;
    if (before !== priorScale)
      throw usageError(`holiday ${name} has two prior scales: ${before} and ${priorScale}; expected one`);
    scales.set(name, priorScale);
  }
}

function oneOf(found: string, known: readonly string[], name: string): void {
  if (!known.includes(found)) throw usageError(`invalid ${name}: ${found}; expected ${known.join(' or ')}`);
}

function modeOf(found: string, name: string): void {
  oneOf(found, ['additive', 'multiplicative'], name);
}

function positive(found: number, name: string): void {
  if (!(typeof found === 'number' && found > 0 && found < Number.POSITIVE_INFINITY))
    throw usageError(`invalid ${name}: ${found}; expected a number above 0`);
}

function wholeNumber(found: number, least: number, name: string): void {
  if (!(Number.isInteger(found) && found >= least))
    throw usageError(`invalid ${name}: ${found}; expected a whole number of at least ${least}`);
}

function finiteNumber(found: number, name: string): void {
  if (!Number.isFinite(found))
    throw usageError(`invalid ${name}: ${found}; expected milliseconds since 1970`);
}
