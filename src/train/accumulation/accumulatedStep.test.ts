import { describe, expect, it } from 'vitest';
import { rematerialise } from '../../autodiff/rematerialise.ts';
import { randomStream } from '../../core/random.ts';
import { type TensorData, tensorData } from '../../graph/dataType.ts';
import { nodesOf } from '../../graph/graph.ts';
import { relu, sigmoid, tanh } from '../../graph/operators/activation.ts';
import { abs, add, cast, div, exp, mul, neg, sqrt, sub } from '../../graph/operators/elementwise.ts';
import { gather } from '../../graph/operators/indexing.ts';
import { einsum, gemm, matMul } from '../../graph/operators/linearAlgebra.ts';
import { concat, expand, reshape, shapeOf, transpose } from '../../graph/operators/movement.ts';
import { batchNormalizationTraining, logSoftmax, softmax } from '../../graph/operators/normalization.ts';
import { reduceMax, reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import { constant, input, parameter, type Tensor } from '../../graph/tensor.ts';
import { adam, sgd } from '../../optim/optimizers.ts';
import { createTrainingStep } from '../trainingStep.ts';
import { type AccumulationOptions, createAccumulatedStep } from './accumulatedStep.ts';
import { fitMicroBatch } from './microBatch.ts';
import { sliceRows } from './windowLedger.ts';
import type { Feeds } from './windowRunner.ts';

const samples = 8;
const random = randomStream(1, 'accumulation');
const draw = (...shape: number[]) =>
  tensorData(
    'float32',
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random.normal),
    shape,
  );

const x = input('x', 'float32', ['batch', 5]);
const y = input('y', 'float32', ['batch', 4]);
const weight = input('weight', 'float32', ['batch']);
const temperature = input('temperature', 'float32', []);
const parameters = {
  first: parameter('first', draw(5, 6)),
  bias: parameter('bias', draw(6)),
  scale: parameter('scale', draw(6)),
  second: parameter('second', draw(6, 4)),
  out: parameter('out', draw(4)),
  one: parameter('one', draw(1)),
};
const { first, bias, scale, second } = parameters;
const hidden = tanh(mul(0.3, gemm(x, first, bias)));
const logits = matMul(mul(hidden, scale), second);

const feeds: Feeds = {
  x: draw(samples, 5),
  y: tensorData(
    'float32',
    Float64Array.from({ length: samples * 4 }, () => random.integer(2)),
    [samples, 4],
  ),
  weight: tensorData(
    'float32',
    Float64Array.from({ length: samples }, (_, i) => (i === 3 ? 0 : random.uniform())),
    [samples],
  ),
  temperature: tensorData('float32', [0.7], []),
};

const losses: Record<string, { loss: Tensor; passes: number; options?: AccumulationOptions }> = {
  'a mean': { loss: reduceMean(mul(sub(logits, y), sub(logits, y))), passes: 1 },
  'a sum': { loss: reduceSum(abs(sub(logits, y))), passes: 1 },
  'a mean with decay of weights': {
    loss: add(reduceMean(abs(sub(logits, y))), mul(0.1, reduceSum(mul(first, first)))),
    passes: 1,
  },
  'a mean by the shape': {
    loss: div(reduceSum(abs(sub(logits, y))), cast(gather(shapeOf(x), int(0)), 'float32')),
    passes: 1,
  },
  'a sum of terms that are means already': {
    loss: reduceSum(div(abs(sub(logits, y)), cast(gather(shapeOf(x), int(0)), 'float32'))),
    passes: 1,
  },
  'a mean by weights': {
    loss: div(reduceSum(mul(weight, reduceMean(abs(sub(logits, y)), { axes: [1] }))), reduceSum(weight)),
    passes: 1,
  },
  'cross-entropy at a temperature': {
    loss: neg(reduceMean(reduceSum(mul(y, logSoftmax(div(logits, temperature))), { axes: [1] }))),
    passes: 1,
  },
  'macro F1': { loss: softF1([0]), passes: 2 },
  'micro F1': { loss: softF1([0, 1]), passes: 2 },
  'samples F1': { loss: softF1([1]), passes: 1 },
  'a correlation': { loss: correlation(), passes: 2 },
  'a covariance by product': {
    loss: reduceSum(mul(matMul(transpose(logits), y), matMul(transpose(logits), y))),
    passes: 2,
  },
  'a covariance by letters': {
    loss: reduceSum(sqrt(add(abs(einsum('ni,nj->ij', logits, y)), 1))),
    passes: 2,
  },
  'contrast of all with all': { loss: contrast(), passes: 2 },
  'the worst sample': { loss: reduceMax(reduceMean(abs(sub(logits, y)), { axes: [1] })), passes: 2 },
  'a softmax over the batch': { loss: reduceSum(mul(softmax(logits, { axis: 0 }), y)), passes: 2 },
  'weights by the largest of the window': {
    loss: reduceMean(div(mul(logits, logits), reduceMax(add(y, 1), { axes: [0], keepDims: true }))),
    passes: 1,
  },
  'two views side by side': {
    loss: reduceMean(exp(mul(0.1, concat([logits, tanh(logits)], 0)))),
    passes: 2,
  },
  'shapes in between': {
    loss: reduceMean(
      abs(reshape(expand(reshape(logits, ['batch', 2, 1, 2]), ['batch', 2, 3, 2], [x]), ['batch', 12])),
    ),
    passes: 1,
  },
  'values centred by the mean of the window': {
    loss: reduceMean(abs(sub(hidden, reduceMean(hidden, { axes: [0], keepDims: true })))),
    passes: 3,
  },
  'batch normalisation of the window': {
    loss: reduceMean(abs(sub(matMul(relu(batchNormalizationTraining(hidden, scale, bias).y), second), y))),
    passes: 5,
    options: { batchStatistics: 'window' },
  },
  'a rematerialised block': {
    loss: reduceMean(
      abs(
        sub(
          rematerialise((h) => matMul(tanh(h), second), mul(hidden, scale)),
          y,
        ),
      ),
    ),
    passes: 1,
  },
};

