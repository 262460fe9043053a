import { createHash } from 'node:crypto';
import type { ProgressCallback } from '../../core/progress.ts';
import { mapOnWorkers, moduleBeside } from '../../core/workerPool.ts';
import type { Model } from '../../gbdt/model.ts';
import type { Panel } from '../../panel/panel.ts';
import { completeSteps } from '../chain.ts';
import type { StepSpec, TrainedModels } from '../step.ts';
import { openImputerFolder } from './imputerFolder.ts';
import { type Readings, readingsOfPanel } from './neighbourInputs.ts';
import { modelFits, neighbourSettings, speakingSteps, trainNeighbourModel } from './neighbourModel.ts';

/** Where trained imputation models are kept, and when they are used again. */
export interface TrainImputersOptions {
  /** Folder to look for models in and to save new ones to; made if need be. Default: nothing is kept. */
  readonly folder?: string | undefined;
  /**
   * `changed` (default) trains a model anew when its data or settings have changed; `never` uses one that was trained
   * with the same settings on other data too, as a daily job does.
   */
  readonly refit?: 'changed' | 'never' | undefined;
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** Models for the steps of a chain, and how they came about. */
export interface TrainedImputers {
  readonly models: TrainedModels;
  readonly trained: number;
  readonly reused: number;
  /** Saved models that could not be used. */
  readonly warnings: readonly string[];
}

/**
 * Trains the models of a chain's `neighbours` steps beforehand: on worker threads, and only those that are not in the
 * folder already. `imputePanel` takes the result.
 *
 * @throws TrainyardError of kind `file` for a folder that cannot be written, `cancelled` once `signal` is aborted; the
 * models trained until then are kept.
 * @example
 * const { models } = await trainImputers(panel, defaultSteps, { folder: 'imputers' });
 * const filled = imputePanel(panel, defaultSteps, { models });
 */
export async function trainImputers(
  panel: Panel,
  steps: readonly StepSpec[],
  options: TrainImputersOptions = {},
): Promise<TrainedImputers> {
  const { folder: path, refit = 'changed' } = options;
  const folder = path === undefined ? undefined : await openImputerFolder(path);
  const readings = readingsOfPanel(panel);
  const hashes = panel.series.map((_, s) => hashOf(readings.valuesOf(s)));
  const models = new Map<string, Map<string, Model | undefined>>();
  const tasks: TrainingTask[] = [];
  const warnings: string[] = [];
  let reused = 0;
  let trained = 0;
  for (const { label, options: given } of completeSteps(steps).filter(({ name }) => name === 'neighbours')) {
    const ofStep = new Map<string, Model | undefined>();
    models.set(label, ofStep);
    const settings = neighbourSettings(given);
    for (const [series, { id }] of panel.series.entries()) {
      if (!needsModel(readings, series, settings)) continue;
      const key = keyOf(readings, series, JSON.stringify(given), hashes);
      const saved = await folder?.find(label, id, refit === 'changed' ? key : undefined);
      if (saved?.warning) warnings.push(saved.warning);
      if (saved?.model && modelFits(saved.model, readings, series, settings)) {
        ofStep.set(id, saved.model);
        reused++;
      } else {
        tasks.push({ panel, series, label, given, key });
      }
    }
  }
  await mapOnWorkers<TrainingTask, Model | undefined>(
    moduleBeside(import.meta.url, './trainImputers'),
    'trainOne',
    tasks,
    {
      ...options,
      stage: 'training imputers',
      unit: 'models',
      onResult: async (model, index) => {
        const { label, series, key } = tasks[index];
        const { id } = panel.series[series];
        models.get(label)?.set(id, model);
        if (!model) return;
        trained++;
        await folder?.save({ label, id, key }, model);
      },
    },
  );
  return { models, trained, reused, warnings };
}

interface TrainingTask {
  readonly panel: Panel;
  readonly series: number;
  readonly label: string;
  readonly given: StepSpec['options'];
  readonly key: string;
}

/**
 * Trains the model of one series; called on a worker thread.
 *
 * @internal
 */
export function trainOne({ panel, series, given }: TrainingTask): Model | undefined {
  return trainNeighbourModel(readingsOfPanel(panel), series, neighbourSettings(given));
}

// A series without a gap that neighbours could fill needs no model.
function needsModel(
  readings: Readings,
  series: number,
  settings: ReturnType<typeof neighbourSettings>,
): boolean {
  const values = readings.valuesOf(series);
  return speakingSteps(readings, series, settings).some(
    (speaks, step) => speaks === 1 && Number.isNaN(values[step]),
  );
}

/** Equal for equal settings and equal readings of all that the model looks at. */
function keyOf(
  { panel, neighbours, besides }: Readings,
  series: number,
  settings: string,
  hashes: readonly string[],
): string {
  const related = [series, ...neighbours[series], ...besides[series]];
  const seen = related.map((s) => [panel.series[s].id, hashes[s]]);
  return hashOf(JSON.stringify([settings, panel.start, panel.step, panel.timeZone, seen]));
}

function hashOf(content: string | Float64Array): string {
  const bytes =
    typeof content === 'string'
      ? content
      : new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}
