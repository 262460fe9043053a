import { describe, it } from 'vitest';
import type { Shape } from '../../graph/dimension.ts';
import {
  type ConvTransposeOptions,
  conv,
  convTranspose,
  convTransposeWindow,
  convWindow,
} from '../../graph/operators/convolution.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { averagePool, maxPool } from '../../graph/operators/pooling.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { gradient } from '../gradient.ts';
import { checkAgainstReference } from '../testing/checkAgainstReference.ts';
import { checkGradient } from '../testing/checkGradient.ts';
import { referenceConv, referenceConvTranspose } from '../testing/windowReference.ts';

interface Case {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly named?: Shape;
  readonly options?: ConvTransposeOptions;
}

const convCases: Readonly<Record<string, Case>> = {
  'one axis': { x: [2, 3, 7], weight: [4, 3, 3] },
  'three axes': { x: [1, 2, 3, 4, 3], weight: [2, 2, 2, 3, 2], options: { pads: 1, strides: [1, 2, 1] } },
  'a kernel of one element': { x: [2, 3, 4, 5], weight: [4, 3, 1, 1] },
  'a kernel of one element, strided': { x: [2, 3, 5, 6], weight: [4, 3, 1, 1], options: { strides: 2 } },
  'an input of one element': { x: [2, 3, 1, 1], weight: [2, 3, 1, 1] },
  'pads only around one element': { x: [1, 2, 1, 1], weight: [3, 2, 3, 3], options: { pads: 1 } },
  'a kernel larger than the input': { x: [2, 2, 2, 3], weight: [2, 2, 5, 5], options: { pads: 2 } },
  'pads wider than the kernel': { x: [2, 2, 3, 3], weight: [2, 2, 1, 1], options: { pads: 1 } },
  'pads of its own on each side': { x: [1, 2, 4, 5], weight: [3, 2, 3, 2], options: { pads: [0, 1, 2, 0] } },
  'strides that leave a rest': { x: [2, 2, 8, 9], weight: [3, 2, 3, 3], options: { strides: [3, 2] } },
  'strides longer than the kernel': { x: [2, 2, 8, 9], weight: [3, 2, 2, 1], options: { strides: 3 } },
  dilations: { x: [1, 2, 7, 8], weight: [2, 2, 3, 2], options: { dilations: [2, 3], pads: [1, 2] } },
  'dilations and strides': { x: [1, 2, 9, 8], weight: [2, 2, 3, 2], options: { dilations: 2, strides: 2 } },
  groups: { x: [2, 4, 5, 4], weight: [6, 2, 3, 3], options: { groups: 2, pads: 1 } },
  'every channel by itself': { x: [2, 4, 5, 4], weight: [4, 1, 3, 3], options: { groups: 4, pads: 1 } },
  'every channel by itself, strided': {
    x: [2, 4, 7, 6],
    weight: [4, 1, 5, 5],
    options: { groups: 4, pads: 2, strides: 2 },
  },
  'two outputs a channel': { x: [2, 3, 5, 4], weight: [6, 1, 2, 3], options: { groups: 3 } },
  'pads that keep the size': {
    x: [1, 2, 5, 6],
    weight: [2, 2, 3, 4],
    options: { pads: 'same', dilations: [2, 1] },
  },
  'pads that halve the size': {
    x: [1, 2, 5, 6],
    weight: [2, 2, 2, 3],
    options: { pads: 'sameLower', strides: 2 },
  },
  'many channels': { x: [2, 6, 5, 4], weight: [3, 6, 3, 2], options: { pads: 1 } },
  'many channels, strided and dilated': {
    x: [2, 5, 8, 7],
    weight: [2, 5, 3, 2],
    options: { strides: [2, 3], dilations: [1, 2], pads: [0, 1, 1, 0] },
  },
  'many channels and a kernel of one element': { x: [2, 6, 1, 2], weight: [7, 6, 1, 1] },
  'a kernel of one element with pads': {
    x: [2, 2, 3, 4],
    weight: [3, 2, 1, 1],
    options: { pads: [1, 0, 0, 2] },
  },
  'every channel by itself, wide': {
    x: [1, 2, 3, 30],
    weight: [4, 1, 2, 3],
    options: { groups: 2, pads: 1, strides: 2 },
  },
  'every channel by itself, dilated': {
    x: [2, 3, 7, 8],
    weight: [3, 1, 3, 2],
    options: { groups: 3, pads: [1, 2], dilations: [2, 3] },
  },
  'every channel by itself, along one axis': {
    x: [2, 3, 8],
    weight: [6, 1, 3],
    options: { groups: 3, pads: [2, 0] },
  },
  'every channel by itself, along three axes': {
    x: [2, 2, 4, 3, 4],
    weight: [2, 1, 2, 3, 2],
    options: { groups: 2, strides: [2, 1, 1] },
  },
  'an empty batch': { x: [0, 2, 4, 4], weight: [3, 2, 3, 3] },
  'an empty batch, of a named size': { x: [0, 2, 4, 4], named: ['batch', 2, 4, 4], weight: [3, 2, 3, 3] },
  'an empty batch of many channels': { x: [0, 6, 4, 4], weight: [3, 6, 3, 3] },
  'an empty batch, every channel by itself': {
    x: [0, 3, 4, 4],
    weight: [3, 1, 3, 3],
    options: { groups: 3 },
  },
  'an empty batch and a kernel of one element': { x: [0, 2, 4, 4], weight: [3, 2, 1, 1] },
  'named sizes and a kernel of one element': {
    x: [2, 2, 4, 3],
    named: ['batch', 2, 'height', 'width'],
    weight: [3, 2, 1, 1],
  },
  'named sizes': {
    x: [2, 2, 7, 8],
    weight: [3, 2, 3, 2],
    named: ['batch', 2, 'height', 'width'],
    options: { pads: 1 },
  },
  'named sizes, strided': {
    x: [2, 2, 7, 8],
    weight: [3, 2, 3, 2],
    named: ['batch', 2, 'height', 'width'],
    options: { pads: [1, 0], strides: [2, 3] },
  },
  'named sizes, every channel by itself': {
    x: [2, 2, 7, 8],
    weight: [2, 1, 3, 3],
    named: ['batch', 2, 'height', 'width'],
    options: { pads: 1, strides: 2, groups: 2 },
  },
};

