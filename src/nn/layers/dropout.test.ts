import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { tensorData } from '../../graph/dataType.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { constant, input } from '../../graph/tensor.ts';
import { sgd } from '../../optim/optimizers.ts';
import { createAccumulatedStep } from '../../train/accumulation/accumulatedStep.ts';
import { squaredError } from '../losses/regression.ts';
import { initialise } from '../parameters.ts';
import { evaluate } from '../testing/evaluate.ts';
import { sampleKeys, trainingPass } from '../trainingPass.ts';
import { dropout } from './dropout.ts';
import { mlp, mlpParameters } from './mlp.ts';

const training = trainingPass({ keys: input('keys', 'int64', ['batch']) });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Rows of what stays of ones, for some samples. */
async function masks(
  samples: readonly number[],
  width: number,
  rate: number,
  { seed = 1, epoch = 0, name = 'a' } = {},
) {
  const x = input('x', 'float32', ['batch', width]);
  const fed = {
    dtype: 'float32',
    shape: [samples.length, width],
    data: new Float32Array(samples.length * width).fill(1),
  } as const;
  const { y } = await evaluate(
    { y: dropout(x, rate, name, training) },
    { x: fed, keys: sampleKeys(seed, epoch, samples) },
  );
  return samples.map((_, i) => y.slice(i * width, (i + 1) * width));
}

describe('dropout', () => {
  it.each([0.1, 0.5, 0.6, 0.9])('drops a share of %d and keeps the mean', async (rate) => {
    const rows = await masks(range(0, 300), 200, rate);
    const all = rows.flat();
    const dropped = all.filter((value) => value === 0).length / all.length;
    // Four standard errors of 60,000 draws.
    expect(Math.abs(dropped - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / all.length));
    expect(Math.max(...all)).toBeCloseTo(1 / (1 - rate), 5);
    // No unit and no sample is an exception: chi-squared by rows and by columns within five deviations of its mean.
    const columns = rows[0].map((_, j) => rows.map((row) => row[j]));
    for (const lines of [rows, columns]) {
      const squares = lines.map((line) => {
        const count = line.filter((value) => value === 0).length;
        return (count - line.length * rate) ** 2 / (line.length * rate * (1 - rate));
      });
      const total = squares.reduce((sum, value) => sum + value, 0);
      expect(Math.abs(total - lines.length)).toBeLessThan(5 * Math.sqrt(2 * lines.length));
    }
  });

  it('drops neighbours, rectangles, epochs, seeds and layers independently', async () => {
    const signs = (rows: number[][]) => rows.map((row) => row.map((value) => (value === 0 ? -1 : 1)));
    const a = signs(await masks(range(0, 300), 200, 0.5));
    const mean = (f: (i: number, j: number) => number) => {
      let sum = 0;
      for (let i = 0; i < 290; i++) for (let j = 0; j < 190; j++) sum += f(i, j);
      return Math.abs(sum) / (290 * 190);
    };
    const bound = 4.5 / Math.sqrt(290 * 190);
    for (const lag of [1, 2, 3, 4, 7, 8]) {
      expect(mean((i, j) => a[i][j] * a[i][j + lag])).toBeLessThan(bound);
      expect(mean((i, j) => a[i][j] * a[i + lag][j])).toBeLessThan(bound);
      expect(mean((i, j) => a[i][j] * a[i + lag][j] * a[i][j + lag] * a[i + lag][j + lag])).toBeLessThan(
        bound,
      );
      expect(mean((i, j) => a[i][j] * a[i][j + 1] * a[i][j + 2] * a[i][j + lag + 2])).toBeLessThan(bound);
    }
    for (const other of [{ epoch: 1 }, { seed: 2 }, { name: 'b' }]) {
      const b = signs(await masks(range(0, 300), 200, 0.5, other));
      expect(mean((i, j) => a[i][j] * b[i][j])).toBeLessThan(bound);
    }
  });

  it('gives a sample the same mask in any batch', async () => {
    const whole = await masks(range(0, 8), 33, 0.4);
    const parts = [
      ...(await masks([0, 1, 2], 33, 0.4)),
      ...(await masks([3], 33, 0.4)),
      ...(await masks([4, 5, 6, 7], 33, 0.4)),
    ];
    expect(parts).toEqual(whole);
    const [late] = await masks([6], 33, 0.4);
    expect(late).toEqual(whole[6]);
  });

  it('lets an update not depend on how its samples are split', async () => {
    const sizes = [6, 32, 1];
    const { parameters, trained } = initialise(mlpParameters(sizes), { seed: 3 });
    const [x, y] = [input('x', 'float32', ['batch', 6]), input('y', 'float32', ['batch', 1])];
    const loss = squaredError(mlp(parameters, x, { dropout: 0.5, training }), y).mean;
    const feeds = (from: number, to: number) => ({
      x: tensorData('float32', range(6 * from, 6 * to).map(Math.sin), [to - from, 6]),
      y: tensorData('float32', range(from, to).map(Math.cos), [to - from, 1]),
      keys: sampleKeys(1, 0, range(from, to)),
    });
    const update = async (window: ReturnType<typeof feeds>[]) => {
      const step = await createAccumulatedStep(loss, trained, sgd({ learningRate: 1 }));
      await step.run(window);
      const weights = Object.values(step.parameters()).flatMap(({ data }) => [...(data as Float32Array)]);
      await step.release();
      return weights;
    };
    const [whole, parts] = [
      await update([feeds(0, 8)]),
      await update([feeds(0, 3), feeds(3, 4), feeds(4, 8)]),
    ];
    for (const [i, weight] of whole.entries()) expect(parts[i]).toBeCloseTo(weight, 6);
  });

  it('drops elements of images one by one, of sizes known or not', async () => {
    const keys = sampleKeys(1, 0, [5, 9]);
    const data = { dtype: 'float32', shape: [2, 3, 4, 5], data: new Float32Array(120).fill(1) } as const;
    const known = input('x', 'float32', ['batch', 3, 4, 5]);
    const open = input('x', 'float32', ['batch', 3, 'height', 'width']);
    const [a, b] = await Promise.all(
      [known, open].map((x) => evaluate({ y: dropout(x, 0.5, 'a', training) }, { x: data, keys })),
    );
    expect(b).toEqual(a);
    expect(a.y.filter((value) => value === 0).length).toBeGreaterThan(30);
    expect(a.y.filter((value) => value === 0).length).toBeLessThan(90);
  });

  it('hands the gradient to what was kept', async () => {
    const x = input('x', 'float32', ['batch', 50]);
    const y = dropout(x, 0.3, 'a', training);
    const fed = { dtype: 'float32', shape: [2, 50], data: new Float32Array(100).fill(1) } as const;
    const found = await evaluate(
      { y, slope: gradient(reduceSum(y), x) },
      { x: fed, keys: sampleKeys(1, 0, [0, 1]) },
    );
    expect(found.slope).toEqual(found.y);
  });

  it('does nothing outside training or at rate 0, and refuses other rates', () => {
    const x = constant([1, 2]);
    expect(dropout(x, 0.5, 'a', undefined)).toBe(x);
    expect(dropout(x, 0, 'a', training)).toBe(x);
    expect(() => dropout(x, 1, 'a', training)).toThrow(
      'invalid dropout rate: 1; expected 0 or more, less than 1',
    );
    expect(() => dropout(x, 0.5, 'a', trainingPass())).toThrow('dropout a needs keys of the samples');
  });
});
