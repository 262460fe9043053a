import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { type TensorData, tensorData } from '../../graph/dataType.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { constant, input, type Tensor } from '../../graph/tensor.ts';
import { sgd } from '../../optim/optimizers.ts';
import { createAccumulatedStep } from '../../train/accumulation/accumulatedStep.ts';
import { initialise, type ParameterPlans } from '../parameters.ts';
import { evaluate } from '../testing/evaluate.ts';
import { moveStatistics, type TrainingPass, trainingPass } from '../trainingPass.ts';
import { attentionParameters, multiHeadAttention } from './attention.ts';
import { batchNorm, batchNormParameters } from './batchNorm.ts';
import { embedding, embeddingParameters } from './embedding.ts';
import { layerNorm, layerNormParameters } from './layerNorm.ts';
import { linear, linearParameters } from './linear.ts';
import { gruLayer, gruParameters, lstmLayer, lstmParameters } from './recurrent.ts';

type Stored = { shape: number[]; data: number[] };
interface Case {
  values: Record<string, Stored>;
  state?: Record<string, Stored>;
  inputs: Record<string, Stored>;
  y: Stored;
  cotangent: Stored;
  gradients: Record<string, Stored>;
}

const url = new URL('../../../fixtures/engine/layers.json', import.meta.url);
const { cases }: { cases: Record<string, Case> } = JSON.parse(readFileSync(url, 'utf8'));
const read = ({ shape, data }: Stored) => tensorData('float32', data, shape);
const close = (found: readonly number[], expected: readonly number[], what: string) => {
  const scale = Math.max(1, ...expected.map(Math.abs));
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  expect(found.length).toBe(expected.length);
  expect(worst / scale, what).toBeLessThan(2e-6);
};

/** A case's parameters with PyTorch's values. */
function modelOf<const Plans extends ParameterPlans>(
  name: string,
  plans: Plans,
  state = cases[name].state ?? {},
) {
  const stored = Object.entries({ ...cases[name].values, ...state });
  return initialise(plans, { values: Object.fromEntries(stored.map(([key, value]) => [key, read(value)])) });
}

/** Runs a layer on a case's inputs and compares its result and all gradients. */
async function compare(
  name: string,
  trained: Readonly<Record<string, Tensor>>,
  layer: (...inputs: Tensor[]) => Tensor,
  {
    training,
    fed = {},
    stepsKnown = false,
  }: { training?: TrainingPass; fed?: Record<string, TensorData>; stepsKnown?: boolean } = {},
): Promise<Record<string, number[]>> {
  const found = cases[name];
  // Batch and steps are names: nothing may hang on their sizes.
  const inputs = Object.entries(found.inputs).map(([key, { shape }]) =>
    input(key, 'float32', [
      'batch',
      ...shape
        .slice(1)
        .map((size, i) => (i === 0 && shape.length === 3 && !stepsKnown ? `${key}Steps` : size)),
    ]),
  );
  const y = layer(...inputs);
  const wanted = {
    ...trained,
    ...Object.fromEntries(inputs.map((tensor) => [tensor.node.name ?? '', tensor])),
  };
  const slopes = gradient(reduceSum(mul(y, input('cotangent', 'float32', y.shape))), wanted);
  const outputs = Object.entries(slopes).map(([key, slope]) => [`gradient of ${key}`, slope]);
  const statistics = Object.entries(training?.statistics ?? {}).map(([key, value]) => [
    `batch ${key}`,
    value,
  ]);
  const stored = Object.entries(found.inputs).map(([key, value]) => [key, read(value)]);
  const results: Record<string, number[]> = await evaluate(
    { y, ...Object.fromEntries([...outputs, ...statistics]) },
    { ...Object.fromEntries(stored), ...fed, cotangent: read(found.cotangent) },
  );
  close(results.y, found.y.data, 'the result');
  for (const [key, { data }] of Object.entries(found.gradients)) {
    close(results[`gradient of ${key}`], data, `gradient of ${key}`);
  }
  return results;
}

