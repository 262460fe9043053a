import { usageError } from '../core/errors.ts';
import { slotsPerDay } from '../panel/localTime.ts';
import type { Panel } from '../panel/panel.ts';
import { type ForecasterFamily, pointForecast } from './family.ts';
import type { Forecast } from './forecaster.ts';

/** The reading of the same hour one season earlier, or of the latest season that has one. */
export const seasonalNaive: ForecasterFamily = {
  name: 'seasonalNaive',
  summary: 'the reading of the same hour the day before, or of the last day that has one; days=7 for a week',
  defaults: { days: 1 },
  parse({ days }) {
    if (days === undefined) return {};
    if (!/^[1-9]\d*$/.test(days))
      throw usageError(`invalid seasonalNaive:days: ${days}; expected whole days, at least 1`);
    return { days: Number(days) };
  },
  create: (spec) => ({
    spec,
    scope: 'series',
    minHistory: () => 1,
    fit: (fitted) => ({
      predict: (horizon, history = fitted) =>
        predictSeasonalNaive(history, horizon, Number(spec.options.days)),
    }),
  }),
};

function predictSeasonalNaive(history: Panel, horizon: number, days: number): Forecast {
  const season = days * slotsPerDay(history);
  return pointForecast(history, horizon, ({ values }, point) => {
    for (let step = 0; step < horizon; step++) {
      let index = values.length + step;
      do index -= season;
      while (index >= 0 && (index >= values.length || Number.isNaN(values[index])));
      if (index >= 0) point[step] = values[index];
    }
  });
}
