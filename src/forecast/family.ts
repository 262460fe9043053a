import { usageError } from '../core/errors.ts';
import type { Panel, Series } from '../panel/panel.ts';
import { timeAt } from '../panel/panel.ts';
import type { Forecast, Forecaster, ForecasterSpec } from './forecaster.ts';

/** A kind of forecaster: how its options are read and how one is made. */
export interface ForecasterFamily {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly defaults: ForecasterSpec['options'];
  /** Options that may also be given for one city, as `option.City=value`. */
  readonly perCity?: readonly string[] | undefined;
  /**
   * Reads the options given on a command line as `name=value`; may leave out those with defaults.
   *
   * @throws TrainyardError of kind `usage` for a value that makes no sense.
   */
  parse(given: Readonly<Record<string, string>>): ForecasterSpec['options'];
  create(spec: ForecasterSpec): Forecaster;
}

/**
 * A forecast without intervals, made series by series; `write` fills an array of NaN, `[horizon]`.
 *
 * @throws TrainyardError of kind `usage` for a horizon below 1.
 */
export function pointForecast(
  history: Panel,
  horizon: number,
  write: (series: Series, point: Float64Array) => void,
): Forecast {
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw usageError(`invalid horizon: ${horizon}; expected a whole number of at least 1`);
  }
  const point = history.series.map((series) => {
    const values = new Float64Array(horizon).fill(Number.NaN);
    write(series, values);
    return values;
  });
  return { start: timeAt(history, history.length), step: history.step, horizon, point, intervals: [] };
}
