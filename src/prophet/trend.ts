/** How the trend saturates: straight pieces, straight pieces through a logistic curve up to a cap, or a constant. */
export type Growth = 'linear' | 'logistic' | 'flat';

/** Parameters of a trend in scaled time. */
export interface TrendParameters {
  /** Rate before the first changepoint. */
  readonly k: number;
  /** Offset: the value at 0 (linear, flat), the time at which the curve crosses half the cap (logistic). */
  readonly m: number;
  /** Changes of the rate, one a changepoint. */
  readonly delta: ArrayLike<number>;
  /** Scaled times of the changepoints, ascending. */
  readonly changepoints: ArrayLike<number>;
}

/**
 * The straight pieces u(t) that a trend is made of, written to `out` for ascending scaled times. Linear: u = k t + m +
 * sum delta_j (t - s_j)+. Logistic: u = k (t - m) + the same sum, and the trend is cap / (1 + exp(-u)). Stan's program
 * has offsets gamma instead, which keep the pieces of the logistic's argument joined; joined straight pieces are this sum,
 * and it has no division by the rates.
 */
export function straightPieces(
  growth: Growth,
  { k, m, delta, changepoints }: TrendParameters,
  times: ArrayLike<number>,
  out: Float64Array,
): void {
  if (growth === 'flat') {
    out.fill(m);
    return;
  }
  let rate = k;
  let value = growth === 'logistic' ? -k * m : m;
  let origin = 0;
  let next = 0;
  for (let i = 0; i < times.length; i++) {
    const t = times[i];
    while (next < changepoints.length && changepoints[next] <= t) {
      value += rate * (changepoints[next] - origin);
      origin = changepoints[next];
      rate += delta[next];
      next++;
    }
    out[i] = value + rate * (t - origin);
  }
}

/** 1 / (1 + exp(-u)) without overflow. */
export function logistic(u: number): number {
  return u >= 0 ? 1 / (1 + Math.exp(-u)) : Math.exp(u) / (1 + Math.exp(u));
}
