import type { ModelForecasts } from './forecastTable.ts';
import { pinball, smape } from './pointMetrics.ts';
import type { ScoreRow } from './scores.ts';

/**
 * Running sums over scored points, one array so that tallies are added as wholes: the fields of `at`, then those of
 * `perLevel` for each interval.
 */
export type Tally = Float64Array;

const at = {
  points: 0,
  missing: 1,
  symmetric: 2,
  absolute: 3,
  squared: 4,
  scaled: 5,
  scaledPoints: 6,
  reference: 7,
  comparable: 8,
  pinball: 9,
  bounds: 10,
} as const;
const perLevel = { bounded: 0, inside: 1, width: 2 } as const;
const commonFields = Object.keys(at).length;
const fieldsPerLevel = Object.keys(perLevel).length;

/** A tally of nothing, for a number of interval levels. */
export function newTally(levels: number): Tally {
  return new Float64Array(commonFields + levels * fieldsPerLevel);
}

/** Adds one tally to another. */
export function addTally(sums: Tally, added: Tally): void {
  for (let i = 0; i < sums.length; i++) sums[i] += added[i];
}

/**
 * Makes `terms` the tally of one cell. A cell without truth is a tally of nothing; one without forecast counts as
 * missing only.
 *
 * @param scale of MASE; the cell has no MASE unless it is above 0.
 * @param reference forecast that the skill compares with, NaN for none.
 */
export function tallyCell(
  terms: Tally,
  { point, intervals }: ModelForecasts,
  cell: number,
  actual: number,
  scale: number,
  reference: number,
): void {
  terms.fill(0);
  if (Number.isNaN(actual)) return;
  const predicted = point[cell];
  if (Number.isNaN(predicted)) {
    terms[at.missing] = 1;
    return;
  }
  const error = Math.abs(actual - predicted);
  terms[at.points] = 1;
  terms[at.symmetric] = smape(actual, predicted);
  terms[at.absolute] = error;
  terms[at.squared] = error * error;
  if (scale > 0) {
    terms[at.scaled] = error / scale;
    terms[at.scaledPoints] = 1;
  }
  if (!Number.isNaN(reference)) {
    terms[at.reference] = Math.abs(actual - reference);
    terms[at.comparable] = error;
  }
  for (let k = 0; k < intervals.length; k++) {
    const lower = intervals[k].lower[cell];
    const upper = intervals[k].upper[cell];
    if (Number.isNaN(lower) || Number.isNaN(upper)) continue;
    const tail = (1 - intervals[k].level / 100) / 2;
    const field = commonFields + k * fieldsPerLevel;
    terms[field + perLevel.bounded] = 1;
    terms[field + perLevel.inside] = lower <= actual && actual <= upper ? 1 : 0;
    terms[field + perLevel.width] = upper - lower;
    terms[at.pinball] += pinball(actual, lower, tail) + pinball(actual, upper, 1 - tail);
    terms[at.bounds] += 2;
  }
}

/** The scores of everything in a tally. */
export function scoresOf(sums: Tally, levels: readonly number[]): ScoreRow {
  const shareBounded = (field: number) =>
    Object.fromEntries(
      levels.map((level, k) => {
        const first = commonFields + k * fieldsPerLevel;
        return [level, sums[first + field] / sums[first + perLevel.bounded]];
      }),
    );
  return {
    points: sums[at.points],
    missing: sums[at.missing],
    smape: sums[at.symmetric] / sums[at.points],
    mae: sums[at.absolute] / sums[at.points],
    rmse: Math.sqrt(sums[at.squared] / sums[at.points]),
    mase: sums[at.scaled] / sums[at.scaledPoints],
    pinball: sums[at.pinball] / sums[at.bounds],
    coverage: shareBounded(perLevel.inside),
    width: shareBounded(perLevel.width),
    skill: 1 - sums[at.comparable] / sums[at.reference],
  };
}
