/**
 * The value below which a share `alpha` of the values lies, interpolated between neighbours.
 *
 * Source: LightGBM `PercentileFun`; ranks count from the largest.
 *
 * @param values At least one; sorted in place.
 * @param round Rounding of the arithmetic: `Math.fround` for labels, none for residuals.
 */
export function percentile(
  values: Float64Array,
  alpha: number,
  round: (value: number) => number = identity,
): number {
  const count = values.length;
  if (count === 1) return values[0];
  values.sort();
  const position = (count - 1) * (1 - alpha);
  const rank = Math.trunc(position) + 1;
  if (rank < 1) return values[count - 1];
  if (rank >= count) return values[0];
  const above = values[count - rank];
  const below = values[count - rank - 1];
  return round(above - round(above - below) * (position - (rank - 1)));
}

/**
 * The same for weighted values.
 *
 * Source: LightGBM `WeightedPercentileFun`.
 */
export function weightedPercentile(
  values: Float64Array,
  weights: Float64Array,
  alpha: number,
  round: (value: number) => number = identity,
): number {
  const count = values.length;
  if (count === 1) return values[0];
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const cumulated = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += weights[order[i]];
    cumulated[i] = sum;
  }
  const threshold = sum * alpha;
  let position = cumulated.findIndex((total) => total > threshold);
  if (position < 0) position = count - 1;
  if (position === 0 || position === count - 1) return values[order[position]];
  const below = values[order[position - 1]];
  const above = values[order[position]];
  const step = cumulated[position] - cumulated[position - 1];
  if (!(step >= 1)) return below;
  return round(((threshold - cumulated[position - 1]) / step) * round(above - below) + below);
}

function identity(value: number): number {
  return value;
}