describe('Conv and its gradients agree with the definition in float64 for', () => {
  it.each(Object.entries(convCases))('%s', async (_, { x, weight, named = x, options = {} }) => {
    const bias = [weight[0]];
    const { window } = convWindow(
      nodeOf(conv(input('x', 'float32', x), input('w', 'float32', weight), undefined, options)),
    );
    if (!window) throw new Error('no window');
    await checkAgainstReference({
      shapes: [x, weight, bias],
      named: [named, weight, bias],
      run: (...[a, w, b]) => conv(a, w, b, options),
      reference: (a, w, b) => referenceConv(a, w, b, window, options.groups),
    });
  });
});

const transposeCases: Readonly<Record<string, Case>> = {
  'one axis': { x: [2, 3, 5], weight: [3, 2, 3], options: { strides: 2, outputPadding: 1 } },
  'three axes': { x: [1, 2, 2, 3, 2], weight: [2, 2, 2, 2, 2], options: { strides: [1, 2, 1] } },
  pads: { x: [1, 2, 4, 3], weight: [2, 3, 3, 3], options: { pads: [1, 0, 0, 2] } },
  'strides, dilations and pads': {
    x: [1, 2, 4, 3],
    weight: [2, 3, 3, 2],
    options: { strides: 2, dilations: [2, 3], pads: 1 },
  },
  groups: { x: [2, 4, 3, 3], weight: [4, 3, 2, 2], options: { groups: 2, strides: 2, outputPadding: 1 } },
  'every channel by itself': { x: [2, 3, 3, 3], weight: [3, 1, 3, 3], options: { groups: 3, strides: 2 } },
  'sizes that are the input times the stride': {
    x: [1, 2, 3, 4],
    weight: [2, 2, 3, 4],
    options: { pads: 'same', strides: 2 },
  },
  'the same with the odd pad in front': {
    x: [1, 2, 3, 4],
    weight: [2, 2, 3, 4],
    options: { pads: 'sameLower', strides: [1, 2] },
  },
  'named sizes': {
    x: [2, 2, 3, 4],
    weight: [2, 2, 3, 3],
    named: ['batch', 2, 'height', 'width'],
    options: { strides: 2, pads: 1, outputPadding: 1 },
  },
  'an empty batch': { x: [0, 2, 4, 4], weight: [2, 3, 3, 3] },
};

