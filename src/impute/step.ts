import type { Model } from '../gbdt/model.ts';
import type { Panel, Series } from '../panel/panel.ts';

/**
 * One step of an imputation chain as plain data: its name and its options. Plain, so that it crosses to worker
 * threads, into file names and into reports as it is. Options left out have the step's defaults.
 */
export interface StepSpec {
  readonly name: string;
  readonly options: Readonly<Record<string, StepValue>>;
}

/** Value of an option of a step. */
export type StepValue = number | string | boolean;

/** What an option of a step may be. */
export interface StepOption {
  /** Taken when the option is not given; without one the option is then absent. */
  readonly default?: StepValue | undefined;
  /** Completes "expected …". */
  readonly expected: string;
  accepts(value: StepValue): boolean;
}

/** A kind of step: its options and how it fills a panel. */
export interface ImputeStep {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /**
   * `series` when each series is filled from itself alone, so that any part of the panel may be filled apart; `panel`
   * when others are looked at.
   */
  readonly scope: 'series' | 'panel';
  /** By name; the first may be written without its name: `linear:3`. */
  readonly options: Readonly<Record<string, StepOption>>;
  /**
   * Returns a panel whose missing cells this step has filled where it can, marked with `label` (see
   * {@link fillEachSeries}). Never touches a present cell nor the panel given; draws on finite values only.
   */
  fill(panel: Panel, options: StepSpec['options'], label: string, models?: TrainedModels): Panel;
}

/** Models that steps have been given instead of training them anew: by the step's label, then by series id. */
export type TrainedModels = ReadonlyMap<string, ReadonlyMap<string, Model | undefined>>;

/**
 * Fills series one by one: `fillOne` writes into a copy of the values and may look at the series as it was. Cells
 * that were missing and now hold a number are marked with `label`, which joins `fillSteps`. Series in which nothing
 * changes keep their storage.
 */
export function fillEachSeries(
  panel: Panel,
  label: string,
  fillOne: (values: Float64Array, series: Series) => void,
): Panel {
  const code = panel.fillSteps.length + 1;
  const series = panel.series.map((before) => {
    const firstMissing = before.values.findIndex(Number.isNaN);
    if (firstMissing < 0) return before;
    const values = new Float64Array(new SharedArrayBuffer(8 * panel.length));
    values.set(before.values);
    fillOne(values, before);
    return markFilled(before, values, code, firstMissing);
  });
  return { ...panel, fillSteps: [...panel.fillSteps, label], series };
}

function markFilled(before: Series, values: Float64Array, code: number, from: number): Series {
  let filledBy: Uint8Array | undefined;
  for (let i = from; i < values.length; i++) {
    if (!Number.isNaN(before.values[i]) || Number.isNaN(values[i])) continue;
    if (filledBy === undefined) {
      filledBy = new Uint8Array(new SharedArrayBuffer(values.length));
      if (before.filledBy) filledBy.set(before.filledBy);
    }
    filledBy[i] = code;
  }
  return filledBy === undefined ? before : { ...before, values, filledBy };
}

/** An option that is a whole number of at least 1, or `any` for no bound. */
export function boundOption(defaultBound?: number | 'any'): StepOption {
  return {
    default: defaultBound,
    expected: 'a whole number of at least 1, or any',
    accepts: (value) =>
      value === 'any' || (typeof value === 'number' && Number.isInteger(value) && value >= 1),
  };
}

/** The number that the value of a {@link boundOption} stands for. */
export function boundOf(value: StepValue | undefined): number {
  return typeof value === 'number' ? value : Number.POSITIVE_INFINITY;
}

/** An option that is one of some words. */
export function wordOption(words: readonly string[], defaultWord?: string): StepOption {
  return {
    default: defaultWord,
    expected: words.join(' or '),
    accepts: (value) => typeof value === 'string' && words.includes(value),
  };
}

/** An option that is a whole number of at least `least`. */
export function wholeOption(otherwise: number, least: number): StepOption {
  return {
    default: otherwise,
    expected: `a whole number of at least ${least}`,
    accepts: (value) => typeof value === 'number' && Number.isInteger(value) && value >= least,
  };
}

/** An option that is a number above `above` (from 0 on if that is negative) and at most `most`. */
export function numberOption(otherwise: number, above: number, most: number): StepOption {
  return {
    default: otherwise,
    expected: above < 0 ? 'a number of at least 0' : `a number above ${above}, at most ${most}`,
    accepts: (value) => typeof value === 'number' && value > above && value <= most && value >= 0,
  };
}