const splits = [[8], [4, 4], [5, 2, 1], [1, 1, 1, 1, 1, 1, 1, 1]];

describe('an accumulated update', () => {
  it.each(Object.entries(losses))('is that of the whole batch: %s', async (_, { loss, passes, options }) => {
    const full = await createTrainingStep(loss, parameters, sgd({ learningRate: 0 }));
    const names = nodesOf([loss]).map(({ name }) => name);
    const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => names.includes(name)));
    const expected = await full.run(used);
    const step = await createAccumulatedStep(loss, parameters, sgd({ learningRate: 0 }), options);
    expect(step.description.passes).toBe(passes);
    for (const split of splits) {
      const report = await step.run(parts(used, split));
      expect(report.samples).toBe(samples);
      expect(relative(report.loss, expected.loss)).toBeLessThan(1e-6);
      for (const [name, slopes] of Object.entries(full.optimizer.gradients)) {
        expect(distance(step.optimizer.gradients[name], slopes)).toBeLessThan(2e-6);
      }
    }
    await full.release();
    await step.release();
  });
});

describe('an accumulated step', () => {
  const mean = reduceMean(mul(sub(logits, y), sub(logits, y)));
  const used = { x: feeds.x, y: feeds.y };

  it('trains to the same weights whatever the split, with clipping, decay and averages once an update', async () => {
    const trained = [];
    for (const split of [[8], [3, 3, 2], [1, 7]]) {
      const step = await createAccumulatedStep(softF1([0]), parameters, adam({ learningRate: 0.05 }), {
        clipNorm: 0.05,
        weightDecay: 0.01,
        averageDecay: 0.9,
      });
      for (let i = 0; i < 20; i++) await step.run(parts(used, split));
      expect(step.optimizer.step).toBe(20);
      trained.push({ ...step.optimizer.weights, ...rename(step.optimizer.averages ?? {}) });
      await step.release();
    }
    for (const other of trained.slice(1)) {
      for (const [name, values] of Object.entries(trained[0])) {
        expect(distance(other[name], values)).toBeLessThan(2e-5);
      }
    }
  });

  it('takes statistics of micro-batches in batch normalisation unless told otherwise', async () => {
    const normalized = batchNormalizationTraining(hidden, scale, bias);
    const loss = reduceMean(abs(sub(matMul(normalized.y, second), y)));
    const watch = { mean: normalized.mean, logits, error: reduceMean(abs(sub(logits, y))) };
    const step = await createAccumulatedStep(loss, parameters, sgd({ learningRate: 0 }), { watch });
    expect(step.description.passes).toBe(1);
    const halves = parts(used, [6, 2]);
    const { watched, loss: found } = await step.run(halves);
    const alone = [await step.run([halves[0]]), await step.run([halves[1]])];
    expect(found).toBeCloseTo((6 * alone[0].loss + 2 * alone[1].loss) / 8, 6);
    const mean = (of: typeof alone, name: string) =>
      Array.from(
        of[0].watched[name].data as Float32Array,
        (value, i) => (6 * value + 2 * Number(of[1].watched[name].data[i])) / 8,
      );
    expect(distance(watched.mean.data as Float32Array, Float32Array.from(mean(alone, 'mean')))).toBeLessThan(
      1e-6,
    );
    expect(watched.logits.shape).toEqual([8, 4]);
    expect([...watched.logits.data]).toEqual([
      ...alone[0].watched.logits.data,
      ...alone[1].watched.logits.data,
    ]);
    expect(watched.error.data[0]).toBeCloseTo(mean(alone, 'error')[0], 6);
    await step.release();
  });

  it('plans memory that grows with the micro-batch, not with the window', async () => {
    const step = await createAccumulatedStep(softF1([0]), parameters, sgd());
    expect(step.memory(64)).toBeGreaterThan(step.memory(32));
    expect(step.memory(8, 64)).toBe(step.memory(8, 1024));
    const budget = step.memory(11);
    expect(fitMicroBatch(step, 64, budget)).toEqual({ microBatchSize: 11, accumulate: 6, memory: budget });
    expect(fitMicroBatch(step, 20, budget).microBatchSize).toBe(10);
    expect(fitMicroBatch(step, 4, budget)).toEqual({
      microBatchSize: 4,
      accumulate: 1,
      memory: step.memory(4),
    });
    expect(() => fitMicroBatch(step, 64, step.memory(1) - 1)).toThrow('one sample takes');
    await step.release();
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'no number',
      () => createAccumulatedStep(logits, parameters, sgd()),
      /no single number.*shape is \[batch, 4\]/,
    ],
    [
      'a statistic of the micro-batch',
      () =>
        createAccumulatedStep(
          reduceMean(batchNormalizationTraining(hidden, scale, bias).mean),
          parameters,
          sgd(),
        ),
      /taken of each micro-batch by itself/,
    ],
    [
      'statistics and samples mixed beyond repair',
      () =>
        createAccumulatedStep(
          reduceMean(
            mul(
              softmax(logits, { axis: 0 }),
              batchNormalizationTraining(logits, parameters.out, parameters.out).mean,
            ),
          ),
          parameters,
          sgd(),
        ),
      /needs batch statistics for all samples/,
    ],
    [
      'a total inside a block that is rematerialised',
      () =>
        createAccumulatedStep(
          reduceMean(rematerialise((h) => sub(h, reduceMean(h, { axes: [0] })), hidden)),
          parameters,
          sgd(),
        ),
      /ReduceMean at .*accumulatedStep.test.ts.* takes all samples of an update together, inside a block/,
    ],
    [
      'inputs of samples by samples',
      () =>
        createAccumulatedStep(
          reduceMean(mul(input('pairs', 'float32', ['batch', 'batch']), parameters.one)),
          parameters,
          sgd(),
        ),
      /input pairs is .*more than one axis of samples/,
    ],
    [
      'a window without samples',
      async () => (await createAccumulatedStep(mean, parameters, sgd())).run(parts(used, [0])),
      /a window without samples/,
    ],
    [
      'micro-batches that lack an input',
      async () => (await createAccumulatedStep(mean, parameters, sgd())).run([{ x: feeds.x }]),
      /micro-batch 0 lacks input y/,
    ],
    [
      'inputs of unequal length',
      async () => (await createAccumulatedStep(mean, parameters, sgd())).run([{ x: feeds.x, y: draw(7, 4) }]),
      /micro-batch 0 has 8 samples in x and 7 in y/,
    ],
  ])('refuses %s', async (_, run, message) => {
    await expect(run()).rejects.toThrow(message);
  });
});

