import type { Panel } from '../panel/panel.ts';
import type { ComponentCurve, ForecasterSpec } from './forecaster.ts';
import { createForecaster, modelName } from './registry.ts';

/** Parts of the forecasts of those models whose forecasts have some, `[series]` each. */
export function componentsOf(
  history: Panel,
  { models, horizon }: { readonly models: readonly ForecasterSpec[]; readonly horizon: number },
): { model: string; series: readonly (readonly ComponentCurve[])[] }[] {
  return models.flatMap((spec) => {
    const series = createForecaster(spec).components?.(history, horizon);
    return series ? [{ model: modelName(spec), series }] : [];
  });
}
