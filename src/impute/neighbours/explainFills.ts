import { predictContributions } from '../../gbdt/contributions.ts';
import type { Model } from '../../gbdt/model.ts';
import type { Panel } from '../../panel/panel.ts';
import { completeSteps } from '../chain.ts';
import type { StepSpec, TrainedModels } from '../step.ts';
import { inputTable, type Readings, readingsOfPanel } from './neighbourInputs.ts';
import { type NeighbourSettings, neighbourSettings, trainNeighbourModel } from './neighbourModel.ts';

/** Why a cell was filled with what it was filled with: the parts add up to its value. */
export interface FillExplanation {
  /** Index of the series in its panel. */
  readonly series: number;
  readonly step: number;
  /** What the model expects when it knows nothing: its mean over the cells it was trained on. */
  readonly base: number;
  /** The inputs that moved the estimate most, largest first. */
  readonly parts: readonly FillPart[];
  /** What all other inputs added. */
  readonly rest: number;
}

/** What one input added to an estimate. */
export interface FillPart {
  /** Id of the station's series, or the name of an extra input. */
  readonly input: string;
  /** What it read, NaN if it was missing. */
  readonly reading: number;
  /** How far it moved the estimate, in the unit of the series: its Shapley value. */
  readonly added: number;
}

/** How much to explain. */
export interface ExplainOptions {
  /** Models that filled the panel; others are trained again. */
  readonly models?: TrainedModels | undefined;
  /** Newest cells of a series that are explained. Default 48. */
  readonly cells?: number | undefined;
  /** Inputs named for a cell. Default 5. */
  readonly parts?: number | undefined;
}

/**
 * Explains the newest cells of each series that a `neighbours` step filled: which stations spoke, and with what weight.
 * Shapley values of the trees (Lundberg et al. 2018), exact, see `predictContributions`.
 *
 * @param filled What `imputePanel` gave for these steps.
 * @example
 * const [{ base, parts }] = explainFills(imputePanel(panel, defaultSteps), defaultSteps, { cells: 1 });
 */
export function explainFills(
  filled: Panel,
  steps: readonly StepSpec[],
  { models, cells = 48, parts = 5 }: ExplainOptions = {},
): FillExplanation[] {
  const readings = readingsOfPanel(filled);
  return completeSteps(steps)
    .filter(({ name }) => name === 'neighbours')
    .flatMap(({ label, options }) => {
      const code = filled.fillSteps.lastIndexOf(label) + 1;
      const settings = neighbourSettings(options);
      return filled.series.flatMap(({ id, filledBy }, series) => {
        const marked = Int32Array.from(filledBy?.keys() ?? []).filter((step) => filledBy?.[step] === code);
        if (code === 0 || marked.length === 0) return [];
        const trained = models?.get(label);
        const model = trained?.has(id) ? trained.get(id) : trainNeighbourModel(readings, series, settings);
        return model ? explainCells(model, readings, series, marked.slice(-cells), settings, parts) : [];
      });
    });
}

function explainCells(
  model: Model,
  readings: Readings,
  series: number,
  steps: Int32Array,
  settings: NeighbourSettings,
  most: number,
): FillExplanation[] {
  const { names, columns } = inputTable(readings, series, steps, settings.extras);
  const contributions = predictContributions(model, { columns });
  const width = names.length + 1;
  return Array.from(steps, (step, row) => {
    const added = contributions.subarray(row * width, (row + 1) * width);
    const order = names.map((_, i) => i).sort((a, b) => Math.abs(added[b]) - Math.abs(added[a]));
    const told = order.slice(0, most).filter((i) => added[i] !== 0);
    return {
      series,
      step,
      base: added[names.length],
      parts: told.map((i) => ({ input: names[i], reading: columns[i][row], added: added[i] })),
      rest: order.slice(told.length).reduce((sum, i) => sum + added[i], 0),
    };
  });
}
