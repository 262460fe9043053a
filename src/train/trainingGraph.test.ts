import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { numbersOf, type TensorData, tensorData } from '../graph/dataType.ts';
import { mul, sub } from '../graph/operators/elementwise.ts';
import { reduceSum } from '../graph/operators/reduction.ts';
import { constant, input, parameter } from '../graph/tensor.ts';
import { createOptimizer } from '../optim/optimizer.ts';
import { adam, sgd } from '../optim/optimizers.ts';
import { compile } from '../runtime/compile.ts';
import { exportedSteps } from './testing/exportedSteps.ts';
import { trainingGraph } from './trainingGraph.ts';
import { createTrainingStep } from './trainingStep.ts';

interface Fixture {
  images: number[][];
  targets: number[][];
  results: Record<string, { losses: number[]; step: number; weights: Record<string, number[]> }>;
}

const url = new URL('../../fixtures/engine/trainingSteps.json', import.meta.url);
const fixture: Fixture = JSON.parse(readFileSync(url, 'utf8'));
const batches = fixture.images.map((image, i) => ({
  image: tensorData('float32', image, [image.length / 64, 1, 8, 8]),
  target: tensorData('float32', fixture.targets[i], [image.length / 64, 3]),
}));

/** Largest difference of two lists, relative to the largest of the second. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs(found[i] - value))) / scale;
}

describe('a training step as one graph', () => {
  // Another version of ONNX Runtime may sum in another order: a few roundings of float32 a step.
  const tolerance = 2e-6;

  it.each(Object.keys(exportedSteps))(
    "run by Python's ONNX Runtime ends at the weights of training here: %s",
    async (name) => {
      const { loss, parameters, rule, options } = exportedSteps[name]();
      const expected = fixture.results[name];
      const step = await createTrainingStep(loss, [...parameters], rule, { ...options, threads: 1 });
      for (const [i, batch] of batches.entries()) {
        const report = await step.run(batch);
        expect(Math.abs(report.loss - expected.losses[i])).toBeLessThan(tolerance * 2);
      }
      expect(step.optimizer.step).toBe(expected.step);
      const weights = step.parameters();
      for (const [key, values] of Object.entries(expected.weights)) {
        const average = /^optimizer\.average\.(.*)/.exec(key)?.[1];
        const found = average ? step.optimizer.averages?.[average] : weights[key].data;
        expect(difference(found as Float32Array, values), key).toBeLessThan(tolerance);
      }
      await step.release();
    },
  );

  it('does to the bit what the optimiser here does', async () => {
    const { loss, parameters, rule, options } = exportedSteps.adam();
    const graph = trainingGraph(loss, [...parameters], rule, options);
    const program = await compile(graph, { threads: 1 });
    const step = await createTrainingStep(loss, [...parameters], rule, { ...options, threads: 1 });
    let state: Record<string, TensorData> = {};
    for (const batch of batches) {
      await step.run(batch, 0.02);
      const results = await program.run({
        ...batch,
        learningRate: tensorData('float64', [0.02], []),
        ...state,
      });
      state = Object.fromEntries(
        Object.entries(results).flatMap(([name, value]) =>
          name.startsWith('next.') ? [[name.slice(5), value]] : [],
        ),
      );
    }
    const weights = step.parameters();
    for (const [name, { data }] of Object.entries(weights)) expect(state[name].data, name).toEqual(data);
    await program.release();
    await step.release();
  });

  const weight = parameter('w', tensorData('float32', [1, 2]));
  const x = input('x', 'float32', [2]);
  const error = sub(mul(weight, x), constant([3, 3]));
  const loss = reduceSum(mul(error, error));

  it('goes on from what an optimiser saved', async () => {
    const start = { w: tensorData('float32', [1, 2]) };
    const optimizer = createOptimizer(start, adam(), { averageDecay: 0.5 });
    const update = () => {
      for (let i = 0; i < 2; i++) optimizer.gradients.w[i] = 2 * (optimizer.weights.w[i] - 3);
      optimizer.update();
    };
    update();
    update();
    const graph = trainingGraph(loss, [weight], adam(), { averageDecay: 0.5, from: optimizer.save() });
    const program = await compile(graph);
    const next = await program.run({ x: tensorData('float32', [1, 1]) });
    update();
    expect(next['next.w'].data).toEqual(optimizer.weights.w);
    expect(next['next.optimizer.average.w'].data).toEqual(optimizer.averages?.w);
    expect(next['next.optimizer.step'].data).toEqual(BigInt64Array.of(3n));
    await program.release();
    expect(() => trainingGraph(loss, [weight], sgd(), { from: optimizer.save() })).toThrow(
      'the state is of adam, not of sgd',
    );
  });

  it('changes what is not trained too', async () => {
    const mean = parameter('mean', tensorData('float32', [4, 4]));
    const next = mul(sub(mul(weight, x), mean), 0.5);
    const program = await compile(trainingGraph(loss, [weight], sgd(), { updates: [[mean, next]] }));
    const found = await program.run({ x: tensorData('float32', [2, 1]) });
    expect([...numbersOf(found['next.mean'])]).toEqual([-1, -1]);
    await program.release();
  });

  it('refuses parameters that cannot be trained', () => {
    expect(() => trainingGraph(loss, [x], sgd())).toThrow('parameter x has no value');
    const exact = parameter('e', tensorData('float64', [1]));
    expect(() => trainingGraph(reduceSum(exact), [exact], sgd())).toThrow('parameter e is float64');
  });
});
