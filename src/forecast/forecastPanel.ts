import type { ForecastTable } from '../metrics/forecastTable.ts';
import { selectStarts } from '../metrics/forecastTable.ts';
import { day, type Panel, slicePanel, timeAt } from '../panel/panel.ts';
import { cutoffOf, neededHistory, type RollingOptions, rollingForecast } from './rollingForecast.ts';

/** How the future of a panel is forecast. */
export interface PanelForecastOptions extends Omit<RollingOptions, 'starts' | 'every' | 'fitAt'> {
  /** First step to forecast, milliseconds since 1970 UTC. Default: the step after the panel. */
  readonly at?: number | undefined;
  /** Earlier starts, of known outcome, to show how good such forecasts have been. Default 0. */
  readonly past?: number | undefined;
  /** Distance between earlier starts, milliseconds. Default a day. */
  readonly every?: number | undefined;
}

/** What {@link forecastPanel} returns. */
export interface PanelForecast {
  /** The panel up to the start of the forecast: all that was looked at. */
  readonly history: Panel;
  /** Of one start; its truth is missing. */
  readonly future: ForecastTable;
  /** Forecasts from earlier starts beside what came true; absent when none was asked for or history is short. */
  readonly past: ForecastTable | undefined;
}

/**
 * Forecasts every series of a panel from one moment on, with intervals calibrated on earlier forecasts, and shows how
 * good such forecasts have been. Nothing after that moment is looked at.
 *
 * @throws TrainyardError of kind `usage` for options that make no sense or a start outside the panel.
 * @example
 * const { future, past } = await forecastPanel(panel, { models: parseModels('medianOfMedians'), horizon: 48, past: 14 });
 */
export async function forecastPanel(panel: Panel, options: PanelForecastOptions): Promise<PanelForecast> {
  const { at = timeAt(panel, panel.length), past = 0, every = day, ...rolling } = options;
  cutoffOf(panel, at, (rolling.delay ?? 0) / panel.step);
  const history = slicePanel(panel, 0, (at - panel.start) / panel.step);
  const starts = startsUntil(history, at, every, past, rolling);
  // The forecast asked for comes from a fresh fit, whatever the distance of fits.
  const table = await rollingForecast(history, { ...rolling, starts, every, fitAt: at });
  const known = starts.filter((start) => start + rolling.horizon * panel.step <= at).length;
  return {
    history,
    future: selectStarts(table, starts.length - 1, starts.length),
    past: known > 0 ? selectStarts(table, 0, known) : undefined,
  };
}

// The start itself and those before it, as far as the models' history reaches: `past` whose outcome is known, and
// between them and the start those whose outcome is not.
function startsUntil(
  history: Panel,
  at: number,
  every: number,
  past: number,
  { models, horizon, delay = 0 }: Pick<RollingOptions, 'models' | 'horizon' | 'delay'>,
): number[] {
  // `rollingForecast` says what is wrong with it.
  if (!(every > 0)) return [at];
  const unknown = Math.max(0, Math.ceil((horizon * history.step) / every) - 1);
  const wanted = past > 0 ? past + unknown : 0;
  const spare = history.length - delay / history.step - neededHistory(history, models);
  const possible = Math.max(0, Math.floor((spare * history.step) / every));
  return Array.from({ length: Math.min(wanted, possible) + 1 }, (_, k) => at - k * every).reverse();
}
