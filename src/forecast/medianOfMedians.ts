import { usageError } from '../core/errors.ts';
import { medianInPlace } from '../core/medianInPlace.ts';
import { slotsOfDay, slotsPerDay } from '../panel/localTime.ts';
import type { Panel } from '../panel/panel.ts';
import { type ForecasterFamily, pointForecast } from './family.ts';
import type { Forecast, ForecasterSpec } from './forecaster.ts';
import { windowMeans, windowMedians } from './windowMedians.ts';
import { assertCitiesExist, neededSteps, resolveWindows, windowSteps, windowsByCity } from './windows.ts';

/**
 * For each hour of the day, the median over each window of past days, then the median over the windows.
 *
 * A window of W days holds the last W days' worth of steps before the end of the history, wherever in the day that
 * end lies; hours of the day are those of the panel's own time zone. Missing cells are left out; a window without a
 * reading at that hour is left out; an hour without any reading is forecast NaN. `windows=auto` takes the golden
 * windows that fit into the history (one window as long as the history when none does); a window given explicitly
 * that does not fit is an error. `windows.London=fibonacci` gives one city windows of its own.
 */
export const medianOfMedians: ForecasterFamily = {
  name: 'medianOfMedians',
  summary:
    'median over windows of the median at that hour: windows=auto, golden, golden5, fibonacci or 11/18/30',
  defaults: { windows: 'auto', statistic: 'median', over: 'median' },
  perCity: ['windows'],
  parse: (given) =>
    Object.fromEntries(
      Object.entries(given).map(([key, text]) => {
        const option = `medianOfMedians:${key}`;
        if (key === 'statistic' || key === 'over') return [key, parseStatistic(text, option)];
        const windows = resolveWindows(text, option);
        // Named sets keep their name, so that the model's name stays short.
        return [key, text.includes('/') ? windows : text];
      }),
    ),
  create(spec) {
    const windowsOf = windowsByCity(spec.options, 'medianOfMedians');
    const within = parseStatistic(spec.options.statistic, 'medianOfMedians:statistic');
    const over = parseStatistic(spec.options.over, 'medianOfMedians:over');
    return {
      spec,
      scope: 'series',
      minHistory(panel) {
        assertCitiesExist(panel, spec.options, 'medianOfMedians');
        return Math.max(...panel.series.map(({ city }) => neededSteps(windowsOf(city), panel)));
      },
      fit(fitted) {
        const cities = [...new Set(fitted.series.map(({ city }) => city))];
        const windows = new Map(cities.map((city) => [city, windowSteps(fitted, windowsOf(city), city)]));
        return {
          predict: (horizon, history = fitted) => predictMedians(history, horizon, { windows, within, over }),
        };
      },
    };
  },
};

type Statistic = 'median' | 'mean';

interface Medians {
  /** By city, in steps, ascending. */
  readonly windows: ReadonlyMap<string, Int32Array>;
  /** Within each window. */
  readonly within: Statistic;
  /** Over the windows. */
  readonly over: Statistic;
}

function predictMedians(history: Panel, horizon: number, { windows, within, over }: Medians): Forecast {
  const { length } = history;
  const longest = Math.min(length, Math.max(0, ...[...windows.values()].map((steps) => steps.at(-1) ?? 0)));
  const from = length - longest;
  const slots = slotsOfDay(history, from, longest);
  const futureSlots = slotsOfDay(history, length, Math.max(0, horizon));
  const capacity = mostOfASlot(slots, slotsPerDay(history));
  // By slot of day: readings newest first, and how many of them lie within each window.
  const readings = Array.from({ length: slotsPerDay(history) }, () => new Float64Array(capacity + 1));
  const gathered = new Int32Array(readings.length);
  const bySlot = new Float64Array(readings.length);
  const statistic = within === 'median' ? windowMedians(capacity) : windowMeans;
  const countsByCity = new Map(
    [...windows].map(([city, steps]) => [city, readings.map(() => new Int32Array(steps.length))]),
  );
  const perWindow = new Float64Array(Math.max(0, ...[...windows.values()].map((steps) => steps.length)));

  function gather(values: Float64Array, steps: Int32Array, counts: readonly Int32Array[]): void {
    gathered.fill(0);
    let index = length - 1;
    for (let w = 0; w < steps.length; w++) {
      for (const oldest = Math.max(from, length - steps[w]); index >= oldest; index--) {
        const slot = slots[index - from];
        const value = values[index];
        // Written in any case and counted if read: the loop has no branch to guess.
        readings[slot][gathered[slot]] = value;
        gathered[slot] += Number.isNaN(value) ? 0 : 1;
      }
      for (let slot = 0; slot < counts.length; slot++) counts[slot][w] = gathered[slot];
    }
  }

  function summarise(ofSlot: Float64Array, counts: Int32Array): number {
    let first = 0;
    while (first < counts.length && counts[first] === 0) first++;
    if (first === counts.length) return Number.NaN;
    statistic(ofSlot, counts, first, perWindow);
    return summariseWindows(perWindow, first, counts.length, over);
  }

  return pointForecast(history, horizon, ({ values, city }, point) => {
    const steps = windows.get(city);
    const counts = countsByCity.get(city);
    if (!steps || !counts) {
      throw usageError(`the medians were fitted on a panel without a series of ${city || 'no city'}`);
    }
    gather(values, steps, counts);
    for (let slot = 0; slot < bySlot.length; slot++) bySlot[slot] = summarise(readings[slot], counts[slot]);
    for (let step = 0; step < horizon; step++) point[step] = bySlot[futureSlots[step]];
  });
}

function summariseWindows(perWindow: Float64Array, first: number, end: number, over: Statistic): number {
  if (over === 'median') {
    perWindow.copyWithin(0, first, end);
    return medianInPlace(perWindow, end - first);
  }
  let sum = 0;
  for (let w = first; w < end; w++) sum += perWindow[w];
  return sum / (end - first);
}

function mostOfASlot(slots: Int32Array, slotCount: number): number {
  const counts = new Int32Array(slotCount);
  for (let i = 0; i < slots.length; i++) counts[slots[i]]++;
  return Math.max(0, ...counts);
}

function parseStatistic(found: ForecasterSpec['options'][string], option: string): Statistic {
  if (found === 'median' || found === 'mean') return found;
  throw usageError(`invalid ${option}: ${found}; expected median or mean`);
}
