import {
  joinPacked,
  packBytes,
  packNumbers,
  packTogether,
  unpackNumbers,
  unpackTogether,
} from './packNumbers.ts';

/** The arrays of one series, unpacked in the browser when the series is chosen. */
export interface SeriesChunk {
  /** `[length]` of the panel. */
  readonly values: Float32Array;
  /** `[length]`, 0 = observed or missing, k = the k-th fill step. */
  readonly filledBy: Float32Array;
  /** One for each model of the forecast, `[horizon]`. */
  readonly forecasts: readonly BoundedForecast[];
  /** `[start][horizon]`, horizon fastest; empty when the series was not backtested. */
  readonly truth: Float32Array;
  /** One for each model of the backtest, `[start][horizon]`; empty when the series was not backtested. */
  readonly past: readonly BoundedForecast[];
}

/** A forecast and its intervals, levels ascending as in the payload. */
export interface BoundedForecast {
  readonly point: Float32Array;
  readonly intervals: readonly { readonly lower: Float32Array; readonly upper: Float32Array }[];
}

/** The same before packing. */
export interface SeriesArrays {
  readonly values: ArrayLike<number>;
  readonly filledBy: ArrayLike<number>;
  readonly forecasts: readonly ForecastArrays[];
  readonly truth: ArrayLike<number>;
  readonly past: readonly ForecastArrays[];
}

export interface ForecastArrays {
  readonly point: ArrayLike<number>;
  readonly intervals: readonly { readonly lower: ArrayLike<number>; readonly upper: ArrayLike<number> }[];
}

/** Packs the arrays of a series; {@link readSeriesChunk} needs the same models and levels to read them back. */
export function writeSeriesChunk(series: SeriesArrays): Uint8Array {
  return joinPacked([
    packNumbers(series.values),
    packBytes(series.filledBy),
    ...series.forecasts.map(packForecast),
    packNumbers(series.truth),
    ...series.past.map(packForecast),
  ]);
}

/** Unpacks what {@link writeSeriesChunk} packed, given the number of interval levels of each model. */
export function readSeriesChunk(
  bytes: Uint8Array,
  forecastLevels: readonly number[],
  pastLevels: readonly number[],
): SeriesChunk {
  let offset = 0;
  const next = () => {
    const { values, end } = unpackNumbers(bytes, offset);
    offset = end;
    return values;
  };
  const nextForecast = (levels: number): BoundedForecast => {
    const { arrays, end } = unpackTogether(bytes, offset, 1 + 2 * levels);
    offset = end;
    const [point, ...bounds] = arrays;
    return {
      point,
      intervals: Array.from({ length: levels }, (_, k) => ({
        lower: bounds[2 * k],
        upper: bounds[2 * k + 1],
      })),
    };
  };
  return {
    values: next(),
    filledBy: next(),
    forecasts: forecastLevels.map(nextForecast),
    truth: next(),
    past: pastLevels.map(nextForecast),
  };
}

function packForecast({ point, intervals }: ForecastArrays): Uint8Array {
  return packTogether([point, ...intervals.flatMap(({ lower, upper }) => [lower, upper])]);
}
