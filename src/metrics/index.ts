export { cellOf, type ForecastSeries, type ForecastTable, type ModelForecasts } from './forecastTable.ts';
export type { KddScore, ModelScores, ScoreRow, Scores } from './scores.ts';
