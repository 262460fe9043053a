import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import {
  filled,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initialiser,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  truncatedNormal,
  uniform,
  zeros,
} from './initialisers.ts';

const shape = [200, 150, 3];
const drawn = (initialiser: Initialiser, of: readonly number[] = shape) =>
  initialiser(of, randomStream(3, 'initialisers'));
const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance, largest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
};

describe('initialisers', () => {
  const [inputs, outputs] = [450, 600];
  it.each([
    ['lecunUniform', lecunUniform, 1 / inputs, Math.sqrt(3 / inputs)],
    ['lecunNormal', lecunNormal, 1 / inputs, (2 * Math.sqrt(1 / inputs)) / 0.8796],
    ['glorotUniform', glorotUniform, 2 / (inputs + outputs), Math.sqrt(6 / (inputs + outputs))],
    ['glorotNormal', glorotNormal, 2 / (inputs + outputs), (2 * Math.sqrt(2 / (inputs + outputs))) / 0.8796],
    ['heUniform', heUniform, 2 / inputs, Math.sqrt(6 / inputs)],
    ['heNormal', heNormal, 2 / inputs, (2 * Math.sqrt(2 / inputs)) / 0.8796],
  ] as const)(
    '%s has the variance of its paper and stays within its bound',
    (_, initialiser, expected, bound) => {
      const { mean, variance, largest } = moments(drawn(initialiser()));
      // 90,000 draws: a standard error of at most 0.5 % of the variance.
      expect(Math.abs(variance / expected - 1)).toBeLessThan(0.02);
      expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(expected / 90_000));
      expect(largest).toBeLessThan(bound * 1.001);
      expect(largest).toBeGreaterThan(bound * 0.99);
    },
  );

  it('draw normals, cut or not, and uniforms between bounds', () => {
    expect(moments(drawn(normal({ deviation: 2 }))).variance).toBeCloseTo(4, 1);
    // Variance of a standard normal cut at one deviation: 1 - 2 phi(1) / (2 Phi(1) - 1).
    const cut = moments(drawn(truncatedNormal({ deviation: 1, bound: 1 })));
    expect(cut.variance).toBeCloseTo(0.2911, 2);
    expect(cut.largest).toBeLessThanOrEqual(1);
    const between = drawn(uniform({ lower: 2, upper: 3 }));
    expect(Math.min(...between)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...between)).toBeLessThanOrEqual(3);
  });

  it('fill with one number', () => {
    expect([...filled(2.5)([2], randomStream(0))]).toEqual([2.5, 2.5]);
    expect([...zeros()([1], randomStream(0)), ...ones()([1], randomStream(0))]).toEqual([0, 1]);
    expect(zeros()([0, 4], randomStream(0))).toHaveLength(0);
  });

  it.each([[[6, 4]], [[4, 6]], [[5, 2, 3]], [[1, 1]]])('make orthogonal matrices of shape %j', (of) => {
    const values = drawn(orthogonal({ gain: 3 }), of);
    const [rows, columns] = [of[0], of.slice(1).reduce((a, b) => a * b)];
    const line = (i: number) =>
      rows <= columns
        ? Array.from({ length: columns }, (_, j) => values[i * columns + j])
        : Array.from({ length: rows }, (_, j) => values[j * columns + i]);
    const count = Math.min(rows, columns);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const product = line(i).reduce((sum, value, k) => sum + value * line(j)[k], 0);
        expect(product).toBeCloseTo(i === j ? 9 : 0, 5);
      }
    }
  });
});
