export type { ProphetRows } from './axis.ts';
export { fitProphet, type ProphetData, prophetFitter } from './fit.ts';
export type { FittedRegressor, ProphetModel } from './model.ts';
export { loadProphet, readProphet, saveProphet, writeProphet } from './modelJson.ts';
export type {
  HolidayOptions,
  Mode,
  ProphetOptions,
  RegressorOptions,
  ResolvedOptions,
  Seasonality,
  SeasonalityOptions,
  SeasonalitySwitch,
} from './options.ts';
export {
  type PredictOptions,
  type ProphetComponent,
  type ProphetForecast,
  predictProphet,
} from './predict.ts';
export type { ProphetIntervals } from './simulate.ts';
