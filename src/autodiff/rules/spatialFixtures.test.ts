import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { numbersOf, type TensorData, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { conv, convTranspose } from '../../graph/operators/convolution.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { averagePool, lpPool, maxPool } from '../../graph/operators/pooling.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { depthToSpace, type ResizeOptions, resize } from '../../graph/operators/resize.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';

interface Packed {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Fixture {
  readonly inputs: readonly Packed[];
  readonly output: Packed;
  readonly weights: Packed;
  readonly gradients: readonly Packed[];
}

const fixtures = JSON.parse(
  readFileSync(new URL('../../../fixtures/engine/spatial.json', import.meta.url), 'utf8'),
) as Record<string, Fixture>;

const resized = (options: ResizeOptions) => (x: Tensor) => resize(x, options);
const ceil = { strides: 2, pads: 1, ceilMode: true };

const functions: Readonly<Record<string, (...inputs: Tensor[]) => Tensor>> = {
  'conv same': (x, w, b) => conv(x, w, b, { pads: 'same', dilations: [1, 2], groups: 2 }),
  convTranspose: (x, w, b) =>
    convTranspose(x, w, b, { strides: [2, 3], pads: 1, outputPadding: 1, groups: 2, dilations: 2 }),
  'maxPool ceil': (x) => maxPool(x, 3, ceil),
  'averagePool ceil': (x) => averagePool(x, 3, ceil),
  'averagePool ceil pads': (x) => averagePool(x, 3, { ...ceil, countIncludePad: true }),
  lpPool: (x) => lpPool(x, 2),
  nearest: resized({ scales: [2, 3], coordinates: 'asymmetric', rounding: 'floor' }),
  'nearest smaller': resized({ sizes: [3, 2], coordinates: 'asymmetric', rounding: 'floor' }),
  'nearest exact': resized({ sizes: [7, 3], rounding: 'round_prefer_ceil' }),
  linear: resized({ scales: 2, mode: 'linear' }),
  'linear smaller': resized({ sizes: [3, 2], mode: 'linear', coordinates: 'pytorch_half_pixel' }),
  'linear corners': resized({ sizes: [7, 3], mode: 'linear', coordinates: 'align_corners' }),
  'linear one axis': resized({ scales: 1.5, mode: 'linear' }),
  'linear three axes': resized({ sizes: [3, 4, 2], mode: 'linear' }),
  cubic: resized({ sizes: [7, 4], mode: 'cubic' }),
  'pixel shuffle': (x) => depthToSpace(x, 2, { mode: 'CRD' }),
};

describe('values and gradients agree with those of PyTorch to 1e-5 for', () => {
  it.each(Object.entries(functions))('%s', async (name, f) => {
    const { inputs, output, weights, gradients } = fixtures[name];
    const tensors = inputs.map(({ shape }, i) => input(`x${i}`, 'float32', shape));
    const y = f(...tensors);
    const loss = reduceSum(mul(y, input('weights', 'float32', weights.shape)));
    const slopes = gradient(loss, tensors).map((slope, i) => [`d${i}`, slope]);
    const program = await compile(graphOf({ y, ...Object.fromEntries(slopes) }, { inputs: tensors }));
    const feeds: Record<string, TensorData> = { weights: toData(weights) };
    for (const [i, values] of inputs.entries()) feeds[`x${i}`] = toData(values);
    const results = await program.run(feeds);
    await program.release();
    expectEqual(results.y, output);
    for (const [i, expected] of gradients.entries()) expectEqual(results[`d${i}`], expected);
  });
});

function toData({ shape, data }: Packed): TensorData {
  return tensorData('float32', data, shape);
}

function expectEqual(found: TensorData, { shape, data }: Packed): void {
  expect(found.shape).toEqual(shape);
  const worst = numbersOf(found).reduce((most, value, i) => Math.max(most, Math.abs(value - data[i])), 0);
  expect(worst / Math.max(1, ...data.map(Math.abs))).toBeLessThan(1e-5);
}
