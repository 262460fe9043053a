/**
 * Symmetric absolute percentage error of one point, as KDD Cup 2018 defines it: 2|a - p| / (|a| + |p|), from 0 to 2,
 * and 0 where both are 0. Other libraries print it over 0 to 1 or 0 to 200.
 *
 * @example
 * smape(30, 10) // 1
 */
export function smape(actual: number, predicted: number): number {
  if (actual === predicted) return 0;
  const size = Math.abs(actual) + Math.abs(predicted);
  return size === Number.POSITIVE_INFINITY ? 2 : 2 * (Math.abs(actual - predicted) / size);
}

/**
 * Pinball loss of a quantile forecast: q(a - p) above it, (1 - q)(p - a) below. Least in expectation at the
 * q-quantile (Koenker and Bassett 1978).
 *
 * @example
 * pinball(10, 4, 0.9) // 5.4: the truth lies above the forecast of a high quantile
 */
export function pinball(actual: number, predicted: number, quantile: number): number {
  return actual >= predicted ? quantile * (actual - predicted) : (1 - quantile) * (predicted - actual);
}

/**
 * The scale of MASE: mean absolute error of forecasting a history from one season earlier, over the pairs of which
 * both were read; NaN where there is none (Hyndman and Koehler 2006).
 *
 * @param season in steps: 24 for hourly values and a season of one day.
 * @example
 * seasonalScale(Float64Array.of(1, 2, 4, 7), 2) // (3 + 5) / 2
 */
export function seasonalScale(history: Float64Array, season: number): number {
  let sum = 0;
  let count = 0;
  for (let i = season; i < history.length; i++) {
    const change = Math.abs(history[i] - history[i - season]);
    if (Number.isNaN(change)) continue;
    sum += change;
    count++;
  }
  return sum / count;
}

/** What every table of scores prints beside its numbers. */
export const metricDefinitions: Readonly<Record<string, string>> = {
  smape: '2|a - p| / (|a| + |p|), mean over points; 0 to 2, 0 where both are 0',
  mae: '|a - p|, mean over points, in the unit of the measure',
  rmse: 'square root of the mean of (a - p)^2, in the unit of the measure',
  mase:
    '|a - p| over the mean absolute change from one day to the next in the history of the series before the first ' +
    'start, mean over points',
  pinball: 'mean pinball loss at the ends of the prediction intervals, in the unit of the measure',
  coverage: 'share of truths inside the prediction interval of that level',
  width: 'mean width of the prediction interval of that level, in the unit of the measure',
  skill: '1 - MAE / MAE of seasonal naive over the same points',
  points: 'hours with a reading and a forecast',
  missing: 'hours with a reading but no forecast, which are not scored',
};

/** What is printed beside the score of KDD Cup 2018. */
export const kddDefinitions: Readonly<Record<string, string>> = {
  'kdd mean':
    'SMAPE, 2|a - p| / (|a| + |p|), of each city and start over the hours of its stations with every scored measure ' +
    'read and none negative, missing forecasts as 0; mean of the cities, then of the starts',
  'kdd best 25': 'the same over the 25 starts with the lowest scores; over all when there are fewer',
  'kdd sampled 25': 'the same over 25 starts drawn without replacement, mean over the draws',
};