describe('layers do what PyTorch does, forward and backward', () => {
  it.each(['linear', 'linear of rank 3'])('%s', async (name) => {
    const { parameters, trained } = modelOf(name, linearParameters(4, 3));
    await compare(name, trained, (x) => linear(parameters, x));
  });

  it('layerNorm', async () => {
    const { parameters, trained } = modelOf('layerNorm', layerNormParameters(6));
    await compare('layerNorm', trained, (x) => layerNorm(parameters, x));
  });

  it.each([
    ['attention', { heads: 2 }],
    ['causal attention', { heads: 4, causal: true }],
  ])('%s', async (name, options) => {
    const { parameters, trained } = modelOf(name, attentionParameters(8));
    await compare(name, trained, (x) => multiHeadAttention(parameters, x, options));
  });

  it('masked attention of a context', async () => {
    const name = 'masked attention of a context';
    const { parameters, trained } = modelOf(name, attentionParameters(8));
    const mask = input('mask', 'bool', ['xSteps', 'contextSteps']);
    const fed = { mask: tensorData('bool', [1, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1], [3, 4]) };
    await compare(
      name,
      trained,
      (x, context) => multiHeadAttention(parameters, x, { heads: 2, context, mask }),
      { fed },
    );
    const x = input('x', 'float32', [1, 1, 8]);
    expect(() => multiHeadAttention(parameters, x, { heads: 3 })).toThrow(
      '3 heads do not divide a size of 8',
    );
  });

  it.each([
    ['lstm', lstmParameters, lstmLayer],
    ['gru', gruParameters, gruLayer],
  ] as const)('%s', async (name, plans, layer) => {
    for (const bidirectional of [false, true]) {
      const which = bidirectional ? `${name} in both directions` : name;
      const { parameters, trained } = modelOf(which, plans(3, 4, { bidirectional }));
      await compare(which, trained, (x) => layer(parameters, x).y, { stepsKnown: true });
    }
    const { forward } = initialise(plans(3, 4)).parameters;
    const { y, last } = layer({ forward }, constant(tensorData('float32', [1, 2, 3, 4, 5, 6], [1, 2, 3])));
    const found = await evaluate({ y, last });
    expect(found.y.slice(4)).toEqual(found.last);
    const bias = [...(forward.inputBias.node.value?.data ?? [])];
    expect(bias.slice(4, 8)).toEqual(name === 'lstm' ? [1, 1, 1, 1] : [0, 0, 0, 0]);
  });

  it('batchNorm in training, with its statistics', async () => {
    const name = 'batchNorm in training';
    const training = trainingPass();
    const { parameters, trained } = modelOf(name, batchNormParameters(3), {});
    const results = await compare(name, trained, (x) => batchNorm(parameters, x, { training }), { training });
    const running = {
      runningMean: tensorData('float32', [0, 0, 0]),
      runningVariance: tensorData('float32', [1, 1, 1]),
    };
    moveStatistics(running, {
      runningMean: tensorData('float32', results['batch runningMean']),
      runningVariance: tensorData('float32', results['batch runningVariance']),
    });
    close([...(running.runningMean.data as Float32Array)], cases[name].state?.runningMean.data ?? [], 'mean');
    close(
      [...(running.runningVariance.data as Float32Array)],
      cases[name].state?.runningVariance.data ?? [],
      'variance',
    );
  });

  it('batchNorm over a window of micro-batches, with the statistics of all of it', async () => {
    const { inputs, y: output, cotangent, gradients, state = {} } = cases['batchNorm in training'];
    const training = trainingPass();
    const { parameters, trained } = modelOf('batchNorm in training', batchNormParameters(3), {});
    const [x, weights] = ['x', 'cotangent'].map((name) =>
      input(name, 'float32', ['batch', ...output.shape.slice(1)]),
    );
    const loss = reduceSum(mul(batchNorm(parameters, x, { training }), weights));
    const step = await createAccumulatedStep(loss, trained, sgd({ learningRate: 1 }), {
      batchStatistics: 'window',
      watch: training.statistics,
    });
    const rows = (from: number, to: number) => {
      const size = output.data.length / output.shape[0];
      const part = ({ data }: Stored) =>
        tensorData('float32', data.slice(from * size, to * size), [to - from, ...output.shape.slice(1)]);
      return { x: part(inputs.x), cotangent: part(cotangent) };
    };
    const { watched } = await step.run([rows(0, 1), rows(1, 4)]);
    const after = step.parameters();
    await step.release();
    for (const [name, { data }] of Object.entries(cases['batchNorm in training'].values)) {
      const moved = data.map((value, i) => value - gradients[name].data[i]);
      close([...(after[name].data as Float32Array)], moved, name);
    }
    const running = {
      runningMean: tensorData('float32', [0, 0, 0]),
      runningVariance: tensorData('float32', [1, 1, 1]),
    };
    moveStatistics(running, watched);
    close([...(running.runningMean.data as Float32Array)], state.runningMean.data, 'mean');
    close([...(running.runningVariance.data as Float32Array)], state.runningVariance.data, 'variance');
  });

  it('batchNorm in use', async () => {
    const { parameters, trained } = modelOf('batchNorm in use', batchNormParameters(3));
    await compare('batchNorm in use', trained, (x) => batchNorm(parameters, x));
  });
});

describe('embedding', () => {
  it('looks vectors up and sums the gradients of those met twice', async () => {
    const weight = tensorData('float32', [0, 1, 2, 3, 4, 5, 6, 7], [4, 2]);
    const { parameters, trained } = initialise(embeddingParameters(4, 2), { values: { weight } });
    const y = embedding(parameters, input('indices', 'int64', ['batch', 2]));
    const slopes = gradient(reduceSum(y), trained);
    const indices = tensorData('int64', [3, 0, 3, 3], [2, 2]);
    const found = await evaluate({ y, slope: slopes.weight }, { indices });
    expect(found.y).toEqual([6, 7, 0, 1, 6, 7, 6, 7]);
    expect(found.slope).toEqual([1, 1, 0, 0, 0, 0, 3, 3]);
  });
});
