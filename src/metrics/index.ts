export {
  cellOf,
  type ForecastSeries,
  type ForecastTable,
  type ModelForecasts,
  selectStarts,
} from './forecastTable.ts';
export { kdd2018Score } from './kdd2018.ts';
export { kddDefinitions, metricDefinitions, pinball, seasonalScale, smape } from './pointMetrics.ts';
export type { KddScore, ModelScores, ScoreRow, Scores } from './scores.ts';
export { type ScoreOptions, scoreTable } from './scoreTable.ts';
