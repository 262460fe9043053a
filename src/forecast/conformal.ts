/** A past forecast with what came true, all arrays `[series][horizon]` flat, horizon fastest. */
export interface PastForecast {
  readonly point: Float64Array;
  /** NaN where the truth is unknown at the time of calibration. */
  readonly truth: Float64Array;
  /** `[series]`, see {@link calibrateInterval}. */
  readonly difficulty: Float64Array;
}

/** What an interval is calibrated for. */
export interface CalibrationShape {
  readonly seriesCount: number;
  readonly horizon: number;
  /** Group of each series, for instance city and measure: lends residuals to a series that has none. */
  readonly groups: readonly string[];
  /** Lower ends of these series are clipped at 0. */
  readonly nonNegative: readonly boolean[];
}

/**
 * A split-conformal prediction interval around a point forecast, from the errors of past forecasts (Vovk, Gammerman
 * and Shafer 2005; Lei et al. 2018), for each series and step of the horizon on its own.
 *
 * Scores are signed errors divided by the difficulty of their series at that time, so that intervals are wider where
 * more of the recent history was filled in, and may lie unevenly around the forecast. With n scores the ends are the
 * floor((n + 1) a/2)-th smallest and the floor((n + 1) a/2)-th largest, a = 1 - level / 100: an interval that holds
 * the next outcome with probability of at least the level when errors are exchangeable. Where a step has too few
 * scores for that (under 2/a - 1), the steps beside it are pooled, ever wider; then the series of its group; then the
 * largest error met stands in.
 */
export function calibrateInterval(
  past: readonly PastForecast[],
  current: { readonly point: Float64Array; readonly difficulty: Float64Array },
  shape: CalibrationShape,
  level: number,
): { lower: Float64Array; upper: Float64Array } {
  const { seriesCount, horizon, groups, nonNegative } = shape;
  const tail = (1 - level / 100) / 2;
  const needed = Math.ceil(1 / tail - 1 - 1e-9);
  const lower = new Float64Array(seriesCount * horizon).fill(Number.NaN);
  const upper = new Float64Array(seriesCount * horizon).fill(Number.NaN);
  const scratch = new Float64Array(past.length * horizon);
  const groupScores = new Map<string, Float64Array>();

  for (let series = 0; series < seriesCount; series++) {
    const difficulty = current.difficulty[series];
    for (let step = 0; step < horizon; step++) {
      const cell = series * horizon + step;
      const point = current.point[cell];
      if (Number.isNaN(point)) continue;
      let count = 0;
      for (let reach = 0; reach < horizon && count < needed; reach++) {
        count = gather(past, series, horizon, step - reach, count, scratch);
        if (reach > 0) count = gather(past, series, horizon, step + reach, count, scratch);
      }
      let scores: Float64Array = scratch.subarray(0, count);
      if (count < needed) {
        const group = groupScores.get(groups[series]) ?? scoresOfGroup(past, shape, groups[series]);
        groupScores.set(groups[series], group);
        if (group.length > count) scores = group;
      }
      if (scores.length === 0) continue;
      if (scores !== groupScores.get(groups[series])) scores.sort();
      const rank = Math.max(1, Math.floor((scores.length + 1) * tail + 1e-9));
      // The point forecast itself always lies inside: a run of one-sided errors must not push the interval off it.
      const low = point + Math.min(0, scores[rank - 1]) * difficulty;
      const high = point + Math.max(0, scores[scores.length - rank]) * difficulty;
      lower[cell] = nonNegative[series] ? Math.max(0, low) : low;
      upper[cell] = high;
    }
  }
  return { lower, upper };
}

/**
 * Difficulty of forecasting a series: 1 plus the share of the last `window` steps of its history that were filled in
 * or are missing, so between 1 and 2.
 */
export function historyDifficulty(
  values: Float64Array,
  filledBy: Uint8Array | undefined,
  window: number,
): number {
  const from = Math.max(0, values.length - window);
  let unread = 0;
  for (let i = from; i < values.length; i++) {
    if (Number.isNaN(values[i]) || (filledBy !== undefined && filledBy[i] > 0)) unread++;
  }
  return 1 + unread / (values.length - from);
}

// Appends the scores of one series at one step to `out` and returns the new count.
function gather(
  past: readonly PastForecast[],
  series: number,
  horizon: number,
  step: number,
  count: number,
  out: Float64Array,
): number {
  if (step < 0 || step >= horizon) return count;
  const cell = series * horizon + step;
  let next = count;
  for (let k = 0; k < past.length; k++) {
    const score = (past[k].truth[cell] - past[k].point[cell]) / past[k].difficulty[series];
    if (!Number.isNaN(score)) out[next++] = score;
  }
  return next;
}

function scoresOfGroup(past: readonly PastForecast[], shape: CalibrationShape, group: string): Float64Array {
  const { seriesCount, horizon, groups } = shape;
  const members = Array.from({ length: seriesCount }, (_, series) => series).filter(
    (series) => groups[series] === group,
  );
  const scores = new Float64Array(members.length * horizon * past.length);
  let count = 0;
  for (const series of members) {
    for (let step = 0; step < horizon; step++) count = gather(past, series, horizon, step, count, scores);
  }
  return scores.slice(0, count).sort();
}
