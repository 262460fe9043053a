import { usageError } from '../core/errors.ts';
import { localTimes, slotsPerDay } from '../panel/localTime.ts';
import type { Panel } from '../panel/panel.ts';
import { type ForecasterFamily, pointForecast } from './family.ts';
import type { Forecast, ForecasterSpec } from './forecaster.ts';

/**
 * The reading of the same hour one season earlier, or of the latest season that has one. A season is a number of
 * whole days; hours are those of the panel's own time zone, so 8 o'clock follows 8 o'clock across a change of clocks.
 */
export const seasonalNaive: ForecasterFamily = {
  name: 'seasonalNaive',
  summary: 'the reading of the same hour the day before, or of the last day that has one; days=7 for a week',
  defaults: { days: 1 },
  parse: ({ days }) => (days === undefined ? {} : { days: parseDays(days) }),
  create(spec) {
    const days = parseDays(spec.options.days);
    return {
      spec,
      scope: 'series',
      minHistory: () => 1,
      fit: (fitted) => ({
        predict: (horizon, history = fitted) => predictSeasonalNaive(history, horizon, days),
      }),
    };
  },
};

function predictSeasonalNaive(history: Panel, horizon: number, days: number): Forecast {
  const season = days * slotsPerDay(history);
  const times = localTimes(history, 0, history.length + Math.max(0, horizon));
  return pointForecast(history, horizon, ({ values }, point) => {
    for (let step = 0; step < horizon; step++) {
      point[step] = lastOfSlot(values, values.length + step, times, season, history.step);
    }
  });
}

function lastOfSlot(
  values: Float64Array,
  target: number,
  times: Float64Array,
  season: number,
  stepLength: number,
): number {
  for (let back = season; back <= target; back += season) {
    const wanted = times[target] - back * stepLength;
    // Nought but across a change of clocks, which moves the slot by a step or leaves it out for that day.
    const shift = Math.round((wanted - times[target - back]) / stepLength);
    const index = target - back + shift;
    if (index < 0 || index >= values.length || Math.abs(times[index] - wanted) >= stepLength) continue;
    if (!Number.isNaN(values[index])) return values[index];
  }
  return Number.NaN;
}

function parseDays(found: ForecasterSpec['options'][string]): number {
  if (/^[1-9]\d*$/.test(String(found))) return Number(found);
  throw usageError(`invalid seasonalNaive:days: ${found}; expected whole days, at least 1`);
}
