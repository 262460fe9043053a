import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../graph/dataType.ts';
import { graphOf } from '../graph/graph.ts';
import { sigmoid, tanh } from '../graph/operators/activation.ts';
import {
  abs,
  add,
  clip,
  div,
  exp,
  greater,
  max,
  min,
  mul,
  neg,
  round,
  sin,
  sub,
  where,
} from '../graph/operators/elementwise.ts';
import { gather, topK } from '../graph/operators/indexing.ts';
import { einsum, gemm, matMul } from '../graph/operators/linearAlgebra.ts';
import { concat, pad, reshape, slice, split, tile, transpose } from '../graph/operators/movement.ts';
import { batchNormalizationTraining, logSoftmax, softmax } from '../graph/operators/normalization.ts';
import {
  argMax,
  cumSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceSum,
} from '../graph/operators/reduction.ts';
import { constant, input, parameter, type Tensor } from '../graph/tensor.ts';
import { compile } from '../runtime/compile.ts';
import { customGradient, stopGradient } from './customGradient.ts';
import { gradient, valueAndGradient, vectorJacobianProduct } from './gradient.ts';
import { checkGradient } from './testing/checkGradient.ts';

const scalar = (value: number) => tensorData('float64', [value], []);

async function evaluate(outputs: Record<string, Tensor>, feeds: Record<string, number>) {
  const program = await compile(graphOf(outputs));
  const values = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, scalar(value)]));
  const results = await program.run(values);
  await program.release();
  return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, numbersOf(value)[0]]));
}

describe('gradient', () => {
  const x = input('x', 'float64', []);

  it('adds what comes back on every path', async () => {
    const loss = add(mul(x, x), mul(sin(x), x));
    const { slope } = await evaluate({ slope: gradient(loss, x) }, { x: 2 });
    expect(slope).toBeCloseTo(4 + Math.sin(2) + 2 * Math.cos(2), 14);
  });

  it('has the form of the tree of parameters', () => {
    const weight = input('weight', 'float64', [2, 3]);
    const bias = input('bias', 'float64', [3]);
    const loss = reduceSum(add(matMul(input('a', 'float64', [4, 2]), weight), bias));
    const slopes = gradient(loss, { layers: [{ weight, bias }] });
    expect(slopes.layers[0].weight.shape).toEqual([2, 3]);
    expect(slopes.layers[0].bias.shape).toEqual([3]);
  });

  it('is zero for what the loss does not hang on', async () => {
    const { slope } = await evaluate({ slope: gradient(mul(x, 2), input('y', 'float64', [])) }, {});
    expect(slope).toBe(0);
  });

  it('is one for the loss itself, and found for tensors on the way', async () => {
    const middle = sin(x);
    const loss = mul(middle, middle);
    const [byLoss, byMiddle] = gradient(loss, [loss, middle]);
    const found = await evaluate({ byLoss, byMiddle }, { x: 1 });
    expect(found.byLoss).toBe(1);
    expect(found.byMiddle).toBeCloseTo(2 * Math.sin(1), 14);
  });

  it('can be differentiated again, and again', async () => {
    const loss = mul(exp(mul(x, 2)), x);
    const first = gradient(loss, x);
    const second = gradient(first, x);
    const third = gradient(second, x);
    const found = await evaluate({ first, second, third }, { x: 0.5 });
    expect(found.first).toBeCloseTo(2 * Math.E, 12);
    expect(found.second).toBeCloseTo(6 * Math.E, 12);
    expect(found.third).toBeCloseTo(16 * Math.E, 11);
  });

  it('of second order agrees with differences on matrices', () =>
    checkGradient(
      [
        [2, 3],
        [3, 2],
      ],
      (a, b) => {
        const loss = reduceSum(tanh(matMul(tanh(matMul(a, b)), a)));
        const [slope] = gradient(loss, [a]);
        return mul(slope, slope);
      },
    ));

  it('gives the value too', async () => {
    const { value, gradient: slope } = valueAndGradient(mul(x, x), x);
    expect(await evaluate({ value, slope }, { x: 3 })).toEqual({ value: 9, slope: 6 });
  });

  it('weights several outputs by their cotangents', async () => {
    const [slope] = vectorJacobianProduct([mul(x, 2), mul(x, x)], [constant(10, 'float64'), x], [x]);
    expect((await evaluate({ slope }, { x: 3 })).slope).toBe(10 * 2 + 3 * 6);
  });

  it('refuses a loss that is no scalar of floats', () => {
    expect(() => gradient(input('y', 'float32', ['batch', 2]), x)).toThrow(
      'cannot take the gradient of float32[batch, 2]; expected a scalar of floats',
    );
    expect(() => gradient(argMax(input('y', 'float32', [2])), x)).toThrow('int64[]');
  });

  it('stops where it is told to', async () => {
    const slope = gradient(mul(stopGradient(sin(x)), x), x);
    expect((await evaluate({ slope }, { x: 1 })).slope).toBeCloseTo(Math.sin(1), 15);
  });

  it('follows a rule of one’s own', async () => {
    const straight = customGradient(round(x), [x], (g) => [mul(g, 3)]);
    const found = await evaluate(
      { value: straight, slope: gradient(mul(straight, straight), x) },
      { x: 2.2 },
    );
    expect(found).toEqual({ value: 2, slope: 12 });
  });

  it('does not touch what no one asks for', () => {
    const weight = parameter('weight', tensorData('float64', [1, 2], [2]));
    const loss = reduceSum(mul(weight, exp(input('a', 'float64', [2]))));
    const text = graphOf({ slope: gradient(loss, weight) });
    expect(text.inputs.map(({ node }) => node.name)).toEqual(['a']);
  });
});

