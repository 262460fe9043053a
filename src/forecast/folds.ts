import { randomStream } from '../core/random.ts';
import { imputePanel } from '../impute/chain.ts';
import type { StepSpec } from '../impute/step.ts';
import { isConcentration } from '../panel/measures.ts';
import { day, type Panel, slicePanel } from '../panel/panel.ts';
import {
  type CalibrationShape,
  calibrateInterval,
  historyDifficulty,
  type PastForecast,
} from './conformal.ts';
import type { Forecaster, ForecasterSpec } from './forecaster.ts';
import { createForecaster } from './registry.ts';

/** A moment at which forecasts are made. */
export interface Fold {
  /** Its place in the output. */
  readonly position: number;
  /** Last step the forecaster may see. */
  readonly cutoff: number;
}

/** What is the same in every fold of a rolling forecast. */
export interface FoldSettings {
  readonly models: readonly ForecasterSpec[];
  readonly steps: readonly StepSpec[];
  readonly horizon: number;
  /** Steps between the last one seen and the first one forecast, less one. */
  readonly delay: number;
  readonly levels: readonly number[];
}

/** Results of all folds in shared memory; fold `f` of `F` writes the `f`-th part of each array. */
export interface FoldOutput {
  /** `[fold][model][series][horizon]` */
  readonly points: Float64Array;
  /** `[fold][series]` */
  readonly difficulty: Float64Array;
  /** `[level][fold][model][series][horizon]` each. */
  readonly lower: readonly Float64Array[];
  readonly upper: readonly Float64Array[];
}

/** The folds of a rolling forecast, and where their results go. */
export interface FoldPlan {
  readonly settings: FoldSettings;
  /** All folds, calibration first, ascending. */
  readonly folds: readonly Fold[];
  /** The same folds, those that share one fit together. */
  readonly groups: readonly (readonly Fold[])[];
  /** Number of folds that only calibrate. */
  readonly calibrationFolds: number;
  readonly calibration: number;
  readonly output: FoldOutput;
}

/** Folds that share one fit: the models are fitted at the first cutoff and predict from each. */
export interface FoldTask {
  readonly panel: Panel;
  readonly settings: FoldSettings;
  readonly output: FoldOutput;
  /** Series of the panel to forecast, from and to; all unless every step and model looks at single series. */
  readonly seriesRange: readonly [number, number];
  readonly folds: readonly Fold[];
  /** Set in a proof of no leakage: everything after each cutoff is overwritten before the fold begins. */
  readonly garbageSeed?: number | undefined;
}

/** What turns a history into forecasts. */
export interface FoldTools {
  readonly make: (spec: ForecasterSpec) => Forecaster;
  readonly impute: (history: Panel, steps: readonly StepSpec[]) => Panel;
}

/**
 * Forecasts the folds of a task into the shared output. A fold sees `slicePanel(panel, 0, cutoff + 1)` and nothing
 * else of the panel.
 *
 * @param tools replaced by tests, which show that a proof of no leakage catches tools that peek.
 */
export function forecastFolds(
  task: FoldTask,
  tools: FoldTools = { make: createForecaster, impute: imputePanel },
): void {
  const { settings, output, folds } = task;
  const [from, to] = task.seriesRange;
  const total = task.panel.series.length;
  const { models, steps, horizon, delay } = settings;
  if (task.garbageSeed !== undefined && folds.length > 1) {
    // The garbage of a fold begins after its own cutoff, and the fit it shares is made anew for it. Last fold first:
    // each pass also writes the folds before, with less garbage than they must stand, and theirs come later.
    for (let count = folds.length; count >= 1; count--) {
      const panel = overwriteAfter(task.panel, folds[count - 1].cutoff, task.garbageSeed);
      forecastFolds({ ...task, panel, folds: folds.slice(0, count), garbageSeed: undefined }, tools);
    }
    return;
  }
  const source =
    task.garbageSeed === undefined
      ? task.panel
      : overwriteAfter(task.panel, folds[0].cutoff, task.garbageSeed);
  const panel = { ...source, series: source.series.slice(from, to) };
  let fitted: ReturnType<Forecaster['fit']>[] | undefined;
  for (const { position, cutoff } of folds) {
    const history = tools.impute(slicePanel(panel, 0, cutoff + 1), steps);
    fitted ??= models.map((spec) => tools.make(spec).fit(history));
    for (const [index, model] of fitted.entries()) {
      const { point } = model.predict(delay + horizon, history);
      for (const [s, values] of point.entries()) {
        const offset = ((position * models.length + index) * total + from + s) * horizon;
        const floor = isConcentration(panel.series[s].measure) ? 0 : Number.NEGATIVE_INFINITY;
        // Math.max hands NaN on.
        for (let step = 0; step < horizon; step++)
          output.points[offset + step] = Math.max(floor, values[delay + step]);
      }
    }
    const week = Math.max(1, Math.round((7 * day) / panel.step));
    for (const [s, { values, filledBy }] of history.series.entries()) {
      output.difficulty[position * total + from + s] = historyDifficulty(values, filledBy, week);
    }
  }
}

