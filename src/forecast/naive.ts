import type { Panel } from '../panel/panel.ts';
import { type ForecasterFamily, pointForecast } from './family.ts';
import type { Forecast } from './forecaster.ts';

/** The last reading, for every step ahead; NaN for a series without any. */
export const naive: ForecasterFamily = {
  name: 'naive',
  summary: 'the last reading, for every step ahead',
  defaults: {},
  parse: () => ({}),
  create: (spec) => ({
    spec,
    scope: 'series',
    minHistory: () => 1,
    fit: (fitted) => ({ predict: (horizon, history = fitted) => predictNaive(history, horizon) }),
  }),
};

function predictNaive(history: Panel, horizon: number): Forecast {
  return pointForecast(history, horizon, ({ values }, point) => {
    let last = values.length - 1;
    while (last >= 0 && Number.isNaN(values[last])) last--;
    if (last >= 0) point.fill(values[last]);
  });
}
