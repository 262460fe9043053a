import { type RandomStream, randomStream } from '../core/random.ts';
import type { ProphetModel } from './model.ts';
import { logistic } from './trend.ts';

/** The expected future, a value a row in order of time. */
export interface ExpectedRows {
  /** Scaled: 1 is the end of the history. */
  readonly times: Float64Array;
  /** Straight pieces of the trend, scaled. */
  readonly pieces: Float64Array;
  readonly floor: Float64Array;
  /** Above the floor; absent unless growth is logistic. */
  readonly cap: Float64Array | undefined;
  readonly additive: Float64Array;
  readonly multiplicative: Float64Array;
}

/** Ends of intervals, a value a row. */
export interface ProphetIntervals {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly trendLower: Float64Array;
  readonly trendUpper: Float64Array;
}

/**
 * Simulates futures and takes the ends of the interval from them, row by row. After the history bends come as a
 * Poisson process with the density of the changepoints over the history, each by a Laplace draw of the mean
 * absolute size of the past; noise is normal. Draws are keyed by seed and sample: the same whatever the order.
 */
export function simulateIntervals(
  model: ProphetModel,
  rows: ExpectedRows,
  { intervalWidth, samples, seed }: { intervalWidth: number; samples: number; seed: number },
): ProphetIntervals {
  const length = rows.times.length;
  const trends = Array.from({ length }, () => new Float64Array(samples));
  const values = Array.from({ length }, () => new Float64Array(samples));
  for (let sample = 0; sample < samples; sample++) {
    const random = randomStream(seed, 'prophet future', sample);
    let value = 0;
    let rate = 0;
    let origin = 1;
    let next = nextBend(model, 1, random);
    for (let i = 0; i < length; i++) {
      const t = rows.times[i];
      while (next <= t) {
        value += rate * (next - origin);
        origin = next;
        rate += laplace(random) * meanChange(model);
        next = nextBend(model, next, random);
      }
      const piece = rows.pieces[i] + (t > 1 ? value + rate * (t - origin) : 0);
      const trend = (rows.cap ? rows.cap[i] * logistic(piece) : piece * model.valueScale) + rows.floor[i];
      const noise = random.normal() * model.sigma * model.valueScale;
      trends[i][sample] = trend;
      values[i][sample] = trend * (1 + rows.multiplicative[i]) + rows.additive[i] + noise;
    }
  }
  const low = (1 - intervalWidth) / 2;
  const ends = (drawn: readonly Float64Array[], share: number) =>
    Float64Array.from(drawn, (draws) => quantileOfSorted(draws, share));
  for (const draws of [...trends, ...values]) draws.sort();
  return {
    lower: ends(values, low),
    upper: ends(values, 1 - low),
    trendLower: ends(trends, low),
    trendUpper: ends(trends, 1 - low),
  };
}

function meanChange({ delta }: ProphetModel): number {
  return delta.reduce((sum, change) => sum + Math.abs(change), 0) / delta.length;
}

function nextBend({ delta, options }: ProphetModel, after: number, random: RandomStream): number {
  if (delta.length === 0 || options.growth === 'flat') return Number.POSITIVE_INFINITY;
  return after - Math.log(1 - random.uniform()) / delta.length;
}

function laplace(random: RandomStream): number {
  const u = random.uniform() - 0.5;
  return -Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
}

// Between the draws on either side, in proportion.
function quantileOfSorted(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