/** Calibrates the intervals of one fold from the folds before it. */
export interface IntervalTask extends Fold {
  readonly panel: Panel;
  readonly settings: FoldSettings;
  readonly output: FoldOutput;
  /** Earlier folds, whose truths are used as far as the cutoff of this one. */
  readonly past: readonly Fold[];
  readonly garbageSeed?: number | undefined;
}

/** Writes the intervals of one fold into the shared output. */
export function calibrateFold(task: IntervalTask): void {
  const { settings, output, position, cutoff } = task;
  const { horizon, delay, models, levels } = settings;
  const panel =
    task.garbageSeed === undefined ? task.panel : overwriteAfter(task.panel, cutoff, task.garbageSeed);
  const seriesCount = panel.series.length;
  const size = seriesCount * horizon;
  const shape: CalibrationShape = {
    seriesCount,
    horizon,
    groups: panel.series.map(({ city, measure }) => JSON.stringify([city, measure])),
    nonNegative: panel.series.map(({ measure }) => isConcentration(measure)),
  };
  const truths = task.past.map((fold) => truthAfter(panel, fold.cutoff + delay + 1, horizon, cutoff));
  for (const index of models.keys()) {
    const pointOf = (fold: number) => {
      const offset = (fold * models.length + index) * size;
      return output.points.subarray(offset, offset + size);
    };
    const difficultyOf = (fold: number) =>
      output.difficulty.subarray(fold * seriesCount, (fold + 1) * seriesCount);
    const past: PastForecast[] = task.past.map((fold, k) => ({
      point: pointOf(fold.position),
      truth: truths[k],
      difficulty: difficultyOf(fold.position),
    }));
    const current = { point: pointOf(position), difficulty: difficultyOf(position) };
    for (const [k, level] of levels.entries()) {
      const { lower, upper } = calibrateInterval(past, current, shape, level);
      output.lower[k].set(lower, (position * models.length + index) * size);
      output.upper[k].set(upper, (position * models.length + index) * size);
    }
  }
}

/** What was read at `horizon` steps from `first`, `[series][horizon]`; NaN after `lastKnown` and outside the panel. */
export function truthAfter(panel: Panel, first: number, horizon: number, lastKnown: number): Float64Array {
  const truth = new Float64Array(panel.series.length * horizon).fill(Number.NaN);
  for (const [s, { values, filledBy }] of panel.series.entries()) {
    for (let step = 0; step < horizon; step++) {
      const index = first + step;
      if (index > lastKnown || index < 0 || index >= values.length || filledBy?.[index]) continue;
      truth[s * horizon + step] = values[index];
    }
  }
  return truth;
}

/**
 * A copy of a panel in which every cell after `cutoff` is garbage by the seed: huge, negative, zero or missing, and
 * marked as filled by any step or none where the panel has such marks.
 */
export function overwriteAfter(panel: Panel, cutoff: number, seed: number): Panel {
  const random = randomStream(seed, 'garbage', cutoff);
  const series = panel.series.map((before) => {
    const values = before.values.slice();
    const filledBy = before.filledBy?.slice();
    for (let i = cutoff + 1; i < values.length; i++) {
      values[i] = garbage[random.integer(garbage.length)] * random.uniform();
      if (filledBy) filledBy[i] = random.integer(panel.fillSteps.length + 1);
    }
    return { ...before, values, filledBy };
  });
  return { ...panel, series };
}

const garbage = [1e12, -1e12, 0, Number.NaN, 1000, -1];
