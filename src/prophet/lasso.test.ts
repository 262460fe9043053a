import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { l1Solver } from './lasso.ts';

describe('solves least squares with an L1 penalty', () => {
  it('has a solution that meets the conditions of optimality, from any start', () => {
    fc.assert(
      fc.property(
        fc.record({
          size: fc.integer({ min: 1, max: 12 }),
          rows: fc.integer({ min: 1, max: 30 }),
          seed: fc.nat(),
          penalty: fc.double({ min: 1e-3, max: 30, noNaN: true }),
          likeness: fc.constantFrom(0, 0.9, 0.999),
        }),
        ({ size, rows, seed, penalty, likeness }) => {
          const free = Math.min(size, seed % 4);
          const { matrix, descent } = problemOf(seed, rows, size, likeness);
          const random = randomStream(seed, 'start');
          const reference = Float64Array.from({ length: size }, () => random.normal());
          const x = Float64Array.from({ length: size }, () => (random.uniform() < 0.5 ? 0 : random.normal()));
          l1Solver(size)({ matrix, reference, descent, free, penalty }, x);
          expect(violation({ matrix, reference, descent, free, penalty }, x)).toBeLessThan(
            1e-6 * (1 + penalty),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has the closed form when columns are orthogonal: what is left beyond the penalty', () => {
    const matrix = Float64Array.of(2, 0, 0, 0, 4, 0, 0, 0, 1);
    const x = new Float64Array(3);
    const problem = {
      matrix,
      reference: new Float64Array(3),
      descent: Float64Array.of(6, -9, 0.5),
      free: 1,
      penalty: 1,
    };
    l1Solver(3)(problem, x);
    expect([...x]).toEqual([3, -2, 0]);
  });

  it('is the same for the same problem around another reference', () => {
    const { matrix, descent } = problemOf(5, 20, 6, 0.9);
    const first = new Float64Array(6);
    const solve = l1Solver(6);
    solve({ matrix, reference: new Float64Array(6), descent, free: 2, penalty: 3 }, first);
    const reference = Float64Array.of(1, -2, 3, 0, 0.5, 0);
    const moved = descent.map((value, i) =>
      reference.reduce((sum, r, j) => sum - matrix[i * 6 + j] * r, value),
    );
    const second = reference.slice();
    solve({ matrix, reference, descent: moved, free: 2, penalty: 3 }, second);
    for (let j = 0; j < 6; j++) expect(second[j]).toBeCloseTo(first[j], 9);
  });

  it('ends where columns are twice the same, or all nought', () => {
    for (const columns of [
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]) {
      const matrix = gram(columns);
      const x = new Float64Array(2);
      const problem = {
        matrix,
        reference: new Float64Array(2),
        descent: Float64Array.of(5, 5),
        free: 0,
        penalty: 6,
      };
      l1Solver(2)(problem, x);
      expect([...x]).toEqual([0, 0]);
      l1Solver(2)(
        {
          ...problem,
          descent: Float64Array.of(20, 20),
          matrix: gram([
            [1, 2, 3],
            [1, 2, 3],
          ]),
        },
        x,
      );
      expect(x[0] + x[1]).toBeCloseTo(1, 6);
    }
  });
});

interface Problem {
  matrix: Float64Array;
  reference: Float64Array;
  descent: Float64Array;
  free: number;
  penalty: number;
}

// How far the gradient is from what an optimum demands.
function violation({ matrix, reference, descent, free, penalty }: Problem, x: Float64Array): number {
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    let gradient = -descent[i];
    for (let j = 0; j < x.length; j++) gradient += matrix[i * x.length + j] * (x[j] - reference[j]);
    const off =
      i < free
        ? Math.abs(gradient)
        : x[i] === 0
          ? Math.max(0, Math.abs(gradient) - penalty)
          : Math.abs(gradient + penalty * Math.sign(x[i]));
    worst = Math.max(worst, off);
  }
  return worst;
}

function problemOf(seed: number, rows: number, size: number, likeness: number) {
  const random = randomStream(seed, 'lasso test');
  const common = Array.from({ length: rows }, () => random.normal());
  const columns = Array.from({ length: size }, () =>
    common.map((value) => likeness * value + (1 - likeness) * random.normal()),
  );
  const matrix = gram(columns);
  // As a prior does: no direction is free of cost.
  for (let j = 0; j < size; j++) matrix[j * size + j] += 1e-3;
  const target = Array.from({ length: rows }, () => 3 * random.normal());
  const descent = Float64Array.from(columns, (column) =>
    column.reduce((sum, value, i) => sum + value * target[i], 0),
  );
  return { matrix, descent };
}

function gram(columns: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(
    columns.flatMap((a) => columns.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0))),
  );
}
