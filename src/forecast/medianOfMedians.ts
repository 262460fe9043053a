import { usageError } from '../core/errors.ts';
import { slotsOfDay, slotsPerDay } from '../panel/localTime.ts';
import { day, type Panel } from '../panel/panel.ts';
import { type ForecasterFamily, pointForecast } from './family.ts';
import type { Forecast } from './forecaster.ts';
import { medianInPlace } from './medianInPlace.ts';

/** Windows of past days that the practitioner tried; he named them after the golden ratio and Fibonacci. */
export const windowSets: Readonly<Record<string, readonly number[]>> = {
  golden: [11, 18, 30, 48, 78, 126, 203, 329],
  golden5: [11, 18, 30, 48, 78],
  fibonacci: [7, 14, 21, 35, 56, 91, 147, 238, 385],
};

/**
 * For each hour of the day, the median over each window of past days, then the median over the windows.
 *
 * A window of W days holds the last W days' worth of steps before the end of the history; hours of the day are those
 * of the panel's own time zone. Missing cells are left out; a window without a reading at that hour is left out; an
 * hour without any reading is forecast NaN. `windows=auto` takes the golden windows that fit into the history (one
 * window as long as the history when none does); a window given explicitly that does not fit is an error.
 */
export const medianOfMedians: ForecasterFamily = {
  name: 'medianOfMedians',
  summary:
    'median over windows of the median at that hour: windows=auto, golden, golden5, fibonacci or 11/18/30',
  defaults: { windows: 'auto', statistic: 'median', over: 'median' },
  parse({ windows, statistic, over }) {
    return {
      ...(windows === undefined ? {} : { windows: parseWindows(windows) }),
      ...(statistic === undefined ? {} : { statistic: parseStatistic('statistic', statistic) }),
      ...(over === undefined ? {} : { over: parseStatistic('over', over) }),
    };
  },
  create(spec) {
    const { windows, statistic, over } = spec.options;
    const explicit = windows === 'auto' ? undefined : (windows as readonly number[]);
    return {
      spec,
      scope: 'series',
      minHistory: (panel) => (explicit ? Math.max(...explicit) * slotsPerDay(panel) : 1),
      fit(fitted) {
        if (explicit) assertFits(fitted, explicit);
        const chosen = explicit ?? fittingWindows(fitted);
        const summaries = { inner: summarise[statistic as Statistic], outer: summarise[over as Statistic] };
        return {
          predict: (horizon, history = fitted) => predictMedians(history, horizon, chosen, summaries),
        };
      },
    };
  },
};

type Statistic = 'median' | 'mean';
/** A statistic of the first `count` values, which it may reorder; `count` is at least 1. */
type Summary = (values: Float64Array, count: number) => number;

const summarise: Record<Statistic, Summary> = {
  median: medianInPlace,
  mean(values, count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i];
    return sum / count;
  },
};

function predictMedians(
  history: Panel,
  horizon: number,
  windows: readonly number[],
  { inner, outer }: { inner: Summary; outer: Summary },
): Forecast {
  const slotCount = slotsPerDay(history);
  const longest = Math.min(Math.max(...windows) * slotCount, history.length);
  const from = history.length - longest;
  const pastSlots = slotsOfDay(history, from, longest);
  const futureSlots = slotsOfDay(history, history.length, horizon);
  // Steps of each slot, newest first, slot after slot: the reading order of every window.
  const stepsBySlot = groupBySlot(pastSlots, from, slotCount);
  const ascending = [...windows].sort((a, b) => a - b).map((window) => window * slotCount);
  const readings = new Float64Array(longest);
  const scratch = new Float64Array(longest);
  const perWindow = new Float64Array(windows.length);
  const bySlot = new Float64Array(slotCount);
  const needed = new Set(futureSlots);

  return pointForecast(history, horizon, ({ values }, point) => {
    for (const slot of needed) {
      const steps = stepsBySlot[slot];
      let gathered = 0;
      let position = 0;
      let used = 0;
      for (const window of ascending) {
        const oldest = history.length - window;
        while (position < steps.length && steps[position] >= oldest) {
          const value = values[steps[position++]];
          if (!Number.isNaN(value)) readings[gathered++] = value;
        }
        if (gathered === 0) continue;
        for (let i = 0; i < gathered; i++) scratch[i] = readings[i];
        perWindow[used++] = inner(scratch, gathered);
      }
      bySlot[slot] = used === 0 ? Number.NaN : outer(perWindow, used);
    }
    for (let step = 0; step < horizon; step++) point[step] = bySlot[futureSlots[step]];
  });
}

function groupBySlot(slots: Int32Array, from: number, slotCount: number): Int32Array[] {
  const lists: number[][] = Array.from({ length: slotCount }, () => []);
  for (let i = slots.length - 1; i >= 0; i--) lists[slots[i]].push(from + i);
  return lists.map((list) => Int32Array.from(list));
}

function fittingWindows(history: Panel): number[] {
  const days = Math.max(1, Math.floor((history.length * history.step) / day));
  const fitting = windowSets.golden.filter((window) => window <= days);
  return fitting.length > 0 ? fitting : [days];
}

function assertFits(history: Panel, windows: readonly number[]): void {
  const days = (history.length * history.step) / day;
  const tooLong = windows.find((window) => window > days);
  if (tooLong === undefined) return;
  throw usageError(
    `window of ${tooLong} days is longer than the history of ${Math.floor(days)} days`,
    'give shorter windows, or windows=auto to take those that fit',
  );
}

function parseWindows(text: string): readonly number[] | 'auto' {
  if (text === 'auto') return 'auto';
  if (text in windowSets) return windowSets[text];
  const windows = text.split('/').map(Number);
  if (windows.length === 0 || windows.some((window) => !Number.isInteger(window) || window < 1)) {
    throw usageError(
      `invalid medianOfMedians:windows: ${text}; expected whole days`,
      `write 11/18/30, auto, or one of ${Object.keys(windowSets).join(', ')}`,
    );
  }
  return windows;
}

function parseStatistic(option: string, text: string): Statistic {
  if (text === 'median' || text === 'mean') return text;
  throw usageError(`invalid medianOfMedians:${option}: ${text}; expected median or mean`);
}
