import { usageError } from '../core/errors.ts';
import { day, type Panel } from '../panel/panel.ts';
import type { ForecasterSpec } from './forecaster.ts';

/** Windows of past days that the practitioner tried; he named them after the golden ratio and Fibonacci. */
export const windowSets: Readonly<Record<string, readonly number[]>> = {
  golden: [11, 18, 30, 48, 78, 126, 203, 329],
  golden5: [11, 18, 30, 48, 78],
  fibonacci: [7, 14, 21, 35, 56, 91, 147, 238, 385],
};

/** Windows in days; `auto` stands for the golden ones that fit into the history. */
export type Windows = readonly number[] | 'auto';

/**
 * Reads an option such as `auto`, `golden5` or `11/18/30`, or a list of days; the result is ascending.
 *
 * @throws TrainyardError of kind `usage` for anything else; `option` names it.
 */
export function resolveWindows(given: ForecasterSpec['options'][string], option: string): Windows {
  if (given === 'auto') return given;
  const text = String(given);
  if (Object.hasOwn(windowSets, text)) return windowSets[text];
  const words = typeof given === 'object' ? given.map(String) : text.split('/');
  if (!words.every((word) => /^[1-9]\d*$/.test(word)) || words.length === 0) {
    throw usageError(
      `invalid ${option}: ${text}; expected whole days`,
      `write 11/18/30, auto, or one of ${Object.keys(windowSets).join(', ')}`,
    );
  }
  return [...new Set(words.map(Number))].sort((a, b) => a - b);
}

/** Windows of the series of each city: `windows.<City>` where given, `windows` otherwise. */
export function windowsByCity(options: ForecasterSpec['options'], family: string): (city: string) => Windows {
  const fallback = resolveWindows(options.windows ?? 'auto', `${family}:windows`);
  const ofCity = new Map(
    Object.entries(options)
      .filter(([key]) => key.startsWith(cityPrefix))
      .map(([key, value]) => [key.slice(cityPrefix.length), resolveWindows(value, `${family}:${key}`)]),
  );
  return (city) => ofCity.get(city) ?? fallback;
}

/**
 * Fails for windows given for a city that the panel does not have: most likely a slip of the pen.
 *
 * @throws TrainyardError of kind `usage` naming the cities there are.
 */
export function assertCitiesExist(panel: Panel, options: ForecasterSpec['options'], family: string): void {
  const cities = new Set(panel.series.map(({ city }) => city));
  for (const key of Object.keys(options)) {
    if (!key.startsWith(cityPrefix) || cities.has(key.slice(cityPrefix.length))) continue;
    const known = [...cities].filter((city) => city !== '').map((city) => `windows.${city}`);
    throw usageError(
      `${family}:${key} names a city that no series has`,
      known.length > 0 ? `the data has ${known.join(', ')}` : 'the data has no cities; use windows=',
    );
  }
}

/** The windows, in steps and ascending, that a history is forecast from. */
export function windowSteps(history: Panel, windows: Windows, city: string): Int32Array {
  const days = (history.length * history.step) / day;
  const chosen = windows === 'auto' ? fittingWindows(days) : windows;
  const tooLong = windows === 'auto' ? undefined : chosen.find((window) => window > days);
  if (tooLong !== undefined) {
    throw usageError(
      `window of ${tooLong} days${city && ` for ${city}`} is longer than the history of ${Math.floor(days)} days`,
      'give shorter windows or more history, or windows=auto to take those that fit',
    );
  }
  return Int32Array.from(chosen, (window) => stepsOf(window, history));
}

/** Steps of history that explicit windows need; 1 for `auto`. */
export function neededSteps(windows: Windows, panel: Panel): number {
  return windows === 'auto' ? 1 : Math.ceil((Math.max(...windows) * day) / panel.step);
}

const cityPrefix = 'windows.';

// When not even the shortest golden window fits: one window of as many whole days as there are, at least one.
function fittingWindows(days: number): readonly number[] {
  const fitting = windowSets.golden.filter((window) => window <= days);
  return fitting.length > 0 ? fitting : [Math.max(1, Math.floor(days))];
}

function stepsOf(window: number, history: Panel): number {
  return Math.min(history.length, Math.max(1, Math.round((window * day) / history.step)));
}
