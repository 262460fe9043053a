import { imputePanel } from '../../impute/chain.ts';
import { pointForecast } from '../family.ts';
import {
  calibrateFold as calibrateHonestly,
  type FoldTask,
  type FoldTools,
  forecastFolds as forecastHonestly,
  type IntervalTask,
} from '../folds.ts';
import { createForecaster } from '../registry.ts';

/**
 * Stands in for `folds.ts` with tools that peek: a slice shares the storage of its panel, so a view can be stretched
 * past its end. The model called `naive` peeks; imputation with a step called `mean` does.
 */
export function forecastFolds(task: FoldTask): void {
  forecastHonestly(task, leakingTools);
}

/** Intervals as they are. */
export function calibrateFold(task: IntervalTask): void {
  calibrateHonestly(task);
}

const leakingTools: FoldTools = {
  make(spec) {
    const honest = createForecaster(spec);
    if (spec.name !== 'naive') return honest;
    return {
      ...honest,
      fit: (fitted) => ({
        predict: (horizon, history = fitted) =>
          pointForecast(history, horizon, ({ values }, point) => {
            const future = stretched(values, horizon).subarray(values.length);
            point.set(future);
          }),
      }),
    };
  },
  impute(history, steps) {
    if (!steps.some(({ name }) => name === 'mean')) return imputePanel(history, steps);
    // Scales the whole history by what came the day after it.
    const series = history.series.map((one) => {
      const next = stretched(one.values, 24).subarray(one.values.length);
      const level = next.reduce((sum, value) => sum + (Number.isFinite(value) ? value : 0), 0);
      return { ...one, values: one.values.map((value) => value + level / 1e6) };
    });
    return { ...history, series };
  },
};

function stretched({ buffer, byteOffset, length }: Float64Array, extra: number): Float64Array {
  const available = (buffer.byteLength - byteOffset) / 8;
  return new Float64Array(buffer, byteOffset, Math.min(length + extra, available));
}
