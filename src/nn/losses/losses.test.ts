import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { checkGradient } from '../../autodiff/testing/checkGradient.ts';
import { type TensorData, tensorData } from '../../graph/dataType.ts';
import { constant, input, type Tensor } from '../../graph/tensor.ts';
import { evaluate } from '../testing/evaluate.ts';
import { binaryCrossEntropy, crossEntropy, focalLoss } from './classification.ts';
import { type Loss, presenceOf } from './loss.ts';
import {
  absoluteError,
  clippedAbsoluteError,
  cosineProximity,
  huberError,
  l2Penalty,
  quantileError,
  squaredError,
  symmetricError,
} from './regression.ts';
import { softFBeta } from './softFBeta.ts';

interface Packed {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Case {
  readonly prediction: Packed;
  readonly target: Packed;
  readonly mean: number;
  readonly gradient: Packed;
}

const url = new URL('../../../fixtures/engine/losses.json', import.meta.url);
const cases: Readonly<Record<string, Case>> = JSON.parse(readFileSync(url, 'utf8'));

type LossFunction = (prediction: Tensor, target: Tensor, options?: { weights?: Tensor }) => Loss;
const column = (...values: number[]) => tensorData('float32', values, [values.length, 1]);
const classWeights = [1, 2, 3, 0.5, 1];
const everything = { classWeights, labelSmoothing: 0.2, ignoreIndex: 4 };

const losses: Readonly<Record<string, LossFunction>> = {
  squaredError,
  'squaredError weighted': squaredError,
  absoluteError,
  clippedAbsoluteError: (p, a) => clippedAbsoluteError(p, a, { limit: 0.8 }),
  huberError: (p, a) => huberError(p, a, { delta: 0.7 }),
  symmetricError,
  'symmetricError sum': (p, a) => symmetricError(p, a, { denominator: 'sum' }),
  quantileError: (p, a) => quantileError(p, a, { quantiles: [0.1, 0.5, 0.9] }),
  cosineProximity,
  binaryCrossEntropy,
  'binaryCrossEntropy positiveWeights': (p, y) =>
    binaryCrossEntropy(p, y, { positiveWeights: constant(classWeights) }),
  focalLoss,
  'focalLoss settings': (p, y) => focalLoss(p, y, { alpha: 0.6, gamma: 1.5 }),
  crossEntropy,
  'crossEntropy weights': (p, y) => crossEntropy(p, y, { classWeights }),
  'crossEntropy smoothing': (p, y) => crossEntropy(p, y, { labelSmoothing: 0.1 }),
  'crossEntropy all': (p, y) => crossEntropy(p, y, everything),
  'crossEntropy images': (p, y) => crossEntropy(p, y, { ...everything, axis: 1 }),
  'softFBeta macro': softFBeta,
  'softFBeta micro': (p, y) => softFBeta(p, y, { average: 'micro' }),
  'softFBeta samples beta': (p, y) => softFBeta(p, y, { average: 'samples', beta: 2 }),
  'softFBeta probabilities': (p, y) => softFBeta(p, y, { from: 'probabilities', beta: 0.5 }),
  'softFBeta precisionRecall': (p, y) => softFBeta(p, y, { average: 'samples', form: 'precisionRecall' }),
};

/** Loss and gradient of a prediction, with a batch of any size. */
async function run(loss: LossFunction, prediction: TensorData, target: TensorData, weights?: TensorData) {
  const given = { p: prediction, y: target, ...(weights ? { w: weights } : {}) };
  const [p, y, w] = Object.entries(given).map(([name, { dtype, shape }]) =>
    input(name, dtype, ['batch', ...shape.slice(1)]),
  );
  const { mean, sum, count } = loss(p, y, w ? { weights: w } : {});
  const found = await evaluate({ mean, sum, count, slope: gradient(mean, p) }, given);
  return { ...found, mean: found.mean[0], sum: found.sum[0], count: found.count[0] };
}

const vector = (...values: number[]) => tensorData('float32', values, [values.length]);

describe('losses', () => {
  it.each(Object.keys(cases))('are PyTorch’s, with their gradients: %s', async (name) => {
    const { prediction, target, mean, gradient: slope } = cases[name];
    const isClass = name.startsWith('crossEntropy');
    const found = await run(
      losses[name],
      tensorData('float32', prediction.data, prediction.shape),
      tensorData(isClass ? 'int64' : 'float32', target.data, target.shape),
      name.endsWith('weighted') ? column(1, 0, 2.5, 0.5) : undefined,
    );
    // Float32 against float64.
    expect(Math.abs(found.mean - mean) / Math.max(1, Math.abs(mean))).toBeLessThan(1e-6);
    expect(Math.abs(found.sum / found.count - found.mean) / Math.max(1, Math.abs(mean))).toBeLessThan(1e-6);
    const scale = Math.max(...slope.data.map(Math.abs));
    for (const [i, value] of slope.data.entries()) {
      expect(Math.abs(found.slope[i] - value), `element ${i}`).toBeLessThan(2e-6 * scale);
    }
  });

  it.each(['squaredError', 'huberError', 'symmetricError', 'cosineProximity', 'softFBeta probabilities'])(
    'have gradients that agree with differences: %s',
    async (name) => {
      await checkGradient(
        [
          [3, 4],
          [3, 4],
        ],
        (p, a) => losses[name](p, a).mean,
      );
    },
  );

  it('count each item exactly, so that batches add up', async () => {
    const target = vector(1, 2, 3, 4, 5);
    const whole = await run(squaredError, vector(0, 0, 1, 1, 7), target);
    expect([whole.sum, whole.count]).toEqual([1 + 4 + 4 + 9 + 4, 5]);
    const weighted = await run(absoluteError, vector(0, 0, 1, 1, 7), target, vector(1, 0.5, 0, 0, 2));
    expect([weighted.sum, weighted.count]).toEqual([1 + 1 + 4, 3.5]);
    const classes: LossFunction = (p, y) => crossEntropy(p, y, { ignoreIndex: -1 });
    const logits = tensorData('float32', new Float32Array(8), [4, 2]);
    expect((await run(classes, logits, tensorData('int64', [0, -1, 1, -1], [4]))).count).toBe(2);
  });

  it('leave missing targets out, NaN as they are', async () => {
    const target = vector(1, Number.NaN, 3);
    for (const loss of [
      squaredError,
      absoluteError,
      clippedAbsoluteError,
      huberError,
      symmetricError,
      binaryCrossEntropy,
      focalLoss,
    ]) {
      const masked = await run((p, a) => loss(p, a, { weights: presenceOf(a) }), vector(0.5, 7, 1), target);
      const short = await run(loss, vector(0.5, 1), vector(1, 3));
      expect(masked.mean).toBeCloseTo(short.mean, 6);
      expect(masked.count).toBe(2);
      expect(masked.slope[1]).toBe(0);
      expect(masked.slope[2]).toBeCloseTo(short.slope[1], 6);
    }
  });

  it('are 0 without a gradient where nothing counts', async () => {
    const found = await run(
      (p, a) => squaredError(p, a, { weights: presenceOf(a) }),
      vector(1, 2),
      vector(Number.NaN, Number.NaN),
    );
    expect([found.mean, found.count, ...found.slope]).toEqual([0, 0, 0, 0]);
  });

  it('take SMAPE of 0 and 0 as 0, and as 2 where only the prediction is 0', async () => {
    for (const denominator of ['absolute', 'sum'] as const) {
      const loss: LossFunction = (p, a) => symmetricError(p, a, { denominator });
      expect(await run(loss, vector(0), vector(0))).toMatchObject({ mean: 0, slope: [0] });
      expect((await run(loss, vector(0), vector(5))).mean).toBe(2);
      expect((await run(loss, vector(1e30), vector(0))).mean).toBe(2);
    }
  });

  it('stay finite at logits of any size', async () => {
    const logits = vector(3e38, -3e38, 3e38, -3e38);
    const target = vector(1, 0, 0, 1);
    const binary = await run(binaryCrossEntropy, logits, target, vector(1, 1, 0, 0));
    expect(binary.mean).toBe(0);
    const wrong = await run(binaryCrossEntropy, vector(1e30), vector(0));
    expect([wrong.mean / 1e30, ...wrong.slope]).toEqual([expect.closeTo(1, 6), 1]);
    const focal = await run(focalLoss, vector(1e20, -1e20), vector(1, 1));
    expect(focal.mean / 1e20).toBeCloseTo(0.125, 6);
    expect(focal.slope[0]).toBe(0);
    const classes = await run(
      crossEntropy,
      tensorData('float32', [1e30, -1e30], [1, 2]),
      tensorData('int64', [0], [1]),
    );
    expect([Math.abs(classes.mean), ...classes.slope]).toEqual([0, 0, 0]);
    const f = await run(
      softFBeta,
      tensorData('float32', [1e30, -1e30], [2, 1]),
      tensorData('float32', [1, 0], [2, 1]),
    );
    expect(f.mean).toBeCloseTo(0, 6);
  });

  it('say what a score without positives is', async () => {
    const logits = tensorData('float32', [2, -1, 1, 0.5], [2, 2]);
    const target = tensorData('float32', [1, 0, 1, 0], [2, 2]);
    const score = async (empty: 'zero' | 'one' | 'skip', from = target) =>
      run((p, y) => softFBeta(p, y, { empty }), logits, from);
    const [zero, one, skip] = await Promise.all([score('zero'), score('one'), score('skip')]);
    expect([zero.count, one.count, skip.count]).toEqual([2, 2, 1]);
    expect(zero.mean).toBeCloseTo((skip.mean + 1) / 2, 6);
    expect(one.mean).toBeCloseTo(skip.mean / 2, 6);
    const none = tensorData('float32', [0, 0, 0, 0], [2, 2]);
    expect(await score('skip', none)).toMatchObject({ mean: 0, count: 0, slope: [0, 0, 0, 0] });
    expect(await score('zero', none)).toMatchObject({ mean: 1, slope: [0, 0, 0, 0] });
    expect(() => softFBeta(constant([1, 2]), constant([1, 0]))).toThrow(
      'softFBeta of 1 axes; expected [batch, labels]',
    );
  });

  it('weigh samples in soft F as if they came several times', async () => {
    const weights = column(2, 1, 0);
    const logits = [2, -1, 1, 0.5, 3, 3];
    const target = [1, 0, 0, 1, 0, 0];
    const repeat = (values: number[]) =>
      tensorData('float32', [...values.slice(0, 2), ...values.slice(0, 4)], [3, 2]);
    const whole = (values: number[]) => tensorData('float32', values, [3, 2]);
    for (const average of ['samples', 'macro', 'micro'] as const) {
      const weighted = await run(
        (p, y, options) => softFBeta(p, y, { average, ...options }),
        whole(logits),
        whole(target),
        weights,
      );
      const repeated = await run((p, y) => softFBeta(p, y, { average }), repeat(logits), repeat(target));
      expect(weighted.mean).toBeCloseTo(repeated.mean, 6);
    }
  });

  it('refuse targets of another kind', () => {
    const logits = input('logits', 'float32', ['batch', 3]);
    expect(() => crossEntropy(logits, input('y', 'float32', ['batch', 3]))).toThrow(
      'target of the cross-entropy is float32[batch, 3]; expected whole numbers of shape [batch]',
    );
  });

  it('add penalties of weights', async () => {
    const weight = input('p', 'float32', [3]);
    const penalty = l2Penalty([weight, weight], 0.5);
    const found = await evaluate({ penalty, slope: gradient(penalty, weight) }, { p: vector(1, 2, -3) });
    expect(found).toEqual({ penalty: [14], slope: [2, 4, -6] });
  });
});
