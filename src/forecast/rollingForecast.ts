import { usageError } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { mapOnWorkers, moduleBeside } from '../core/workerPool.ts';
import { quickSteps, stepsScope } from '../impute/chain.ts';
import type { StepSpec } from '../impute/step.ts';
import type { ForecastTable } from '../metrics/forecastTable.ts';
import { seasonalScale } from '../metrics/pointMetrics.ts';
import { slotsPerDay } from '../panel/localTime.ts';
import { indexAt, type Panel, timeAt, withoutFills } from '../panel/panel.ts';
import { formatTime } from '../panel/timeText.ts';
import type { FoldStore } from './foldStore.ts';
import type { Fold, FoldPlan, FoldSettings, FoldTask, IntervalTask } from './folds.ts';
import { truthAfter } from './folds.ts';
import type { ForecasterSpec } from './forecaster.ts';
import { createForecaster, modelName } from './registry.ts';

/** How forecasts roll over a panel. */
export interface RollingOptions {
  readonly models: readonly ForecasterSpec[];
  /** First steps of the forecasts, milliseconds since 1970 UTC, ascending and evenly spaced. */
  readonly starts: readonly number[];
  /** Distance between starts, milliseconds; also that of the earlier forecasts that calibrate intervals. */
  readonly every: number;
  /** Steps forecast from each start. */
  readonly horizon: number;
  /** Held back before each start as a live feed would, milliseconds. Default 0. */
  readonly delay?: number | undefined;
  /** Models are fitted anew at every so many starts. Default 1. */
  readonly refit?: number | undefined;
  /** A start at which they are, from which `refit` counts both ways. Default the first. */
  readonly fitAt?: number | undefined;
  /** Imputation inside each fold. Default `quickSteps`. */
  readonly steps?: readonly StepSpec[] | undefined;
  /** Levels of the prediction intervals, percent. Default 80 and 95; none for no intervals. */
  readonly levels?: readonly number[] | undefined;
  /** Earlier forecasts that calibrate the intervals of each. Default 28. */
  readonly calibration?: number | undefined;
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
  /** Keeps finished folds, so that an interrupted run goes on where it stopped. */
  readonly store?: FoldStore | undefined;
}

/** Forecasts from every start, and the earlier ones that calibrated their intervals. */
export interface RollingTable extends ForecastTable {
  /** Point forecasts from before the first start; absent when intervals were not asked for or history is short. */
  readonly calibration?: ForecastTable | undefined;
}

/** Stands in for parts of a run in a proof of no leakage. */
export interface RunVariant {
  /** Overwrites everything after each cutoff by garbage of this seed. */
  readonly garbageSeed?: number | undefined;
  /** Module whose `forecastFolds` and `calibrateFold` run; tests put in one that peeks. */
  readonly module?: URL | undefined;
}

/**
 * Forecasts from each start with nothing but the past: imputation, fitting and interval calibration all happen inside
 * the fold. Cells of the panel that another run filled in count as missing, since they were filled with knowledge of
 * what came later. The numbers do not depend on the number of workers.
 *
 * @throws TrainyardError of kind `usage` for options that make no sense or starts outside the panel.
 */
export async function rollingForecast(panel: Panel, options: RollingOptions): Promise<RollingTable> {
  return runForecast(panel, options);
}

/** What {@link rollingForecast} does, or a variant of it. */
export async function runForecast(
  panel: Panel,
  options: RollingOptions,
  variant?: RunVariant,
): Promise<RollingTable> {
  const readings = withoutFills(panel);
  const plan = planFolds(readings, options);
  await runFolds(readings, plan, options, variant);
  return tableOf(readings, plan);
}

