import { describe, expect, it } from 'vitest';
import { customGradient } from '../autodiff/customGradient.ts';
import { randomStream } from '../core/random.ts';
import { tensorData } from '../graph/dataType.ts';
import { relu, sigmoid, tanh } from '../graph/operators/activation.ts';
import { abs, add, div, mul, sub } from '../graph/operators/elementwise.ts';
import { gemm } from '../graph/operators/linearAlgebra.ts';
import { batchNormalizationTraining } from '../graph/operators/normalization.ts';
import { reduceMean, reduceSum } from '../graph/operators/reduction.ts';
import { input, parameter, type Tensor } from '../graph/tensor.ts';
import { adam } from '../optim/optimizers.ts';
import { arrayDataset } from '../samples/dataset.ts';
import { shuffledSampler } from '../samples/samplers.ts';
import { formatVerification, verifyTraining } from './verify.ts';

const labels = 500;
const random = randomStream(8, 'verify');
const draw = (scale: number, ...shape: number[]) =>
  tensorData(
    'float32',
    Float64Array.from({ length: shape.reduce((a, b) => a * b) }, () => scale * random.normal()),
    shape,
  );
const data = arrayDataset({
  x: draw(1, 60, 12),
  y: tensorData(
    'float32',
    Float64Array.from({ length: 60 * labels }, () => (random.uniform() < 0.03 ? 1 : 0)),
    [60, labels],
  ),
});
const x = input('x', 'float32', ['batch', 12]);
const y = input('y', 'float32', ['batch', labels]);
const w1 = parameter('w1', draw(0.3, 12, 16));
const scale = parameter('scale', draw(1, 16));
const bias = parameter('bias', draw(1, 16));
const w2 = parameter('w2', draw(0.3, 16, labels));
const options = {
  rule: adam(),
  sampler: shuffledSampler(60, { batchSize: 17, seed: 2 }),
  microBatchSize: 5,
  clipNorm: 1,
};

function macroF1(logits: Tensor): Tensor {
  const chances = sigmoid(logits);
  const both = reduceSum(mul(chances, y), { axes: [0] });
  return sub(1, reduceMean(div(mul(2, both), add(reduceSum(add(chances, y), { axes: [0] }), 1e-7))));
}

function smape(logits: Tensor): Tensor {
  const forecast = abs(add(20, mul(5, logits)));
  const truth = add(10, mul(30, y));
  return reduceMean(div(mul(2, abs(sub(forecast, truth))), add(forecast, truth)));
}

describe('verification', () => {
  it.each<[string, Tensor, Tensor[]]>([
    ['macro soft F1 with 500 labels', macroF1(gemm(tanh(gemm(x, w1, bias)), w2)), [w1, bias, w2]],
    ['SMAPE', smape(gemm(tanh(gemm(x, w1, bias)), w2)), [w1, bias, w2]],
  ])('passes %s', async (_, loss, parameters) => {
    const found = await verifyTraining(loss, parameters, data, options);
    expect(formatVerification(found)).toMatch(/^ok .*\nok .*\nok .*\nok .*\ntraining is what it says$/);
    expect(found.passed).toBe(true);
    expect(found.checks[0].difference).toBeLessThan(1e-5);
    expect(found.checks[3]).toMatchObject({ name: 'resumed against uninterrupted', difference: 0 });
  });

  it('passes batch normalisation of the window, and says that of micro-batches is not the full batch’s', async () => {
    const { y: normalized } = batchNormalizationTraining(gemm(x, w1), scale, bias);
    const loss = reduceMean(abs(sub(gemm(relu(normalized), w2), y)));
    const parameters = [w1, scale, bias, w2];
    const exact = await verifyTraining(loss, parameters, data, { ...options, batchStatistics: 'window' });
    expect(exact.passed).toBe(true);
    const usual = await verifyTraining(loss, parameters, data, options);
    expect(usual.checks.map(({ passed }) => passed)).toEqual([false, false, true, true]);
    expect(formatVerification(usual)).toContain('FAIL  accumulated against full batch');
  });

  it('finds a gradient that is wrong', async () => {
    const wrong = customGradient(tanh(gemm(x, w1, bias)), [w1], (_, [weight]) => [weight]);
    const { checks, passed } = await verifyTraining(reduceMean(gemm(wrong, w2)), [w1, w2], data, options);
    expect(passed).toBe(false);
    expect(checks[2].passed).toBe(false);
    expect(checks[2].difference).toBeGreaterThan(0.1);
  });
});
