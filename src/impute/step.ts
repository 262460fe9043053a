import { usageError } from '../core/errors.ts';
import type { Panel, Series } from '../panel/panel.ts';

/**
 * One step of an imputation chain as plain data: its name and its options. Plain, so that it crosses to worker
 * threads, into file names and into reports as it is.
 */
export interface StepSpec {
  readonly name: string;
  readonly options: Readonly<Record<string, number | string | boolean>>;
}

/** A family of steps: how its options are read and how it fills a panel. */
export interface ImputeStep {
  readonly name: string;
  /** One line for `--help` and the report. */
  readonly summary: string;
  /** `series` when each series is filled from itself alone, `panel` when others are looked at. */
  readonly scope: 'series' | 'panel';
  /** Checks the text after `name:` on the command line and gives the options, defaults included. */
  parse(argument: string | undefined): StepSpec['options'];
  /** Returns a panel whose missing cells this step has filled where it can; never touches a present cell. */
  fill(panel: Panel, options: StepSpec['options']): Panel;
}

/**
 * Fills series one by one: `fillOne` writes into a copy of the values; cells that were missing and now hold a
 * number are marked with the step's name. Series it leaves alone keep their storage.
 */
export function fillEachSeries(
  panel: Panel,
  stepName: string,
  fillOne: (values: Float64Array, series: Series) => void,
): Panel {
  const code = panel.fillSteps.length + 1;
  const series = panel.series.map((before) => {
    if (!before.values.some(Number.isNaN)) return before;
    const values = new Float64Array(new SharedArrayBuffer(8 * panel.length));
    values.set(before.values);
    fillOne(values, before);
    const filledBy = new Uint8Array(new SharedArrayBuffer(panel.length));
    if (before.filledBy) filledBy.set(before.filledBy);
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(before.values[i]) && !Number.isNaN(values[i])) filledBy[i] = code;
    }
    return { ...before, values, filledBy };
  });
  return { ...panel, fillSteps: [...panel.fillSteps, stepName], series };
}

/** Reads a count of steps or days given to a step. */
export function parseCount(step: string, text: string): number {
  const count = Number(text);
  if (text.trim() === '' || !Number.isInteger(count) || count < 1) {
    throw usageError(`invalid ${step}: ${text}; expected a whole number of at least 1`, `write ${step}:3`);
  }
  return count;
}
