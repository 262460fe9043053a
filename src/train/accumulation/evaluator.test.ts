import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { numbersOf, tensorData } from '../../graph/dataType.ts';
import { sigmoid } from '../../graph/operators/activation.ts';
import { add, cast, div, greater, mul, sub } from '../../graph/operators/elementwise.ts';
import { matMul } from '../../graph/operators/linearAlgebra.ts';
import { reduceMax, reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import { input, parameter } from '../../graph/tensor.ts';
import { createEvaluator } from './evaluator.ts';
import { joinRows, sliceRows, weightedMean } from './windowLedger.ts';

const random = randomStream(3, 'evaluator');
const numbers = (length: number) => Float64Array.from({ length }, random.normal);
const x = input('x', 'float32', ['batch', 3]);
const y = input('y', 'float32', ['batch', 2]);
const weight = parameter('weight', tensorData('float32', numbers(6), [3, 2]));
const chances = sigmoid(matMul(x, weight));
const guess = cast(greater(chances, 0.5), 'float32');
const perLabel = (value: typeof guess) => reduceSum(value, { axes: [0] });
const f1 = div(mul(2, perLabel(mul(guess, y))), add(perLabel(add(guess, y)), 1e-7));

const outputs = {
  chances,
  macroF1: reduceMean(f1),
  spread: reduceMean(mul(sub(chances, reduceMean(chances)), sub(chances, reduceMean(chances)))),
  highest: reduceMax(chances),
};
const rows = 37;
const data = {
  x: tensorData('float32', numbers(rows * 3), [rows, 3]),
  y: tensorData(
    'float32',
    Float64Array.from({ length: rows * 2 }, () => random.integer(2)),
    [rows, 2],
  ),
};
const part = (from: number, to: number) => ({
  x: sliceRows(data.x, 0, from, to),
  y: sliceRows(data.y, 0, from, to),
});

describe('an evaluator', () => {
  it('gives values of all samples, as computed by hand, whatever the split', async () => {
    const evaluator = await createEvaluator(outputs);
    const whole = await evaluator.run([data]);
    const values = numbersOf(whole.chances);
    const labels = numbersOf(data.y);
    const scores = [0, 1].map((label) => {
      const of = (test: (i: number) => boolean) =>
        Array.from({ length: rows }, (_, row) => 2 * row + label).filter(test).length;
      return (
        (2 * of((i) => values[i] > 0.5 && labels[i] === 1)) /
        (of((i) => values[i] > 0.5) + of((i) => labels[i] === 1))
      );
    });
    expect(numbersOf(whole.macroF1)[0]).toBeCloseTo((scores[0] + scores[1]) / 2, 6);
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(numbersOf(whole.spread)[0]).toBeCloseTo(
      values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length,
      6,
    );
    expect(numbersOf(whole.highest)[0]).toBe(Math.max(...values));

    const split = await evaluator.run([part(0, 20), part(20, 21), part(21, rows)]);
    expect(split.chances.shape).toEqual([rows, 2]);
    for (const name of ['chances', 'macroF1', 'spread', 'highest']) {
      for (const [i, value] of numbersOf(split[name]).entries())
        expect(value).toBeCloseTo(numbersOf(whole[name])[i], 6);
    }
    await evaluator.release();
  });

  it('reads micro-batches once a pass, with the weights it is given', async () => {
    const evaluator = await createEvaluator(outputs);
    const read: number[] = [];
    const source = {
      sizes: [30, 7],
      read: async (index: number) => {
        read.push(index);
        return index === 0 ? part(0, 30) : part(30, rows);
      },
    };
    const zeros = { weight: tensorData('float32', [0, 0, 0, 0, 0, 0], [3, 2]) };
    const { highest } = await evaluator.run(source, zeros);
    expect(numbersOf(highest)).toEqual(Float64Array.of(0.5));
    expect(read.length % 2).toBe(0);
    expect(read.slice(0, 4)).toEqual([0, 1, 0, 1]);
    await expect(evaluator.run({ ...source, sizes: [29, 8] })).rejects.toThrow(
      'micro-batch 0 has 30 samples; 29 were announced',
    );
    await evaluator.release();
  });
});

describe('rows', () => {
  it('are cut and joined along any axis', () => {
    const cube = tensorData(
      'int32',
      Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
    );
    for (const axis of [0, 1, 2]) {
      const size = cube.shape[axis];
      const [head, tail] = [sliceRows(cube, axis, 0, 1), sliceRows(cube, axis, 1, size)];
      expect(head.shape[axis]).toBe(1);
      expect(joinRows([head, tail], axis)).toEqual(cube);
    }
    expect([...sliceRows(cube, 1, 2, 3).data]).toEqual([8, 9, 10, 11, 20, 21, 22, 23]);
  });

  it('have means by weight', () => {
    const mean = weightedMean([tensorData('float32', [1, 2]), tensorData('float32', [4, 8])], [2, 1]);
    expect([...mean.data]).toEqual([2, 4]);
  });
});
