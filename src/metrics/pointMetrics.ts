/**
 * Symmetric absolute percentage error of one point, as KDD Cup 2018 defines it: 2|a - p| / (|a| + |p|), from 0 to 2,
 * and 0 where both are 0. Other libraries print it over 0 to 1 or 0 to 200.
 */
export function smape(actual: number, predicted: number): number {
  const size = Math.abs(actual) + Math.abs(predicted);
  return size === 0 ? 0 : (2 * Math.abs(actual - predicted)) / size;
}

/**
 * Pinball loss of a quantile forecast: q(a - p) above it, (1 - q)(p - a) below. Least in expectation at the
 * q-quantile (Koenker and Bassett 1978).
 */
export function pinball(actual: number, predicted: number, quantile: number): number {
  return actual >= predicted ? quantile * (actual - predicted) : (1 - quantile) * (predicted - actual);
}

/** What every table of scores prints beside its numbers. */
export const metricDefinitions: Readonly<Record<string, string>> = {
  smape: '2|a - p| / (|a| + |p|), mean over points; 0 to 2, 0 where both are 0',
  mae: '|a - p|, mean over points, in the unit of the measure',
  rmse: 'square root of the mean of (a - p)^2',
  mase: 'MAE over the mean absolute change from one day to the next in the history before the first start',
  pinball: 'mean pinball loss at the ends of the prediction intervals',
  coverage: 'share of truths inside the prediction interval of that level',
  width: 'mean width of the prediction interval of that level',
  skill: '1 - MAE / MAE of seasonal naive over the same points',
  points: 'hours with a reading and a forecast',
};
