import { expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { createDesign, innerProducts, normalMatrix, normalVector } from './design.ts';

const random = randomStream(1, 'design test');
const rows = 57;
const times = Float64Array.from({ length: rows }, (_, i) => (i === 20 ? 19 : i) / (rows - 1));
const column = () => Float64Array.from({ length: rows }, () => random.normal());
const columns = [column(), column(), column()];
const weights = column();
const residual = column();

it.each([
  ['several changepoints', [0.1, 0.25, 0.25, 0.8]],
  ['one at the beginning', [0]],
  ['one at the end', [0.5, 1]],
  ['none', []],
  ['one between rows', [0.333]],
])('sums as the whole table of columns does: %s', (_, points) => {
  const design = createDesign(times, Float64Array.from(points), columns);
  for (const given of [undefined, weights]) {
    const table = wholeTable(points, given);
    const size = table.length;
    const matrix = new Float64Array(size * size);
    normalMatrix(design, { weights: given, columns }, matrix);
    const vector = new Float64Array(size);
    normalVector(design, { weights: given, columns }, residual, vector);
    for (let a = 0; a < size; a++) {
      expect(vector[a]).toBeCloseTo(dot(table[a], residual), 11);
      for (let b = 0; b < size; b++) expect(matrix[a * size + b]).toBeCloseTo(dot(table[a], table[b]), 11);
    }
  }
});

it('takes inner products of the columns that are known already', () => {
  const design = createDesign(times, Float64Array.of(0.5), columns);
  const [computed, given] = [new Float64Array(36), new Float64Array(36)];
  normalMatrix(design, { weights: undefined, columns }, computed);
  normalMatrix(design, { weights: undefined, columns }, given, innerProducts(columns));
  expect(given).toEqual(computed);
});

function wholeTable(points: readonly number[], given: Float64Array | undefined): Float64Array[] {
  const weighted = (value: (t: number) => number) => times.map((t, i) => (given?.[i] ?? 1) * value(t));
  return [
    weighted((t) => t),
    weighted(() => 1),
    ...columns,
    ...points.map((s) => weighted((t) => Math.max(0, t - s))),
  ];
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
