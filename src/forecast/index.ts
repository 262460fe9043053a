export type { Forecast, Forecaster, ForecasterSpec, ForecastModel, Interval } from './forecaster.ts';
export type { LeakageProof } from './leakageProof.ts';
