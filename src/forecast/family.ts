import type { Panel, Series } from '../panel/panel.ts';
import { timeAt } from '../panel/panel.ts';
import type { Forecast, Forecaster, ForecasterSpec } from './forecaster.ts';

/** A kind of forecaster: how its options are read and how one is made. */
export interface ForecasterFamily {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly defaults: ForecasterSpec['options'];
  /**
   * Reads the options given on a command line as `name=value`; may leave out those with defaults.
   *
   * @throws TrainyardError of kind `usage` for a value that makes no sense.
   */
  parse(given: Readonly<Record<string, string>>): ForecasterSpec['options'];
  create(spec: ForecasterSpec): Forecaster;
}

/** A forecast without intervals, made series by series; `write` fills an array of NaN, `[horizon]`. */
export function pointForecast(
  history: Panel,
  horizon: number,
  write: (series: Series, point: Float64Array) => void,
): Forecast {
  const point = history.series.map((series) => {
    const values = new Float64Array(horizon).fill(Number.NaN);
    write(series, values);
    return values;
  });
  return { start: timeAt(history, history.length), step: history.step, horizon, point, intervals: [] };
}
