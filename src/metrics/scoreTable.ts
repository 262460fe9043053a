import { cellOf, type ForecastTable, type ModelForecasts } from './forecastTable.ts';
import { kdd2018Score } from './kdd2018.ts';
import { metricDefinitions, pinball, smape } from './pointMetrics.ts';
import type { ModelScores, ScoreRow, Scores } from './scores.ts';

/** What to score besides the errors of every model. */
export interface ScoreOptions {
  /** Adds the score of KDD Cup 2018. Default false. */
  readonly kdd2018?: boolean | undefined;
  /** Seed of the sampled days of that score. Default 1. */
  readonly seed?: number | undefined;
  /** Model whose MAE the skill compares with. Default `seasonalNaive`; without it the skill is NaN. */
  readonly baseline?: string | undefined;
}

/**
 * Scores every model of a table over all points that have both a truth and a forecast: whole, and by start, series,
 * step, city and measure.
 *
 * @example
 * const scores = scoreTable(table, { kdd2018: true });
 */
export function scoreTable(table: ForecastTable, options: ScoreOptions = {}): Scores {
  const baseline = table.models.find(({ model }) => model === (options.baseline ?? 'seasonalNaive'));
  return {
    definitions: metricDefinitions,
    models: table.models.map((model) => ({
      ...scoreModel(table, model, baseline),
      kdd2018: options.kdd2018 ? kdd2018Score(table, model.point, { seed: options.seed }) : undefined,
    })),
  };
}

function scoreModel(table: ForecastTable, model: ModelForecasts, baseline: ModelForecasts | undefined) {
  const cities = [...new Set(table.series.map(({ city }) => city))];
  const measures = [...new Set(table.series.map(({ measure }) => measure))];
  const cityOf = table.series.map(({ city }) => cities.indexOf(city));
  const measureOf = table.series.map(({ measure }) => measures.indexOf(measure));
  const levels = model.intervals.map(({ level }) => level);
  const make = (count: number) => Array.from({ length: count }, () => new Tally(levels.length));
  const overall = new Tally(levels.length);
  const byStart = make(table.starts.length);
  const bySeries = make(table.series.length);
  const byStep = make(table.horizon);
  const byCity = make(cities.length);
  const byMeasure = make(measures.length);

  for (let start = 0; start < table.starts.length; start++) {
    for (let series = 0; series < table.series.length; series++) {
      const scale = table.series[series].seasonalScale;
      for (let step = 0; step < table.horizon; step++) {
        const cell = cellOf(table, start, series, step);
        const actual = table.truth[cell];
        const predicted = model.point[cell];
        if (Number.isNaN(actual) || Number.isNaN(predicted)) continue;
        const reference = baseline ? Math.abs(actual - baseline.point[cell]) : Number.NaN;
        overall.add(actual, predicted, scale, reference, model, cell);
        byStart[start].add(actual, predicted, scale, reference, model, cell);
        bySeries[series].add(actual, predicted, scale, reference, model, cell);
        byStep[step].add(actual, predicted, scale, reference, model, cell);
        byCity[cityOf[series]].add(actual, predicted, scale, reference, model, cell);
        byMeasure[measureOf[series]].add(actual, predicted, scale, reference, model, cell);
      }
    }
  }

  return {
    model: model.model,
    overall: overall.row(levels),
    byStart: byStart.map((tally, index) => ({ start: table.starts[index], ...tally.row(levels) })),
    bySeries: bySeries.map((tally, index) => ({ id: table.series[index].id, ...tally.row(levels) })),
    byStep: byStep.map((tally, index) => ({ step: index + 1, ...tally.row(levels) })),
    byCity: byCity.map((tally, index) => ({ city: cities[index], ...tally.row(levels) })),
    byMeasure: byMeasure.map((tally, index) => ({ measure: measures[index], ...tally.row(levels) })),
  } satisfies Omit<ModelScores, 'kdd2018'>;
}

// Sums over points; a class because six of them are fed from one loop that must not allocate.
class Tally {
  private points = 0;
  private symmetric = 0;
  private absolute = 0;
  private squared = 0;
  private scaled = 0;
  private scaledPoints = 0;
  private reference = 0;
  private comparable = 0;
  private pinballs = 0;
  private pinballPoints = 0;
  private readonly inside: Float64Array;
  private readonly width: Float64Array;
  private readonly bounded: Float64Array;

  constructor(levels: number) {
    this.inside = new Float64Array(levels);
    this.width = new Float64Array(levels);
    this.bounded = new Float64Array(levels);
  }

  add(
    actual: number,
    predicted: number,
    scale: number,
    reference: number,
    model: ModelForecasts,
    cell: number,
  ): void {
    const error = Math.abs(actual - predicted);
    this.points++;
    this.symmetric += smape(actual, predicted);
    this.absolute += error;
    this.squared += error * error;
    if (scale > 0) {
      this.scaled += error / scale;
      this.scaledPoints++;
    }
    if (!Number.isNaN(reference)) {
      this.reference += reference;
      this.comparable += error;
    }
    for (let k = 0; k < model.intervals.length; k++) {
      const { level, lower, upper } = model.intervals[k];
      const [low, high] = [lower[cell], upper[cell]];
      if (Number.isNaN(low) || Number.isNaN(high)) continue;
      const tail = (1 - level / 100) / 2;
      this.bounded[k]++;
      this.inside[k] += low <= actual && actual <= high ? 1 : 0;
      this.width[k] += high - low;
      this.pinballs += pinball(actual, low, tail) + pinball(actual, high, 1 - tail);
      this.pinballPoints += 2;
    }
  }

  row(levels: readonly number[]): ScoreRow {
    const byLevel = (sums: Float64Array) =>
      Object.fromEntries(levels.map((level, k) => [level, sums[k] / this.bounded[k]]));
    return {
      points: this.points,
      smape: this.symmetric / this.points,
      mae: this.absolute / this.points,
      rmse: Math.sqrt(this.squared / this.points),
      mase: this.scaled / this.scaledPoints,
      pinball: this.pinballs / this.pinballPoints,
      coverage: byLevel(this.inside),
      width: byLevel(this.width),
      skill: 1 - this.comparable / this.reference,
    };
  }
}
