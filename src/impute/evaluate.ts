import type { ProgressCallback } from '../core/progress.ts';
import { mapOnWorkers, moduleBeside } from '../core/workerPool.ts';
import type { Panel } from '../panel/panel.ts';
import { defaultSteps, formatSteps, imputePanel, parseSteps } from './chain.ts';
import { finiteReadings, hideCells, type Scenario, scenarioName, scenarios } from './hideCells.ts';
import type { StepSpec } from './step.ts';

/** What to evaluate, on what. */
export interface EvaluationOptions {
  /** Chains to compare. Default: {@link defaultMethods} of the panel. */
  readonly methods?: readonly (readonly StepSpec[])[] | undefined;
  /** Default: points at 10, 50 and 90 %, runs of 6, 18 and 72 steps, and the panel's own gaps moved in time. */
  readonly scenarios?: readonly Scenario[] | undefined;
  /** Seed of what is hidden. Default 1. */
  readonly seed?: number | undefined;
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** Errors of one method in one scenario, over hidden cells in gaps of one range of lengths. */
export interface EvaluationRow {
  readonly scenario: string;
  readonly method: string;
  /**
   * Length of the gap that a hidden cell lies in: the steps of the whole run of missing cells around it once cells are
   * hidden, those included that were missing before. `1`, `2-3`, `4-6`, `7-24`, `25-72`, `>72`, or `all`.
   */
  readonly gap: string;
  /** Hidden cells. */
  readonly cells: number;
  /** Share of them that the method filled; errors are over these, and NaN where there are none. */
  readonly filled: number;
  readonly mae: number;
  readonly rmse: number;
  /**
   * Mean absolute error after dividing the errors of each series by the standard deviation of its readings, as
   * published protocols do; series that never change are left out of it.
   */
  readonly standardisedMae: number;
}

/**
 * Methods compared unless others are named: the default chain, the published one, and each kind of step alone;
 * `inverseDistance` where every station's place is known.
 */
export function defaultMethods(panel: Panel): StepSpec[][] {
  const arePlaced = panel.series.every(({ latitude, longitude }) => Number.isFinite(latitude + longitude));
  return [
    [...defaultSteps],
    ...[
      'linear:3,seasonalFill:hour,mean',
      'linear:any',
      'previous',
      'seasonalFill:hour',
      'seasonalFill:day',
      'mean',
      'mean:hour',
      'median:hour',
      'nearestStations',
      ...(arePlaced ? ['inverseDistance'] : []),
    ].map(parseSteps),
  ];
}

/** Ranges of gap lengths in steps, shortest first. */
export const gapRanges = [
  { name: '1', upTo: 1 },
  { name: '2-3', upTo: 3 },
  { name: '4-6', upTo: 6 },
  { name: '7-24', upTo: 24 },
  { name: '25-72', upTo: 72 },
  { name: '>72', upTo: Number.POSITIVE_INFINITY },
];

/**
 * Hides known cells, fills them by each method and scores only those cells. All methods meet the same hidden cells.
 * Deterministic by seed, whatever the number of workers and the order of the series. Scenario by scenario, method by
 * method, shortest gaps first.
 *
 * @throws TrainyardError of kind `usage` for an unknown step or option.
 * @example
 * const rows = await evaluateImputation(panel, { methods: [parseSteps('linear:3,mean'), parseSteps('mean')] });
 * const errors = rows.filter(({ scenario, gap }) => scenario === 'runs of 6' && gap === 'all');
 */
export async function evaluateImputation(
  panel: Panel,
  options: EvaluationOptions = {},
): Promise<EvaluationRow[]> {
  const { seed = 1, workers, signal, onProgress } = options;
  // The same chain written twice would give the same rows twice.
  const methods = new Map(
    (options.methods ?? defaultMethods(panel)).map((steps) => [formatSteps(steps), steps]),
  );
  const tasks: EvaluationTask[] = (options.scenarios ?? scenarios).flatMap((scenario) =>
    [...methods.values()].map((steps) => ({ panel, scenario, steps, seed })),
  );
  const module = moduleBeside(import.meta.url, './evaluate');
  const rows = await mapOnWorkers<EvaluationTask, EvaluationRow[]>(module, 'evaluateOne', tasks, {
    workers,
    signal,
    onProgress,
    stage: 'evaluating',
    unit: 'runs',
  });
  return rows.flat();
}

interface EvaluationTask {
  readonly panel: Panel;
  readonly scenario: Scenario;
  readonly steps: readonly StepSpec[];
  readonly seed: number;
}

interface ErrorSums {
  cells: number;
  filled: number;
  absolute: number;
  squared: number;
  /** Filled cells of series that change. */
  scaled: number;
  standardised: number;
}

/**
 * Runs one method on one scenario; called on a worker thread.
 *
 * @internal
 */
export function evaluateOne({ panel, scenario, steps, seed }: EvaluationTask): EvaluationRow[] {
  const { panel: gappy, hidden } = hideCells(panel, scenario, seed);
  const filled = imputePanel(gappy, steps);
  const sums = gapRanges.map(noErrors);
  for (const [s, { values: truth }] of panel.series.entries()) {
    const deviation = standardDeviation(finiteReadings(panel.series[s]));
    const gapLengths = missingRunLengths(gappy.series[s].values);
    const estimate = filled.series[s].values;
    for (let i = 0; i < truth.length; i++) {
      if (!hidden[s][i]) continue;
      const sum = sums[gapRanges.findIndex(({ upTo }) => gapLengths[i] <= upTo)];
      sum.cells++;
      if (Number.isNaN(estimate[i])) continue;
      const error = Math.abs(estimate[i] - truth[i]);
      sum.filled++;
      sum.absolute += error;
      sum.squared += error * error;
      if (deviation > 0) {
        sum.scaled++;
        sum.standardised += error / deviation;
      }
    }
  }
  const rows = sums.map((sum, index) => ({ gap: gapRanges[index].name, ...sum }));
  return [...rows, { gap: 'all', ...sums.reduce(addErrors, noErrors()) }]
    .filter(({ cells }) => cells > 0)
    .map(({ gap, cells, filled: count, absolute, squared, scaled, standardised }) => ({
      scenario: scenarioName(scenario),
      method: formatSteps(steps),
      gap,
      cells,
      filled: count / cells,
      mae: absolute / count,
      rmse: Math.sqrt(squared / count),
      standardisedMae: standardised / scaled,
    }));
}

function noErrors(): ErrorSums {
  return { cells: 0, filled: 0, absolute: 0, squared: 0, scaled: 0, standardised: 0 };
}

function addErrors(a: ErrorSums, b: ErrorSums): ErrorSums {
  return {
    cells: a.cells + b.cells,
    filled: a.filled + b.filled,
    absolute: a.absolute + b.absolute,
    squared: a.squared + b.squared,
    scaled: a.scaled + b.scaled,
    standardised: a.standardised + b.standardised,
  };
}

// For each missing step, how many missing steps its run has; 0 for present steps.
function missingRunLengths(values: Float64Array): Int32Array {
  const lengths = new Int32Array(values.length);
  for (let start = 0; start < values.length; start++) {
    if (!Number.isNaN(values[start])) continue;
    let end = start;
    while (end < values.length && Number.isNaN(values[end])) end++;
    lengths.fill(end - start, start, end);
    start = end;
  }
  return lengths;
}

function standardDeviation(values: Float64Array): number {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    count++;
    const delta = values[i] - mean;
    mean += delta / count;
    squares += delta * (values[i] - mean);
  }
  return Math.sqrt(squares / count);
}