/** Checks the options and lays out folds and shared results. */
export function planFolds(panel: Panel, options: RollingOptions): FoldPlan {
  const {
    models,
    starts,
    every,
    horizon,
    delay = 0,
    refit = 1,
    fitAt = starts[0],
    levels = [80, 95],
    calibration = 28,
  } = options;
  assertCount('horizon', horizon, 1);
  assertCount('refit', refit, 1);
  assertCount('calibration', calibration, 0);
  if (models.length === 0) throw usageError('no models', 'name at least one, for instance medianOfMedians');
  if (starts.length === 0) throw usageError('no forecast starts', 'give --from no later than --to');
  const everySteps = every / panel.step;
  const delaySteps = delay / panel.step;
  if (!Number.isInteger(everySteps) || everySteps < 1) {
    throw usageError(
      `invalid every: ${every / 60_000} minutes; expected a multiple of the step of ${panel.step / 60_000} minutes`,
    );
  }
  if (!Number.isInteger(delaySteps) || delaySteps < 0) {
    throw usageError(
      `invalid delay: ${delay / 60_000} minutes; expected 0 or a multiple of the step of ${panel.step / 60_000} minutes`,
    );
  }
  for (const level of levels) {
    if (!(level > 0 && level < 100))
      throw usageError(`invalid level: ${level}; expected a percentage between 0 and 100`);
  }
  const cutoffs = starts.map((start) => cutoffOf(panel, start, delaySteps));
  const fitIndex = starts.indexOf(fitAt);
  if (fitIndex < 0) throw usageError(`invalid fitAt: ${formatTime(fitAt)}; expected one of the starts`);
  const needed = neededHistory(panel, models);
  const earlier: number[] = [];
  if (levels.length > 0) {
    for (let k = 1; k <= calibration; k++) {
      const cutoff = cutoffs[0] - k * everySteps;
      if (cutoff + 1 < needed) break;
      earlier.unshift(cutoff);
    }
  }
  const folds = [...earlier, ...cutoffs].map((cutoff, position) => ({ position, cutoff }));
  const cells = folds.length * models.length * panel.series.length * horizon;
  const groups = new Map<number, Fold[]>();
  for (const fold of folds) {
    const group = Math.floor((fold.position - earlier.length - fitIndex) / refit);
    groups.set(group, [...(groups.get(group) ?? []), fold]);
  }
  return {
    settings: { models, steps: options.steps ?? quickSteps, horizon, delay: delaySteps, levels },
    folds,
    groups: [...groups.values()],
    calibrationFolds: earlier.length,
    calibration,
    output: {
      points: sharedNaN(cells),
      difficulty: sharedNaN(folds.length * panel.series.length),
      lower: levels.map(() => sharedNaN(cells)),
      upper: levels.map(() => sharedNaN(cells)),
    },
  };
}

/** Steps of history without which no forecast is made: what the models need, and a day. */
export function neededHistory(panel: Panel, models: readonly ForecasterSpec[]): number {
  return Math.max(slotsPerDay(panel), ...models.map((spec) => createForecaster(spec).minHistory(panel)));
}

/** Runs every fold of a plan, then calibrates the intervals, on the worker pool. */
export async function runFolds(
  panel: Panel,
  plan: FoldPlan,
  { workers, signal, onProgress, store }: Pick<RollingOptions, 'workers' | 'signal' | 'onProgress' | 'store'>,
  { garbageSeed, module = moduleBeside(import.meta.url, './folds') }: RunVariant = {},
): Promise<void> {
  const { settings, folds, groups, output } = plan;
  const stage = garbageSeed === undefined ? 'forecasting' : 'proving';
  const done = new Set(await store?.load(plan));
  const tasks: FoldTask[] = groups
    .filter((group) => group.some(({ position }) => !done.has(position)))
    .flatMap((group) =>
      seriesRanges(panel, settings, groups.length).map((seriesRange) => ({
        panel,
        settings,
        output,
        seriesRange,
        folds: group,
        garbageSeed,
      })),
    );
  const partsLeft = new Map<number, number>();
  for (const task of tasks) {
    const [{ position }] = task.folds;
    partsLeft.set(position, (partsLeft.get(position) ?? 0) + 1);
  }
  await mapOnWorkers<FoldTask, void>(module, 'forecastFolds', tasks, {
    workers,
    signal,
    onProgress,
    stage,
    unit: 'folds',
    async onResult(_result, index) {
      const { folds: finished } = tasks[index];
      const left = (partsLeft.get(finished[0].position) ?? 0) - 1;
      partsLeft.set(finished[0].position, left);
      if (left === 0) for (const { position } of finished) await store?.save(plan, position);
    },
  });

  if (settings.levels.length === 0) return;
  const intervals: IntervalTask[] = folds.slice(plan.calibrationFolds).map((fold) => ({
    panel,
    settings,
    output,
    ...fold,
    past: folds.filter(({ position }) => position < fold.position).slice(-plan.calibration),
    garbageSeed,
  }));
  await mapOnWorkers<IntervalTask, void>(module, 'calibrateFold', intervals, {
    workers,
    signal,
    onProgress,
    stage: `${stage} intervals`,
    unit: 'folds',
  });
}