function rename(arrays: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [`average of ${name}`, values]));
}

function softF1(axes: number[]): Tensor {
  const chances = sigmoid(logits);
  const both = reduceSum(mul(chances, y), { axes });
  const precision = div(both, add(reduceSum(chances, { axes }), 1e-7));
  const recall = div(both, add(reduceSum(y, { axes }), 1e-7));
  const f1 = div(mul(2, mul(precision, recall)), add(add(precision, recall), 1e-7));
  return sub(1, reduceMean(f1));
}

function correlation(): Tensor {
  const centre = (tensor: Tensor) => reduceMean(tensor, { axes: [0] });
  const covariance = sub(centre(mul(logits, y)), mul(centre(logits), centre(y)));
  const variance = sub(centre(mul(logits, logits)), mul(centre(logits), centre(logits)));
  return neg(reduceMean(div(covariance, sqrt(add(variance, 0.01)))));
}

function contrast(): Tensor {
  const likeness = matMul(logits, transpose(logits));
  const same = matMul(y, transpose(y));
  return neg(reduceMean(mul(same, logSoftmax(likeness, { axis: 1 }))));
}

function int(value: number): Tensor {
  return constant(tensorData('int64', [value], []));
}

function parts(whole: Feeds, sizes: readonly number[]): Feeds[] {
  let from = 0;
  return sizes.map((size) => {
    const cut = (value: TensorData) =>
      value.shape.length === 0 ? value : sliceRows(value, 0, from, from + size);
    const part = Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, cut(value)]));
    from += size;
    return part;
  });
}

function relative(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b);
}

/** Largest difference over the largest value. */
function distance(a: Float32Array, b: Float32Array): number {
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0) / largest;
}
