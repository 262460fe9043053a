import { selectInPlace } from '../core/medianInPlace.ts';

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
 * scores for that (under 2/a - 1: 9 at 80 %, 39 at 95 %), those of the steps beside it are pooled, ever wider; a
 * series with too few at all steps together takes those of its whole group; where even these are too few the largest
 * error met stands in. Without any score the interval is NaN.
 *
 * @param current the forecast to put intervals around, `point` as in {@link PastForecast}.
 * @param level percent of outcomes that the interval is to hold, between 0 and 100.
 * @returns both ends, `[series][horizon]`; NaN where the point forecast is.
 * @example
 * const past = [{ point, truth, difficulty: Float64Array.of(1) }];
 * const shape = { seriesCount: 1, horizon: 48, groups: ['PM2.5'], nonNegative: [true] };
 * const { lower, upper } = calibrateInterval(past, { point: next, difficulty: Float64Array.of(1) }, shape, 80);
 */
export function calibrateInterval(
  past: readonly PastForecast[],
  current: { readonly point: Float64Array; readonly difficulty: Float64Array },
  shape: CalibrationShape,
  level: number,
): { lower: Float64Array; upper: Float64Array } {
  const { seriesCount, horizon, groups, nonNegative } = shape;
  const tail = (1 - level / 100) / 2;
  // Roundings aside: 2/a - 1 must come out as 39 for 95 %.
  const needed = Math.ceil(1 / tail - 1 - 1e-9);
  const lower = new Float64Array(seriesCount * horizon).fill(Number.NaN);
  const upper = new Float64Array(seriesCount * horizon).fill(Number.NaN);
  const own = new Float64Array(past.length * horizon);
  const sortedByGroup = new Map<string, Float64Array>();

  for (let series = 0; series < seriesCount; series++) {
    const difficulty = current.difficulty[series];
    for (let step = 0; step < horizon; step++) {
      const cell = series * horizon + step;
      const point = current.point[cell];
      if (Number.isNaN(point)) continue;
      let count = gatherAround(past, series, horizon, step, needed, own);
      let scores: Float64Array = own;
      if (count < needed) {
        const group = sortedByGroup.get(groups[series]) ?? scoresOfGroup(past, shape, groups[series]);
        sortedByGroup.set(groups[series], group);
        if (group.length > count) {
          scores = group;
          count = group.length;
        }
      }
      if (count === 0) continue;
      const rank = Math.max(1, Math.floor((count + 1) * tail + 1e-9));
      const lowest = scores === own ? selectInPlace(own, count, rank - 1) : scores[rank - 1];
      const highest = scores === own ? selectInPlace(own, count, count - rank) : scores[count - rank];
      // The point forecast itself always lies inside: a run of one-sided errors must not push the interval off it.
      const low = point + Math.min(0, lowest) * difficulty;
      lower[cell] = nonNegative[series] ? Math.max(0, low) : low;
      upper[cell] = point + Math.max(0, highest) * difficulty;
    }
  }
  return { lower, upper };
}

/**
 * Difficulty of forecasting a series: 1 plus the share of the last `window` steps of its history that were filled in
 * or are missing, so between 1 and 2.
 *
 * @param filledBy as in a panel's series; `undefined` where nothing was filled.
 * @example
 * historyDifficulty(Float64Array.of(3, NaN, 5, 6), Uint8Array.of(0, 0, 1, 0), 4) // 1.5
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

// Scores of a series at one step and, until they are enough, at the steps beside it.
function gatherAround(
  past: readonly PastForecast[],
  series: number,
  horizon: number,
  step: number,
  needed: number,
  out: Float64Array,
): number {
  let count = 0;
  for (let reach = 0; reach < horizon && count < needed; reach++) {
    count = gather(past, series, horizon, step - reach, count, out);
    if (reach > 0) count = gather(past, series, horizon, step + reach, count, out);
  }
  return count;
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
