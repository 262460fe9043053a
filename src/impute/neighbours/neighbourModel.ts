import { createDataset } from '../../gbdt/dataset.ts';
import type { Model } from '../../gbdt/model.ts';
import { type GbdtParameters, objectiveNames } from '../../gbdt/parameters.ts';
import { predict } from '../../gbdt/predict.ts';
import { train } from '../../gbdt/train.ts';
import type { StepSpec } from '../step.ts';
import { countMissing, type ExtraInput, extraInputs, inputTable, type Readings } from './neighbourInputs.ts';

/** The options of the step in the form that models use. */
export interface NeighbourSettings {
  /** As a count of neighbours, or below 1 as a share of them. */
  readonly maxMissing: number;
  readonly extras: ReadonlySet<ExtraInput>;
  readonly minRows: number;
  readonly seed: number;
  readonly parameters: GbdtParameters;
}

/** Objectives that make sense for a reading. */
export const objectives = objectiveNames.filter((name) => !['binary', 'multiclass', 'custom'].includes(name));

/** Settings from the options of a step. */
export function neighbourSettings(options: StepSpec['options']): NeighbourSettings {
  const { maxMissing, inputs, minRows, seed, objective, ...numbers } = options;
  const words = String(inputs).split('+');
  return {
    maxMissing: Number(maxMissing),
    extras: new Set(extraInputs.filter((input) => words.includes(input))),
    minRows: Number(minRows),
    seed: Number(seed),
    parameters: {
      ...(numbers as Partial<Record<string, number>>),
      objective: objective as (typeof objectiveNames)[number],
      // One setting seeds all draws of boosting; trees of losses with constant hessian are as good, and faster.
      seed: Number(seed),
      histogram: 'packed',
    },
  };
}

/** Steps at which enough neighbours of a series spoke. */
export function speakingSteps(readings: Readings, series: number, settings: NeighbourSettings): Uint8Array {
  const neighbours = readings.neighbours[series];
  const bound = settings.maxMissing < 1 ? settings.maxMissing * neighbours.length : settings.maxMissing;
  const missing = countMissing(readings, neighbours);
  return Uint8Array.from(missing, (count) => (count < bound && count < neighbours.length ? 1 : 0));
}

/**
 * Trains the model of one series on all steps at which it and enough of its neighbours were read.
 *
 * @returns `undefined` where there are too few such steps.
 */
export function trainNeighbourModel(
  readings: Readings,
  series: number,
  settings: NeighbourSettings,
): Model | undefined {
  const own = readings.valuesOf(series);
  const speaking = speakingSteps(readings, series, settings);
  const steps = stepsWhere(own.length, (step) => speaking[step] === 1 && !Number.isNaN(own[step]));
  if (steps.length < settings.minRows) return undefined;
  const { names, columns } = inputTable(readings, series, steps, settings.extras, { seed: settings.seed });
  const label = Float64Array.from(steps, (step) => own[step]);
  const dataset = createDataset({ columns, label, featureNames: uniqueNames(names) }, settings.parameters);
  return train(dataset, settings.parameters).model;
}

/** The model's estimate at some steps. */
export function predictNeighbours(
  model: Model,
  readings: Readings,
  series: number,
  steps: Int32Array,
  settings: NeighbourSettings,
): Float64Array {
  const { names, columns } = inputTable(readings, series, steps, settings.extras);
  return predict(model, { columns }, { featureNames: uniqueNames(names) });
}

/** Whether a model trained earlier has the inputs that the series has now. */
export function modelFits(
  model: Model,
  readings: Readings,
  series: number,
  settings: NeighbourSettings,
): boolean {
  const { names } = inputTable(readings, series, new Int32Array(0), settings.extras);
  return String(model.featureNames) === String(uniqueNames(names));
}

/** The steps for which a condition holds. */
export function stepsWhere(length: number, holds: (step: number) => boolean): Int32Array {
  return Int32Array.from({ length }, (_, step) => step).filter(holds);
}

// Model files know no spaces and no doubles in names.
function uniqueNames(names: readonly string[]): string[] {
  return names.map(
    (name, i) => `${name.replace(/[\s"',:[\]{}]/g, '_')}${names.indexOf(name) < i ? `_${i}` : ''}`,
  );
}
