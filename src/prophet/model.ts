import type { Mode, ResolvedOptions, Seasonality } from './options.ts';

/** A fitted model: plain data, which JSON holds. */
export interface ProphetModel {
  readonly options: ResolvedOptions;
  /** Time of the first row, milliseconds since 1970, and milliseconds from it to the last: 0 and 1 in scaled time. */
  readonly start: number;
  readonly timeScale: number;
  /** A value is `offset + scale * scaled value`; where the data had a floor, its floor is the offset. */
  readonly valueOffset: number;
  readonly valueScale: number;
  readonly hasFloor: boolean;
  /** Milliseconds since 1970, ascending. */
  readonly changepoints: readonly number[];
  /** Those of the options and those chosen by the length of the history. */
  readonly seasonalities: readonly Seasonality[];
  readonly regressors: readonly FittedRegressor[];
  /** Rate and offset of the trend, in scaled time and value. */
  readonly k: number;
  readonly m: number;
  /** Change of the rate at each changepoint. */
  readonly delta: readonly number[];
  /** Coefficients: of each seasonality sine and cosine of each order, of each day of a holiday, of each regressor. */
  readonly beta: readonly number[];
  /** Standard deviation of the noise, scaled. */
  readonly sigma: number;
  /** At these parameters, constants dropped. */
  readonly logPosterior: number;
  /** Number of rows with a value. */
  readonly rows: number;
}

/** A regressor as it enters the model: `(value - mean) / deviation`. */
export interface FittedRegressor {
  readonly name: string;
  readonly priorScale: number;
  readonly mode: Mode;
  readonly mean: number;
  readonly deviation: number;
}
