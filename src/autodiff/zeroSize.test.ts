import { describe, it } from 'vitest';
import { tensorData } from '../graph/dataType.ts';
import { gelu, relu } from '../graph/operators/activation.ts';
import { abs, clip, less, max, where } from '../graph/operators/elementwise.ts';
import { gather, scatterNd } from '../graph/operators/indexing.ts';
import { einsum, gemm, matMul } from '../graph/operators/linearAlgebra.ts';
import { concat, expand, flatten, pad, slice, split, tile, transpose } from '../graph/operators/movement.ts';
import {
  batchNormalizationTraining,
  layerNormalization,
  logSoftmax,
  softmax,
} from '../graph/operators/normalization.ts';
import { cumSum, reduceMax, reduceMean, reduceProd, reduceSum } from '../graph/operators/reduction.ts';
import { constant, type Tensor } from '../graph/tensor.ts';
import { checkGradient } from './testing/checkGradient.ts';

type Case = readonly [shapes: readonly (readonly number[])[], f: (...inputs: Tensor[]) => Tensor];

const none = constant(tensorData('int64', [], [0]));

/** Batches of nothing: their gradients are empty, and those of weights zeros. */
const cases: Readonly<Record<string, Case>> = {
  elementwise: [[[0, 3], [3]], (a, b) => where(less(a, b), clip(abs(a), 0), max(a, b))],
  softmax: [[[0, 3]], (x) => softmax(x)],
  logSoftmax: [[[0, 3]], (x) => logSoftmax(x)],
  layerNormalization: [[[0, 3], [3], [3]], (x, scale, bias) => layerNormalization(x, scale, bias)],
  matMul: [
    [
      [2, 0, 3],
      [3, 2],
    ],
    (a, b) => matMul(a, b),
  ],
  'matMul over nothing': [
    [
      [2, 0],
      [0, 3],
    ],
    (a, b) => matMul(a, b),
  ],
  'matMul of stacks': [
    [
      [0, 2, 3],
      [0, 3, 2],
    ],
    (a, b) => matMul(a, b),
  ],
  gemm: [[[0, 3], [2, 3], [2]], (a, b, c) => gemm(a, b, c, { transB: true })],
  einsum: [
    [
      [0, 3],
      [3, 2],
    ],
    (a, b) => einsum('ij,jk->ik', a, b),
  ],
  'einsum over nothing': [
    [
      [0, 3],
      [0, 2],
    ],
    (a, b) => einsum('ij,ik->jk', a, b),
  ],
  'reductions over something': [
    [[0, 3]],
    (x) => concat([reduceSum(x, { axes: [1] }), reduceMax(x, { axes: [-1] })], 0),
  ],
  'reductions over nothing': [
    [[0, 3]],
    (x) => concat([reduceSum(x, { axes: [0] }), reduceProd(x, { axes: [0] })], 0),
  ],
  reduceMean: [[[0, 3]], (x) => reduceMean(x, { axes: [1] })],
  cumSum: [[[0, 3]], (x) => cumSum(x, { axis: 1 })],
  'concat and split': [
    [
      [0, 3],
      [2, 3],
    ],
    (a, b) => split(concat([a, b], 0), [0, 2], 0)[1],
  ],
  'slice and pad': [[[0, 3]], (x) => slice(pad(x, [0, 1]), [1], [4], [1])],
  'pad to something': [[[0, 3]], (x) => pad(x, [1, 0])],
  'expand and tile': [[[0, 1]], (x) => tile(expand(x, [0, 3]), [2, 1])],
  'transpose and flatten': [[[2, 0, 3]], (x) => flatten(transpose(x, [1, 0, 2]))],
  gather: [[[3, 2]], (x) => gather(x, none)],
  scatterNd: [
    [
      [3, 2],
      [0, 2],
    ],
    (x, updates) => scatterNd(x, constant(tensorData('int64', [], [0, 1])), updates),
  ],
};

describe('gradients where nothing is there', () => {
  it.each(Object.entries(cases))('of %s agree with differences', (_, [shapes, f]) =>
    checkGradient(shapes, f),
  );

  it.each<[string, Case]>([
    ['activations', [[[0, 3]], (x) => relu(gelu(x))]],
    [
      'batchNormalizationTraining',
      [[[0, 3], [3], [3]], (x, scale, bias) => batchNormalizationTraining(x, scale, bias).y],
    ],
  ])('of %s agree with differences', (_, [shapes, f]) => checkGradient(shapes, f, { dtype: 'float32' }));
});