/** Smooth functions from [2, 3] to [2, 3]. */
const smoothUnary = [
  sin,
  tanh,
  sigmoid,
  neg,
  (x: Tensor) => mul(x, x),
  (x: Tensor) => transpose(reshape(x, [3, 2])),
  (x: Tensor) => softmax(x),
  (x: Tensor) => logSoftmax(x, { axis: 0 }),
  (x: Tensor) => cumSum(x, { axis: 1, reverse: true }),
  (x: Tensor) => slice(pad(x, [1, 0], [0, 2], { mode: 'edge' }), [0, 2], [2, 5]),
  (x: Tensor) => concat([slice(x, [1], [2]), gather(x, constant([0], 'int64'))], 0),
  (x: Tensor) => split(tile(x, [1, 2]), [1, 3, 2], 1)[1],
];
const smoothBinary = [
  add,
  sub,
  mul,
  (a: Tensor, b: Tensor) => div(a, add(mul(b, b), 1)),
  (a: Tensor, b: Tensor) => matMul(matMul(a, transpose(b)), b),
  (a: Tensor, b: Tensor) => mul(reduceMean(a, { axes: [0], keepDims: true }), b),
  (a: Tensor, b: Tensor) => mul(reduceLogSumExp(a, { axes: [1], keepDims: true }), b),
  (a: Tensor, b: Tensor) => einsum('ij,kj,kl->il', a, b, b),
  (a: Tensor, b: Tensor) => mul(reshape(einsum('ii->i', gemm(a, b, undefined, { transB: true })), [2, 1]), b),
  (a: Tensor, b: Tensor) =>
    batchNormalizationTraining(a, reduceMean(b, { axes: [0] }), constant([1, 2, 3], 'float64')).y,
];
/** Functions with kinks, or flat in places. */
const kinked = [
  (a: Tensor, b: Tensor) => max(add(a, 3), b),
  (a: Tensor, b: Tensor) => min(a, b),
  (a: Tensor, b: Tensor) => where(greater(abs(a), 10), a, b),
  (a: Tensor, b: Tensor) => mul(topK(a, 3).values, b),
  (a: Tensor, b: Tensor) => mul(reduceMax(a, { axes: [1], keepDims: true }), b),
  (a: Tensor, b: Tensor) => mul(clip(a, -1, 2), b),
];

interface Step {
  readonly kind: number;
  readonly left: number;
  readonly right: number;
}

const step: fc.Arbitrary<Step> = fc.record({ kind: fc.nat(), left: fc.nat(), right: fc.nat() });

/** Each step applies a function to what the inputs and the steps before gave. */
function grow(
  steps: readonly Step[],
  inputs: readonly Tensor[],
  binary: readonly ((a: Tensor, b: Tensor) => Tensor)[],
): Tensor {
  const made = [...inputs];
  for (const { kind, left, right } of steps) {
    const choice = kind % (smoothUnary.length + binary.length);
    const [first, second] = [made[left % made.length], made[right % made.length]];
    made.push(
      choice < smoothUnary.length
        ? smoothUnary[choice](first)
        : binary[choice - smoothUnary.length](first, second),
    );
  }
  // Kept small, so that differences are exact.
  return sigmoid(made[made.length - 1]);
}

const shapes = [
  [2, 3],
  [2, 3],
  [1, 3],
];

describe('gradients of random graphs', () => {
  it('agree with central differences', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) =>
        checkGradient(shapes, (a, b, c) => grow(steps, [a, b, add(c, a)], [...smoothBinary, ...kinked]), {
          tolerance: 1e-6,
        }),
      ),
      { numRuns: 80, seed: 5 },
    ));

  it('of gradients agree with central differences', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) =>
        checkGradient(
          shapes,
          (a, b, c) => {
            const first = gradient(reduceSum(grow(steps, [a, b, add(c, a)], smoothBinary)), [a, b, c]);
            return concat(
              first.map((slope) => sin(slope)),
              0,
            );
          },
          { tolerance: 1e-5 },
        ),
      ),
      { numRuns: 40, seed: 6 },
    ));
});