/** The results of a plan that has run as tables. */
export function tableOf(panel: Panel, plan: FoldPlan): RollingTable {
  const { folds, calibrationFolds } = plan;
  const firstCutoff = folds[calibrationFolds].cutoff;
  const series = panel.series.map(({ values, filledBy, ...attributes }) => ({
    ...attributes,
    seasonalScale: seasonalScale(values.subarray(0, firstCutoff + 1), slotsPerDay(panel)),
  }));
  const calibration =
    calibrationFolds > 0
      ? tableOfFolds(panel, plan, folds.slice(0, calibrationFolds), series, [])
      : undefined;
  return {
    ...tableOfFolds(panel, plan, folds.slice(calibrationFolds), series, plan.settings.levels),
    calibration,
  };
}

function tableOfFolds(
  panel: Panel,
  { settings, output }: FoldPlan,
  folds: readonly Fold[],
  series: ForecastTable['series'],
  levels: readonly number[],
): ForecastTable {
  const { models, horizon, delay } = settings;
  const size = series.length * horizon;
  const truth = new Float64Array(folds.length * size);
  for (const [index, { cutoff }] of folds.entries()) {
    truth.set(truthAfter(panel, cutoff + delay + 1, horizon, panel.length - 1), index * size);
  }
  // From [fold][model][series][horizon] to one array a model.
  const ofModel = (all: Float64Array, model: number) => {
    const own = new Float64Array(folds.length * size);
    for (const [index, { position }] of folds.entries()) {
      const offset = (position * models.length + model) * size;
      own.set(all.subarray(offset, offset + size), index * size);
    }
    return own;
  };
  return {
    starts: folds.map(({ cutoff }) => timeAt(panel, cutoff + delay + 1)),
    cutoffs: folds.map(({ cutoff }) => timeAt(panel, cutoff)),
    step: panel.step,
    horizon,
    series,
    truth,
    models: models.map((spec, index) => ({
      model: modelName(spec),
      point: ofModel(output.points, index),
      intervals: levels.map((level, k) => ({
        level,
        lower: ofModel(output.lower[k], index),
        upper: ofModel(output.upper[k], index),
      })),
    })),
  };
}

// Series are spread over tasks only where folds alone would leave workers idle; either way the numbers are the same.
function seriesRanges(panel: Panel, { models, steps }: FoldSettings, groups: number): [number, number][] {
  const count = panel.series.length;
  const independent =
    stepsScope(steps) === 'series' && models.every((spec) => createForecaster(spec).scope === 'series');
  const parts = independent && groups < 8 ? Math.min(count, Math.ceil(8 / groups)) : 1;
  return Array.from({ length: parts }, (_, k) => [
    Math.floor((k * count) / parts),
    Math.floor(((k + 1) * count) / parts),
  ]);
}

/**
 * Last step that a forecast from `start` may see, `delay` steps held back.
 *
 * @throws TrainyardError of kind `usage` when the start is outside the panel or between two of its steps.
 */
export function cutoffOf(panel: Panel, start: number, delay: number): number {
  const index = indexAt(panel, start);
  const cutoff = index - 1 - delay;
  if (index > panel.length || cutoff < 0) {
    const [first, last] = [timeAt(panel, 1 + delay), timeAt(panel, panel.length)];
    throw usageError(
      `forecast start ${formatTime(start)} is outside the data`,
      `the data allows starts from ${formatTime(first)} to ${formatTime(last)} UTC`,
    );
  }
  return cutoff;
}

function assertCount(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw usageError(`invalid ${name}: ${value}; expected a whole number of at least ${least}`);
  }
}

function sharedNaN(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length)).fill(Number.NaN);
}
