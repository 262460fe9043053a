import type { SeriesAttributes } from '../panel/panel.ts';

/**
 * Forecasts of a panel from several starts beside what came true. Arrays are flat, `[start][series][horizon]`
 * with the horizon fastest; {@link cellOf} gives the index.
 */
export interface ForecastTable {
  /** Time of the first step forecast, one for each start, ascending, milliseconds since 1970 UTC. */
  readonly starts: readonly number[];
  /**
   * Last step a forecaster may see, one for each start: the step before the start, or earlier by the delay.
   */
  readonly cutoffs: readonly number[];
  readonly step: number;
  readonly horizon: number;
  readonly series: readonly ForecastSeries[];
  /** What came true; NaN where it was not observed or lies after the data. */
  readonly truth: Float64Array;
  readonly models: readonly ModelForecasts[];
}

/** A series of a forecast table. */
export interface ForecastSeries extends SeriesAttributes {
  readonly id: string;
  /** Mean absolute change against one season earlier over the observed history before the first start: MASE's scale. */
  readonly seasonalScale: number;
}

/** The forecasts of one model, arrays as in {@link ForecastTable}. */
export interface ModelForecasts {
  readonly model: string;
  readonly point: Float64Array;
  readonly intervals: readonly {
    readonly level: number;
    readonly lower: Float64Array;
    readonly upper: Float64Array;
  }[];
}

/** Index of a cell in the flat arrays of a table. */
export function cellOf(table: ForecastTable, start: number, series: number, step: number): number {
  return (start * table.series.length + series) * table.horizon + step;
}

/** The part of a table with starts `from` (inclusive) to `to` (exclusive), sharing its storage. */
export function selectStarts(table: ForecastTable, from: number, to: number): ForecastTable {
  const size = table.series.length * table.horizon;
  const part = (values: Float64Array) => values.subarray(from * size, to * size);
  return {
    ...table,
    starts: table.starts.slice(from, to),
    cutoffs: table.cutoffs.slice(from, to),
    truth: part(table.truth),
    models: table.models.map(({ model, point, intervals }) => ({
      model,
      point: part(point),
      intervals: intervals.map(({ level, lower, upper }) => ({
        level,
        lower: part(lower),
        upper: part(upper),
      })),
    })),
  };
}
