import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { numbersOf, sizeOf, type TensorData, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { crossEntropy } from '../losses/classification.ts';
import { initialise, type ParameterPlans, parameterCount, plansOf } from '../parameters.ts';
import { trainingPass } from '../trainingPass.ts';
import { nasNet, nasNetParameters, nasNetSizes } from './nasNet.ts';
import { resNet, resNet18Parameters, resNet50Parameters } from './resNet.ts';

interface Case {
  readonly logits: readonly number[];
  readonly loss?: number;
  readonly gradientLengths?: Readonly<Record<string, number>>;
}
const url = new URL('../../../fixtures/engine/models.json', import.meta.url);
const cases: Readonly<Record<string, Case>> = JSON.parse(readFileSync(url, 'utf8'));

/** The formula that fixtures/engine/models.py fills weights and images with. */
function noise(name: string, shape: readonly number[]): Float64Array {
  const seed = Array.from(name).reduce((sum, letter, at) => sum + letter.charCodeAt(0) * (at + 1), 0);
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    let bits = Math.imul(i + (seed << 10), 0x9e3779b1);
    for (let round = 0; round < 2; round++) bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b);
    return (bits >>> 8) / 2 ** 23 - 1;
  });
}

function filledValue(name: string, shape: readonly number[]): TensorData {
  const [base, scale] = name.endsWith('runningVariance')
    ? [1, 0.5]
    : /runningMean|bias$/.test(name)
      ? [0, 0.1]
      : shape.length === 1
        ? [1, 0.2]
        : [0, 2.4 / Math.sqrt(sizeOf(shape.slice(1)))];
  return tensorData(
    'float32',
    noise(name, shape).map((value) => base + scale * value),
    shape,
  );
}

function filled<Plans extends ParameterPlans>(plans: Plans) {
  const values = Array.from(plansOf(plans), ([name, { shape }]) => [name, filledValue(name, shape)]);
  return initialise<Plans>(plans, { values: Object.fromEntries(values) });
}

async function logitsOf(y: Tensor, shape: readonly number[]): Promise<Float64Array> {
  const program = await compile(graphOf({ y }));
  const results = await program.run({ x: tensorData('float32', noise('image', shape), shape) });
  await program.release();
  return numbersOf(results.y);
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  const scale = Math.max(...expected.map(Math.abs));
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(found[i] - value) / scale).toBeLessThan(tolerance);
}

describe('image models', () => {
  it('have as many parameters as published', () => {
    expect(parameterCount(resNet18Parameters())).toBe(11_689_512);
    expect(parameterCount(resNet50Parameters())).toBe(25_557_032);
    expect(parameterCount(nasNetParameters(nasNetSizes.mobile))).toBe(5_289_978);
    expect(parameterCount(nasNetParameters(nasNetSizes.large))).toBe(88_753_150);
    // Running means and variances in Keras's NASNet-Large.
    expect(parameterCount(nasNetParameters(nasNetSizes.large), { isTrained: false })).toBe(196_668);
  });

  it('do what torchvision does in use: ResNet-50', async () => {
    const { parameters } = filled(resNet50Parameters({ classes: 10 }));
    const x = input('x', 'float32', ['batch', 3, 64, 64]);
    expectClose(await logitsOf(resNet(parameters, x), [2, 3, 64, 64]), cases.resNet50.logits, 1e-5);
  });

  it('do what torchvision does in use and in training: ResNet-18', async () => {
    const { logits, loss: expectedLoss = Number.NaN, gradientLengths = {} } = cases.resNet18;
    const shape = [2, 3, 64, 64];
    const { parameters, trained } = filled(resNet18Parameters({ classes: 10 }));
    const x = input('x', 'float32', ['batch', 3, 64, 64]);
    expectClose(await logitsOf(resNet(parameters, x), shape), logits, 2e-6);

    const y = input('y', 'int64', ['batch']);
    const loss = crossEntropy(resNet(parameters, x, { training: trainingPass() }), y).mean;
    const program = await compile(graphOf({ loss, ...prefixed(gradient(loss, trained)) }));
    const image = tensorData('float32', noise('image', shape), shape);
    const results = await program.run({ x: image, y: tensorData('int64', [3, 7]) });
    await program.release();
    expect(Math.abs(numbersOf(results.loss)[0] - expectedLoss)).toBeLessThan(1e-4);
    expect(Object.keys(gradientLengths)).toHaveLength(Object.keys(trained).length);
    for (const [key, expected] of Object.entries(gradientLengths)) {
      const squares = numbersOf(results[`gradient of ${key}`]).reduce((sum, value) => sum + value * value, 0);
      expect(Math.abs(Math.sqrt(squares) / expected - 1), key).toBeLessThan(5e-4);
    }
  });

  it('do what timm does: a small NASNet-A of 4 channels', async () => {
    const sizes = { stem: 8, features: 96, cells: 6, skipsReduction: true };
    const { parameters } = filled(nasNetParameters(sizes, { channels: 4, classes: 5 }));
    const x = input('x', 'float32', ['batch', 4, 70, 64]);
    const y = nasNet(sizes, parameters, x, { countPads: true });
    expectClose(await logitsOf(y, [2, 4, 70, 64]), cases.nasNet.logits, 2e-6);
  });

  it('take a training pass through every cell of a NASNet-A', async () => {
    const sizes = { stem: 4, features: 96, cells: 1, skipsReduction: false };
    const { parameters, trained, state } = filled(nasNetParameters(sizes, { channels: 1, classes: 2 }));
    const training = trainingPass({ keys: input('keys', 'int64', ['batch']) });
    const x = input('x', 'float32', ['batch', 1, 32, 32]);
    const y = nasNet(sizes, parameters, x, { dropout: 0.5, training });
    expect(Object.keys(training.statistics).sort()).toEqual(Object.keys(state).sort());
    const slopes = gradient(crossEntropy(y, input('y', 'int64', ['batch'])).mean, trained);
    const program = await compile(graphOf(prefixed(slopes)));
    const results = await program.run({
      x: tensorData('float32', noise('image', [3, 1, 32, 32]), [3, 1, 32, 32]),
      y: tensorData('int64', [0, 1, 0]),
      keys: tensorData('int64', [5, 6, 7]),
    });
    await program.release();
    for (const [name, slope] of Object.entries(results)) {
      const total = numbersOf(slope).reduce((sum, value) => sum + Math.abs(value), 0);
      expect(Number.isFinite(total) && total > 0, name).toBe(true);
    }
  });
});

const prefixed = (slopes: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(slopes).map(([name, slope]) => [`gradient of ${name}`, slope]));
