import { usageError } from '../core/errors.ts';
import type { ResolvedOptions } from './options.ts';

/**
 * Times at which the trend may bend, ascending: those given, or `changepoints` of them spread over the first
 * `changepointRange` of the rows, on rows that have a value; fewer when there are not so many rows.
 *
 * @param times of the rows that have a value, ascending.
 * @throws TrainyardError of kind `usage` for a changepoint outside the history.
 */
export function placeChangepoints(options: ResolvedOptions, times: Float64Array): number[] {
  const { changepoints, changepointRange, growth } = options;
  if (growth === 'flat') return [];
  if (typeof changepoints !== 'number') {
    const first = times[0];
    const last = times[times.length - 1];
    const outside = changepoints.find((time) => time < first || time > last);
    if (outside !== undefined) {
      const [found, from, to] = [outside, first, last].map((time) => new Date(time).toISOString());
      throw usageError(`changepoint ${found} lies outside the history, which runs from ${from} to ${to}`);
    }
    return [...changepoints].sort((a, b) => a - b);
  }
  const candidates = Math.floor(times.length * changepointRange);
  const count = Math.min(changepoints, candidates - 1);
  if (count <= 0) return [];
  const step = (candidates - 1) / count;
  return Array.from({ length: count }, (_, i) =>
    i + 1 === count ? times[candidates - 1] : times[roundHalfToEven((i + 1) * step)],
  );
}

// As numpy rounds, so that changepoints fall on the same rows as Prophet's.
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