describe('ConvTranspose and its gradients agree with the definition in float64 for', () => {
  it.each(Object.entries(transposeCases))('%s', async (_, { x, weight, named = x, options = {} }) => {
    const bias = [weight[1] * (options.groups ?? 1)];
    const node = nodeOf(
      convTranspose(input('x', 'float32', x), input('w', 'float32', weight), undefined, options),
    );
    const { window, sizes } = convTransposeWindow(node);
    await checkAgainstReference({
      shapes: [x, weight, bias],
      named: [named, weight, bias],
      run: (...[a, w, b]) => convTranspose(a, w, b, options),
      reference: (a, w, b) => referenceConvTranspose(a, w, b, window, sizes as number[], options.groups),
    });
  });
});

// What is checked is linear in each input, so that large steps give the slope up to rounding.
describe('gradients of gradients agree with differences for', () => {
  const linear = { dtype: 'float32', step: 1, tolerance: 1e-5 } as const;
  const cases: Readonly<Record<string, Required<Pick<Case, 'x' | 'weight' | 'options'>>>> = {
    'few channels': { x: [2, 2, 5, 4], weight: [3, 2, 3, 2], options: { strides: 2, pads: 1 } },
    'many channels': { x: [1, 5, 5, 4], weight: [2, 5, 3, 2], options: { strides: 2, pads: 1 } },
    groups: { x: [1, 4, 4, 5], weight: [2, 2, 2, 3], options: { groups: 2, dilations: [2, 1] } },
    'every channel by itself': {
      x: [2, 2, 5, 5],
      weight: [2, 1, 3, 3],
      options: { groups: 2, pads: 1, strides: 2 },
    },
    'every channel by itself, wide': {
      x: [1, 2, 2, 20],
      weight: [2, 1, 2, 2],
      options: { groups: 2, strides: 2 },
    },
    'a kernel of one element': { x: [2, 2, 3, 3], weight: [3, 2, 1, 1], options: {} },
  };

  it.each(Object.entries(cases))('%s', async (_, { x, weight, options }) => {
    const y = conv(input('x', 'float32', x), input('w', 'float32', weight), undefined, options);
    const loss = (a: Tensor, w: Tensor, c: Tensor) => reduceSum(mul(conv(a, w, undefined, options), c));
    const places = y.shape as readonly number[];
    await checkGradient([x, weight, places], (a, w, c) => gradient(loss(a, w, c), a), linear);
    await checkGradient([x, weight, places], (a, w, c) => gradient(loss(a, w, c), w), linear);
  });

  it('transposes', async () => {
    const options = { strides: 2, pads: 1, outputPadding: 1 };
    const loss = (a: Tensor, w: Tensor, c: Tensor) =>
      reduceSum(mul(convTranspose(a, w, undefined, options), c));
    const shapes = [
      [1, 2, 3, 2],
      [2, 2, 3, 3],
      [1, 2, 6, 4],
    ];
    await checkGradient(shapes, (a, w, c) => gradient(loss(a, w, c), a), linear);
    await checkGradient(shapes, (a, w, c) => gradient(loss(a, w, c), w), linear);
  });

  it('pooling', async () => {
    const options = { strides: 2, pads: 1 };
    const shapes = [
      [1, 2, 5, 4],
      [1, 2, 3, 2],
    ];
    await checkGradient(shapes, (a, c) => gradient(reduceSum(mul(averagePool(a, 3, options), c)), a), linear);
    // The largest must stay the largest.
    await checkGradient(shapes, (a, c) => gradient(reduceSum(mul(maxPool(a, 3, options), c)), a), {
      dtype: 'float32',
      step: 1e-3,
      tolerance: 1e-3,
    });
  });
});

function nodeOf({ node }: Tensor) {
  return node;
}
