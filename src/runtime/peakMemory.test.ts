import { describe, expect, it } from 'vitest';
import { gradient } from '../autodiff/gradient.ts';
import { graphOf } from '../graph/graph.ts';
import { tanh } from '../graph/operators/activation.ts';
import { add, exp } from '../graph/operators/elementwise.ts';
import { matMul } from '../graph/operators/linearAlgebra.ts';
import { transpose } from '../graph/operators/movement.ts';
import { reduceSum } from '../graph/operators/reduction.ts';
import { input, type Tensor } from '../graph/tensor.ts';
import { planMemory } from './peakMemory.ts';

const rows = 10;
const x = input('x', 'float32', ['rows', 100]);
const one = 4 * rows * 100;
const peak = (outputs: Record<string, Tensor>, into?: Set<string>) =>
  planMemory(graphOf(outputs), new Map([['rows', rows]]), into).peak;
const chain = (length: number, step: (tensor: Tensor) => Tensor) =>
  Array.from({ length }).reduce<Tensor>((tensor) => step(tensor), x);

describe('planned memory', () => {
  it('is one buffer for a chain of operators that work in place', () => {
    expect(peak({ y: chain(5, exp) })).toBe(one);
    expect(peak({ y: chain(5, exp) }, new Set(['y']))).toBe(one);
  });

  it('is two where input and output live side by side', () => {
    const square = input('square', 'float32', [100, 100]);
    expect(peak({ y: chain(5, (tensor) => matMul(tensor, square)) })).toBe(2 * one);
  });

  it('holds what is read again later', () => {
    const steps = [x];
    for (let i = 0; i < 4; i++) steps.push(transpose(transpose(exp(steps[i]))));
    const all = steps.slice(1).reduceRight((sum, step) => add(sum, step));
    expect(peak({ y: all })).toBeGreaterThanOrEqual(4 * one);
    expect(peak({ y: all })).toBeLessThanOrEqual(6 * one);
  });

  it('grows by an activation a layer in training, whatever the gradients’ number', () => {
    const training = (layers: number) => {
      const weights = Array.from({ length: layers }, (_, i) => input(`w${i}`, 'float32', [100, 100]));
      const y = weights.reduce((hidden, weight) => tanh(matMul(hidden, weight)), x);
      const slopes = gradient(reduceSum(y), weights);
      const named = Object.fromEntries(slopes.map((slope, i) => [`slope${i}`, slope]));
      return peak(named, new Set(Object.keys(named)));
    };
    expect(training(20) - training(10)).toBe(10 * one);
    expect(training(10)).toBeLessThanOrEqual(14 * one);
  });

  it('counts all samples, and says which size is missing', () => {
    const y = reduceSum(exp(x));
    const curve = planMemory(graphOf({ y }), new Map([['rows', 3]])).curve;
    expect([...curve]).toEqual([4 * 300, 4 * 300 + 4]);
    expect(() => planMemory(graphOf({ y }), new Map())).toThrow(
      'the size rows of float32[rows, 100] is not known',
    );
  });
});
