import type { Panel } from '../panel/panel.ts';

/**
 * A forecaster as plain data: its name and options, defaults filled in. Plain, so that it crosses to worker
 * threads and is written into every result.
 */
export interface ForecasterSpec {
  readonly name: string;
  readonly options: Readonly<Record<string, number | string | boolean | readonly number[]>>;
}

/** Learns from a panel of the past. */
export interface Forecaster {
  readonly spec: ForecasterSpec;
  /** `series` when each series is forecast from itself alone, so that series may be spread over workers. */
  readonly scope: 'series' | 'panel';
  /** Steps of history it needs at least; `fit` fails on less. */
  minHistory(panel: Panel): number;
  /** Fits to `history`, which ends at the last step the forecaster may see. */
  fit(history: Panel): ForecastModel;
  /**
   * The parts a forecast of each series is made of, in the order of the panel's series; empty for a series without
   * forecast. Absent from forecasters whose forecasts have no parts.
   */
  components?(history: Panel, horizon: number): readonly (readonly ComponentCurve[])[];
}

/** One part of a model as a curve of a few points, straight between them. */
export interface ComponentCurve {
  /** For instance `trend` or `weekly`. */
  readonly name: string;
  /** Milliseconds after which the curve repeats; `undefined` when it runs along time. */
  readonly period: number | undefined;
  /**
   * Places of the points, ascending: milliseconds since 1970 UTC, or since the beginning of the period on the panel's
   * clock, which is midnight, Monday or 1 January.
   */
  readonly at: Float64Array;
  /** In units of the series, or a share of the trend when `multiplies`. */
  readonly values: Float64Array;
  readonly multiplies: boolean;
}

/** What a forecaster has learnt. */
export interface ForecastModel {
  /**
   * Forecasts the `horizon` steps after the end of `history` (default: the panel it was fitted on). A later
   * history than the fitted one updates lags and medians without fitting again.
   */
  predict(horizon: number, history?: Panel): Forecast;
}

/** Forecasts of every series of a panel, in the order of its series. */
export interface Forecast {
  /** Time of the first forecast step, milliseconds since 1970 UTC. */
  readonly start: number;
  readonly step: number;
  readonly horizon: number;
  /** `[series][horizon]`, NaN where no forecast could be made. */
  readonly point: readonly Float64Array[];
  /** Prediction intervals, empty when the model gives none. */
  readonly intervals: readonly Interval[];
}

/** One central prediction interval, `[series][horizon]` each side. */
export interface Interval {
  /** Share of outcomes it is meant to hold, in percent: 80 or 95. */
  readonly level: number;
  readonly lower: readonly Float64Array[];
  readonly upper: readonly Float64Array[];
}
