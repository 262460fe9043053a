import { cellOf, type ForecastTable, type ModelForecasts } from './forecastTable.ts';
import { kdd2018Score } from './kdd2018.ts';
import { kddDefinitions, metricDefinitions } from './pointMetrics.ts';
import type { ModelScores, Scores } from './scores.ts';
import { addTally, newTally, scoresOf, type Tally, tallyCell } from './tally.ts';

/** What to score besides the errors of every model. */
export interface ScoreOptions {
  /** Adds the score of KDD Cup 2018. Default false. */
  readonly kdd2018?: boolean | undefined;
  /** Seed of the sampled days of that score. Default 1. */
  readonly seed?: number | undefined;
  /** Number of those samples. Default 10,000. */
  readonly samples?: number | undefined;
  /** Model whose MAE the skill compares with. Default `seasonalNaive`; without it the skill is NaN. */
  readonly baseline?: string | undefined;
}

/**
 * Scores every model of a table over all points that have both a truth and a forecast: whole, and by start, series,
 * step, city and measure. Points with a truth but no forecast are counted as `missing`.
 *
 * @example
 * const scores = scoreTable(table, { kdd2018: true });
 * console.log(scores.models[0].overall.smape, scores.definitions.smape);
 */
export function scoreTable(table: ForecastTable, options: ScoreOptions = {}): Scores {
  const { kdd2018 = false, seed, samples, baseline = 'seasonalNaive' } = options;
  const reference = table.models.find(({ model }) => model === baseline);
  return {
    definitions: kdd2018 ? { ...metricDefinitions, ...kddDefinitions } : metricDefinitions,
    models: table.models.map((model) => ({
      ...scoreModel(table, model, reference),
      kdd2018: kdd2018 ? kdd2018Score(table, model.point, { seed, samples }) : undefined,
    })),
  };
}

function scoreModel(
  table: ForecastTable,
  model: ModelForecasts,
  reference: ModelForecasts | undefined,
): Omit<ModelScores, 'kdd2018'> {
  const { starts, series, horizon } = table;
  const levels = model.intervals.map(({ level }) => level);
  const byStart = starts.map(() => newTally(levels.length));
  const bySeries = series.map(() => newTally(levels.length));
  const byStep = Array.from({ length: horizon }, () => newTally(levels.length));
  const block = newTally(levels.length);
  const terms = newTally(levels.length);

  for (let start = 0; start < starts.length; start++) {
    for (let s = 0; s < series.length; s++) {
      const scale = series[s].seasonalScale;
      const first = cellOf(table, start, s, 0);
      block.fill(0);
      for (let step = 0; step < horizon; step++) {
        const cell = first + step;
        const compared = reference === undefined ? Number.NaN : reference.point[cell];
        tallyCell(terms, model, cell, table.truth[cell], scale, compared);
        addTally(block, terms);
        addTally(byStep[step], terms);
      }
      addTally(byStart[start], block);
      addTally(bySeries[s], block);
    }
  }

  const sumOf = (tallies: readonly Tally[]) => {
    const sum = newTally(levels.length);
    for (const tally of tallies) addTally(sum, tally);
    return scoresOf(sum, levels);
  };
  // Kinds in the order in which the series first have them.
  const sumsBy = (kinds: readonly string[]) =>
    [...new Set(kinds)].map((kind) => ({ kind, row: sumOf(bySeries.filter((_, s) => kinds[s] === kind)) }));
  return {
    model: model.model,
    overall: sumOf(bySeries),
    byStart: byStart.map((tally, index) => ({ start: starts[index], ...scoresOf(tally, levels) })),
    bySeries: bySeries.map((tally, index) => ({ id: series[index].id, ...scoresOf(tally, levels) })),
    byStep: byStep.map((tally, index) => ({ step: index + 1, ...scoresOf(tally, levels) })),
    byCity: sumsBy(series.map(({ city }) => city)).map(({ kind, row }) => ({ city: kind, ...row })),
    byMeasure: sumsBy(series.map(({ measure }) => measure)).map(({ kind, row }) => ({
      measure: kind,
      ...row,
    })),
  };
}
