export {
  type CalibrationShape,
  calibrateInterval,
  historyDifficulty,
  type PastForecast,
} from './conformal.ts';
export { type ForecasterFamily, pointForecast } from './family.ts';
export { type FoldStore, openFoldStore } from './foldStore.ts';
export type {
  ComponentCurve,
  Forecast,
  Forecaster,
  ForecasterSpec,
  ForecastModel,
  Interval,
} from './forecaster.ts';
export { forecastPanel, type PanelForecast, type PanelForecastOptions } from './forecastPanel.ts';
export type { LeakageProof } from './leakageProof.ts';
export { proveNoLeak } from './proveNoLeak.ts';
export { createForecaster, forecasterFamilies, modelName, parseModels } from './registry.ts';
export { type RollingOptions, type RollingTable, rollingForecast } from './rollingForecast.ts';
export { windowSets } from './windows.ts';
