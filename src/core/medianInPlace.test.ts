import { array, assert, double, property } from 'fast-check';
import { expect, it } from 'vitest';
import { medianInPlace } from './medianInPlace.ts';

it('finds the median that sorting finds, of any numbers', () => {
  const numbers = array(double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 60 });
  assert(
    property(numbers, (values) => {
      expect(medianInPlace(Float64Array.from(values), values.length)).toBe(medianBySorting(values));
    }),
    { seed: 7, numRuns: 2000 },
  );
});

it('finds it among few different values, as rounded readings have', () => {
  const few = array(double({ min: 0, max: 3, noNaN: true }).map(Math.round), {
    minLength: 1,
    maxLength: 400,
  });
  assert(
    property(few, (values) => {
      expect(medianInPlace(Float64Array.from(values), values.length)).toBe(medianBySorting(values));
    }),
    { seed: 8 },
  );
});

it('looks at the first values only and keeps all of them', () => {
  const values = Float64Array.of(5, 1, 4, 1000, 2000);
  expect(medianInPlace(values, 3)).toBe(4);
  expect([...values.subarray(0, 3)].sort()).toEqual([1, 4, 5]);
  expect([...values.subarray(3)]).toEqual([1000, 2000]);
});

it('takes the mean of the middle two, also where one is infinite', () => {
  expect(medianInPlace(Float64Array.of(4, 1, 3, 2), 4)).toBe(2.5);
  expect(medianInPlace(Float64Array.of(Number.POSITIVE_INFINITY, 1), 2)).toBe(Number.POSITIVE_INFINITY);
  expect(medianInPlace(Float64Array.of(7), 1)).toBe(7);
});

// Quadratic time would take minutes, and this test its time limit.
it('takes long arrays that are in order or all equal', () => {
  const size = 200_001;
  const ascending = Float64Array.from({ length: size }, (_, i) => i);
  expect(medianInPlace(ascending, size)).toBe(100_000);
  expect(
    medianInPlace(
      Float64Array.from({ length: size }, (_, i) => -i),
      size,
    ),
  ).toBe(-100_000);
  expect(medianInPlace(new Float64Array(size).fill(3), size)).toBe(3);
});

function medianBySorting(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
