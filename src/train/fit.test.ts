import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { tensorData } from '../graph/dataType.ts';
import { sigmoid, tanh } from '../graph/operators/activation.ts';
import { abs, add, div, mul, sub } from '../graph/operators/elementwise.ts';
import { gemm } from '../graph/operators/linearAlgebra.ts';
import { reduceMean, reduceSum } from '../graph/operators/reduction.ts';
import { input, parameter } from '../graph/tensor.ts';
import { adam, sgd } from '../optim/optimizers.ts';
import { arrayDataset, subsetOf } from '../samples/dataset.ts';
import { groupedSampler, shuffledSampler } from '../samples/samplers.ts';
import { createAccumulatedStep } from './accumulation/accumulatedStep.ts';
import { createEvaluator } from './accumulation/evaluator.ts';
import { type FitOptions, type FitState, fit as fitModel, validateOn } from './fit.ts';

const count = 90;
const random = randomStream(5, 'fit');
const values = Float64Array.from({ length: count * 4 }, random.normal);
const labels = Float64Array.from({ length: count * 2 }, (_, i) =>
  values[4 * Math.floor(i / 2) + (i % 2)] > 0.2 ? 1 : 0,
);
const all = arrayDataset({
  x: tensorData('float32', values, [count, 4]),
  y: tensorData('float32', labels, [count, 2]),
});
const data = subsetOf(
  all,
  Array.from({ length: 70 }, (_, i) => i),
);
const held = subsetOf(
  all,
  Array.from({ length: 20 }, (_, i) => 70 + i),
);

const x = input('x', 'float32', ['batch', 4]);
const y = input('y', 'float32', ['batch', 2]);
const draw = (...shape: number[]) =>
  tensorData(
    'float32',
    Float64Array.from({ length: shape[0] * (shape[1] ?? 1) }, () => 0.5 * random.normal()),
    shape,
  );
const parameters = {
  w1: parameter('w1', draw(4, 8)),
  b1: parameter('b1', draw(8)),
  w2: parameter('w2', draw(8, 2)),
};
const chances = sigmoid(gemm(tanh(gemm(x, parameters.w1, parameters.b1)), parameters.w2));
const both = reduceSum(mul(chances, y), { axes: [0] });
const softF1 = sub(1, reduceMean(div(mul(2, both), add(reduceSum(add(chances, y), { axes: [0] }), 1e-7))));

async function train(options: Partial<FitOptions> = {}) {
  const step = await createAccumulatedStep(softF1, parameters, adam({ learningRate: 0.05 }), { clipNorm: 1 });
  const sampler = shuffledSampler(data.length, { batchSize: 32, seed: 1 });
  const result = await fitModel(step, data, { epochs: 6, sampler, ...options });
  const weights = step.parameters();
  await step.release();
  return { result, weights };
}

describe('fit', () => {
  it('learns, and gives the same whatever the micro-batches', async () => {
    const { result, weights } = await train({ epochs: 30 });
    expect(result.history.length).toBe(30);
    expect(result.history[29].trainingLoss).toBeLessThan(0.5 * result.history[0].trainingLoss);
    for (const microBatchSize of [1, 7, 32]) {
      const other = await train({ epochs: 30, microBatchSize });
      for (const [name, { data: expected }] of Object.entries(weights)) {
        const found = other.weights[name].data;
        for (let i = 0; i < expected.length; i++)
          expect(Number(found[i])).toBeCloseTo(Number(expected[i]), 3);
      }
      expect(other.result.history[29].trainingLoss).toBeCloseTo(result.history[29].trainingLoss, 4);
    }
  });

  it('goes on from anywhere to the same weights, to the last bit', async () => {
    const states: FitState[] = [];
    const validate = validateOn(await createEvaluator({ loss: softF1 }), held, { microBatchSize: 6 });
    const options = { validate, plateau: { patience: 1 }, microBatchSize: 16, restoreBest: false };
    const whole = await train({
      ...options,
      saveEvery: 1,
      onState: (state) => void states.push(structuredClone(state)),
    });
    expect(states.map(({ epoch, update }) => `${epoch}.${update}`)).toEqual(
      [0, 1, 2, 3, 4, 5].flatMap((epoch) => [`${epoch}.1`, `${epoch}.2`, `${epoch + 1}.0`]),
    );
    for (const from of [states[0], states[4], states[5], states[13]]) {
      const resumed = await train({ ...options, from });
      expect(resumed.weights).toEqual(whole.weights);
      expect(resumed.result).toEqual(whole.result);
    }
  });

  it('keeps the best epoch and stops when nothing gets better', async () => {
    const script = [0.5, 0.4, 0.6, 0.3, 0.35, 0.31, 0.9];
    const seen: number[] = [];
    const kept: FitState[] = [];
    const { result, weights } = await train({
      epochs: 50,
      patience: 2,
      validate: async () => ({ loss: script[seen.push(0) - 1] }),
      onState: (state) => void kept.push(state),
    });
    expect(result).toMatchObject({ bestEpoch: 4, endedBy: 'patience' });
    expect(result.history.length).toBe(7);
    expect(weights.w1.data).toEqual(kept[3].optimizer.arrays.weight.w1);
  });

  it('maximises where higher is better, lowers the rate on plateaus, and ends when told to', async () => {
    const script = [0.5, 0.4, 0.4, 0.4, 0.6];
    const { result } = await train({
      epochs: 9,
      validate: async () => ({ f1: script[seen++] ?? 0 }),
      monitor: 'f1',
      higherIsBetter: true,
      plateau: { patience: 1, factor: 0.5 },
      onEpoch: ({ epoch }) => epoch < 5,
    });
    expect(result).toMatchObject({ bestEpoch: 5, endedBy: 'callback' });
    expect(result.history.map(({ learningRate }) => learningRate)).toEqual([0.05, 0.05, 0.05, 0.025, 0.025]);
  });
  let seen = 0;

  it('takes a schedule by update', async () => {
    const rates: number[] = [];
    await train({ epochs: 2, schedule: (step) => rates.push(step) / 10 });
    expect(rates).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes updates of unequal sizes: a group each', async () => {
    const loss = reduceMean(abs(sub(chances, y)));
    const step = await createAccumulatedStep(loss, parameters, sgd({ learningRate: 0.1 }));
    const sampler = groupedSampler(Array.from({ length: data.length }, (_, i) => Math.floor(Math.sqrt(i))));
    const { history } = await fitModel(step, data, { epochs: 3, sampler, microBatchSize: 5 });
    expect(step.optimizer.step).toBe(3 * 9);
    expect(history[2].trainingLoss).toBeLessThan(history[0].trainingLoss);
    await step.release();
  });

  it.each<[string, Partial<FitOptions>, RegExp]>([
    ['no epochs', { epochs: 0 }, /invalid epochs: 0/],
    ['no micro-batch', { microBatchSize: 0 }, /invalid microBatchSize: 0/],
    ['a value that is not there', { monitor: 'f1' }, /no value is called f1; nothing is validated/],
    [
      'a value that is not given',
      { monitor: 'f1', validate: async () => ({ loss: 1, accuracy: 0 }) },
      /no value is called f1; validate gives loss, accuracy/,
    ],
    ['an end before it began', { signal: AbortSignal.abort() }, /cancelled/],
  ])('refuses %s', async (_, options, message) => {
    await expect(train(options)).rejects.toThrow(message);
  });
});
