import { usageError } from '../core/errors.ts';
import { slotsOfDay, slotsPerDay } from '../panel/localTime.ts';
import type { Panel } from '../panel/panel.ts';
import { type ForecasterFamily, pointForecast } from './family.ts';
import type { Forecast, ForecasterSpec } from './forecaster.ts';
import { medianInPlace } from './medianInPlace.ts';
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
    const inner = summaries[parseStatistic(spec.options.statistic, 'medianOfMedians:statistic')];
    const outer = summaries[parseStatistic(spec.options.over, 'medianOfMedians:over')];
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
          predict: (horizon, history = fitted) => predictMedians(history, horizon, { windows, inner, outer }),
        };
      },
    };
  },
};

/** A statistic of the first `count` values, which it may reorder; `count` is at least 1. */
type Summary = (values: Float64Array, count: number) => number;

interface Medians {
  /** By city, in steps, ascending. */
  readonly windows: ReadonlyMap<string, Int32Array>;
  readonly inner: Summary;
  readonly outer: Summary;
}

type Statistic = 'median' | 'mean';

const summaries: Record<Statistic, Summary> = {
  median: medianInPlace,
  mean(values, count) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i];
    return sum / count;
  },
};

function predictMedians(history: Panel, horizon: number, { windows, inner, outer }: Medians): Forecast {
  const slotCount = slotsPerDay(history);
  const longest = Math.min(
    history.length,
    Math.max(0, ...[...windows.values()].map((steps) => steps[steps.length - 1])),
  );
  const from = history.length - longest;
  const stepsBySlot = groupBySlot(slotsOfDay(history, from, longest), from, slotCount);
  const futureSlots = slotsOfDay(history, history.length, Math.max(0, horizon));
  const neededSlots = [...new Set(futureSlots)];
  const readings = new Float64Array(longest);
  const scratch = new Float64Array(longest);
  const perWindow = new Float64Array(Math.max(0, ...[...windows.values()].map(({ length }) => length)));
  const bySlot = new Float64Array(slotCount);

  // Readings of the slot are gathered newest first, once; each window goes on where the shorter one before it ended.
  function forecastSlot(values: Float64Array, steps: Int32Array, ascending: Int32Array): number {
    let position = 0;
    let gathered = 0;
    let used = 0;
    for (let w = 0; w < ascending.length; w++) {
      const oldest = history.length - ascending[w];
      while (position < steps.length && steps[position] >= oldest) {
        const value = values[steps[position++]];
        if (!Number.isNaN(value)) readings[gathered++] = value;
      }
      if (gathered === 0) continue;
      for (let i = 0; i < gathered; i++) scratch[i] = readings[i];
      perWindow[used++] = inner(scratch, gathered);
    }
    return used === 0 ? Number.NaN : outer(perWindow, used);
  }

  return pointForecast(history, horizon, ({ values, city }, point) => {
    const ascending = windows.get(city);
    if (!ascending)
      throw usageError(`the medians were fitted on a panel without a series of ${city || 'no city'}`);
    for (const slot of neededSlots) bySlot[slot] = forecastSlot(values, stepsBySlot[slot], ascending);
    for (let step = 0; step < horizon; step++) point[step] = bySlot[futureSlots[step]];
  });
}

// Steps of each slot, newest first: the reading order of every window.
function groupBySlot(slots: Int32Array, from: number, slotCount: number): Int32Array[] {
  const counts = new Int32Array(slotCount);
  for (let i = 0; i < slots.length; i++) counts[slots[i]]++;
  const groups = Array.from(counts, (count) => new Int32Array(count));
  for (let i = 0; i < slots.length; i++) groups[slots[i]][--counts[slots[i]]] = from + i;
  return groups;
}

function parseStatistic(found: ForecasterSpec['options'][string], option: string): Statistic {
  if (found === 'median' || found === 'mean') return found;
  throw usageError(`invalid ${option}: ${found}; expected median or mean`);
}
