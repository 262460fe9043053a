import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { type TensorData, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { sgd } from '../../optim/optimizers.ts';
import { createAccumulatedStep } from '../../train/accumulation/accumulatedStep.ts';
import { linear, linearParameters } from '../layers/linear.ts';
import { initialise } from '../parameters.ts';
import { binaryCrossEntropy, crossEntropy, focalLoss } from './classification.ts';
import { type Loss, presenceOf } from './loss.ts';
import {
  absoluteError,
  cosineProximity,
  huberError,
  quantileError,
  squaredError,
  symmetricError,
} from './regression.ts';
import { softFBeta } from './softFBeta.ts';

const [samples, inputs, outputs] = [9, 4, 6];
const random = randomStream(2, 'accumulation');
const draw = (width: number, next: () => number) =>
  Array.from({ length: samples }, () => Array.from({ length: width }, next));
const fed = {
  x: draw(inputs, () => random.normal()),
  numbers: draw(outputs, () => random.normal()),
  gaps: draw(outputs, () => (random.uniform() < 0.3 ? Number.NaN : random.normal())),
  labels: draw(outputs, () => Number(random.uniform() < 0.3)),
};
const classes = draw(1, () => random.integer(outputs));

const x = input('x', 'float32', ['batch', inputs]);
const numbers = input('numbers', 'float32', ['batch', outputs]);
const gaps = input('gaps', 'float32', ['batch', outputs]);
const labels = input('labels', 'float32', ['batch', outputs]);
const classOf = input('classes', 'int64', ['batch']);
const first = input('first', 'float32', ['batch']);

/** Passes over a window that each takes: a second one where it reduces over samples before it is nonlinear. */
const losses: Readonly<Record<string, readonly [passes: number, loss: (y: Tensor) => Loss]>> = {
  squaredError: [1, (y) => squaredError(y, numbers)],
  'squaredError with gaps': [1, (y) => squaredError(y, gaps, { weights: presenceOf(gaps) })],
  absoluteError: [1, (y) => absoluteError(y, numbers)],
  huberError: [1, (y) => huberError(y, numbers)],
  'symmetricError with gaps': [1, (y) => symmetricError(y, gaps, { weights: presenceOf(gaps) })],
  quantileError: [1, (y) => quantileError(y, first, { quantiles: [0.1, 0.2, 0.4, 0.6, 0.8, 0.9] })],
  cosineProximity: [1, (y) => cosineProximity(y, numbers)],
  binaryCrossEntropy: [1, (y) => binaryCrossEntropy(y, labels, { positiveWeights: 3 })],
  focalLoss: [1, (y) => focalLoss(y, labels)],
  crossEntropy: [1, (y) => crossEntropy(y, classOf)],
  'crossEntropy with all options': [
    1,
    (y) =>
      crossEntropy(y, classOf, { classWeights: [1, 2, 3, 4, 5, 6], labelSmoothing: 0.1, ignoreIndex: 2 }),
  ],
  'softFBeta samples': [1, (y) => softFBeta(y, labels, { average: 'samples' })],
  'softFBeta macro': [2, (y) => softFBeta(y, labels)],
  'softFBeta macro without empty labels': [2, (y) => softFBeta(y, labels, { empty: 'skip' })],
  'softFBeta micro': [2, (y) => softFBeta(y, labels, { average: 'micro' })],
  'softFBeta precisionRecall': [2, (y) => softFBeta(y, labels, { form: 'precisionRecall' })],
};

function feeds(from: number, to: number, names: ReadonlySet<string>): Record<string, TensorData> {
  const rows = (values: number[][]) =>
    tensorData('float32', values.slice(from, to).flat(), [to - from, values[0].length]);
  const all: Record<string, TensorData> = {
    ...Object.fromEntries(Object.entries(fed).map(([name, values]) => [name, rows(values)])),
    classes: tensorData('int64', classes.slice(from, to).flat()),
    first: tensorData(
      'float32',
      fed.numbers.slice(from, to).map(([value]) => value),
    ),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}

describe('losses accumulated over micro-batches', () => {
  it.each(Object.entries(losses))('make the update of the whole batch: %s', async (_, [passes, lossOf]) => {
    const { parameters, trained } = initialise(linearParameters(inputs, outputs), { seed: 1 });
    const loss = lossOf(linear(parameters, x)).mean;
    const names = new Set(graphOf({ loss }).inputs.map(({ node }) => node.name ?? ''));
    const update = async (...cuts: number[]) => {
      const step = await createAccumulatedStep(loss, trained, sgd({ learningRate: 1 }));
      const window = cuts.slice(1).map((to, i) => feeds(cuts[i], to, names));
      const report = await step.run(window);
      const weights = Object.values(step.parameters()).flatMap(({ data }) => [...(data as Float32Array)]);
      const { description } = step;
      await step.release();
      return { loss: report.loss, weights, description };
    };
    const whole = await update(0, samples);
    const parts = await update(0, 4, 5, samples);
    expect(parts.description.passes).toBe(passes);
    expect(parts.loss).toBeCloseTo(whole.loss, 5);
    for (const [i, weight] of whole.weights.entries()) expect(parts.weights[i]).toBeCloseTo(weight, 5);
  });
});
