import type { ProgressCallback } from '../core/progress.ts';
import { mapOnWorkers, moduleBeside } from '../core/workerPool.ts';
import type { Panel } from '../panel/panel.ts';
import { defaultSteps, formatSteps, imputePanel, parseSteps } from './chain.ts';
import { hideCells, type Scenario, scenarioName, scenarios } from './hideCells.ts';
import type { StepSpec } from './step.ts';

/** What to evaluate, on what. */
export interface EvaluationOptions {
  /** Chains to compare. Default: the default chain and single steps. */
  readonly methods?: readonly (readonly StepSpec[])[] | undefined;
  readonly scenarios?: readonly Scenario[] | undefined;
  /** Default 1. */
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
   * Length of the run of missing steps that a hidden cell lies in, other missing cells included: `1`, `2-3`, `4-6`,
   * `7-24`, `25-72`, `>72`, or `all`.
   */
  readonly gap: string;
  /** Hidden cells. */
  readonly cells: number;
  /** Share of them that the method filled; errors are over these. */
  readonly filled: number;
  readonly mae: number;
  readonly rmse: number;
  /** Mean absolute error in standard deviations of each series: comparable with published protocols. */
  readonly standardisedMae: number;
}

/** Methods compared unless others are named. */
export const defaultMethods: readonly (readonly StepSpec[])[] = [
  defaultSteps,
  ...['linear:1000000', 'previous', 'seasonalFill:hour', 'seasonalFill:day', 'mean:hour', 'mean'].map(
    parseSteps,
  ),
];

/**
 * Hides known cells, fills them by each method and scores only those cells. Deterministic by seed, whatever the
 * number of workers.
 *
 * @example
 * const rows = await evaluateImputation(panel, { seed: 1 });
 */
export async function evaluateImputation(
  panel: Panel,
  options: EvaluationOptions = {},
): Promise<EvaluationRow[]> {
  const { methods = defaultMethods, seed = 1, workers, signal, onProgress } = options;
  const tasks: EvaluationTask[] = (options.scenarios ?? scenarios).flatMap((scenario) =>
    methods.map((steps) => ({ panel, scenario, steps, seed })),
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
  panel: Panel;
  scenario: Scenario;
  steps: readonly StepSpec[];
  seed: number;
}

/**
 * Runs one method on one scenario; called on a worker thread.
 *
 * @internal
 */
export function evaluateOne({ panel, scenario, steps, seed }: EvaluationTask): EvaluationRow[] {
  const { panel: gappy, hidden } = hideCells(panel, scenario, seed);
  const filled = imputePanel(gappy, steps);
  const sums = gapRanges.map(() => ({ cells: 0, filled: 0, absolute: 0, squared: 0, standardised: 0 }));
  for (const [s, { values: truth }] of panel.series.entries()) {
    const deviation = standardDeviation(truth);
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
      sum.standardised += deviation > 0 ? error / deviation : 0;
    }
  }
  const all = sums.reduce((total, sum) => ({
    cells: total.cells + sum.cells,
    filled: total.filled + sum.filled,
    absolute: total.absolute + sum.absolute,
    squared: total.squared + sum.squared,
    standardised: total.standardised + sum.standardised,
  }));
  return [...sums.map((sum, index) => ({ gap: gapRanges[index].name, ...sum })), { gap: 'all', ...all }]
    .filter(({ cells }) => cells > 0)
    .map(({ gap, cells, filled: count, absolute, squared, standardised }) => ({
      scenario: scenarioName(scenario),
      method: formatSteps(steps),
      gap,
      cells,
      filled: count / cells,
      mae: absolute / count,
      rmse: Math.sqrt(squared / count),
      standardisedMae: standardised / count,
    }));
}

const gapRanges = [
  { name: '1', upTo: 1 },
  { name: '2-3', upTo: 3 },
  { name: '4-6', upTo: 6 },
  { name: '7-24', upTo: 24 },
  { name: '25-72', upTo: 72 },
  { name: '>72', upTo: Number.POSITIVE_INFINITY },
];

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
