import {
  fillEachSeries,
  type ImputeStep,
  numberOption,
  type StepValue,
  wholeOption,
  wordOption,
} from '../step.ts';
import { extraInputs, readingsOfPanel } from './neighbourInputs.ts';
import {
  neighbourSettings,
  objectives,
  predictNeighbours,
  speakingSteps,
  stepsWhere,
  trainNeighbourModel,
} from './neighbourModel.ts';

/**
 * Each series from the others of its measure, unit and city at the same time, by gradient-boosted trees: one model a
 * series, trained on all times at which it was read. The first step of the Fresh Air solution (30th of KDD Cup 2018).
 */
export const neighbours: ImputeStep = {
  name: 'neighbours',
  summary: 'boosted trees on the same measure at the other stations in the same hour',
  scope: 'panel',
  options: {
    maxMissing: {
      default: 0.5,
      expected: 'a whole number of at least 1, or a share of the neighbours above 0 and below 1',
      accepts: (value) => typeof value === 'number' && value > 0 && (value < 1 || Number.isInteger(value)),
    },
    inputs: {
      default: 'none',
      expected: `none, or some of ${extraInputs.join(', ')} with + between`,
      accepts: acceptsInputs,
    },
    minRows: wholeOption(100, 1),
    seed: wholeOption(1, 0),
    objective: wordOption(objectives, 'regressionL1'),
    numIterations: wholeOption(100, 1),
    learningRate: numberOption(0.1, 0, 1),
    numLeaves: wholeOption(31, 2),
    minDataInLeaf: wholeOption(20, 1),
    featureFraction: numberOption(1, 0, 1),
    lambdaL1: numberOption(0, -1, Number.POSITIVE_INFINITY),
    lambdaL2: numberOption(0, -1, Number.POSITIVE_INFINITY),
  },
  fill(panel, options, label, models) {
    const settings = neighbourSettings(options);
    const readings = readingsOfPanel(panel);
    const indexOf = new Map(panel.series.map(({ id }, s) => [id, s]));
    return fillEachSeries(panel, label, (values, { id }) => {
      const series = indexOf.get(id) ?? -1;
      const speaking = speakingSteps(readings, series, settings);
      const steps = stepsWhere(values.length, (step) => speaking[step] === 1 && Number.isNaN(values[step]));
      if (steps.length === 0) return;
      const trained = models?.get(label);
      const model = trained?.has(id) ? trained.get(id) : trainNeighbourModel(readings, series, settings);
      if (!model) return;
      const estimates = predictNeighbours(model, readings, series, steps, settings);
      for (const [i, step] of steps.entries()) values[step] = estimates[i];
    });
  },
};

function acceptsInputs(value: StepValue): boolean {
  const words = String(value).split('+');
  return value === 'none' || words.every((word) => extraInputs.some((input) => input === word));
}
