import { array, assert, constantFrom, double, integer, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianInPlace } from '../core/medianInPlace.ts';
import { windowMeans, windowMedians } from './windowMedians.ts';

const anyNumber = double({ noNaN: true, noDefaultInfinity: true });
const reading = integer({ min: 0, max: 500 });
const tenth = integer({ min: 0, max: 40 }).map((value) => value / 10);
const awkward = constantFrom(
  0,
  -0,
  5e-324,
  1e308,
  -1e308,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
);

describe('medians of growing windows', () => {
  it.each([
    ['readings', reading],
    ['few different readings', tenth],
    ['any numbers', anyNumber],
    [
      'readings with a fault among them',
      oneof({ weight: 20, arbitrary: reading }, { weight: 1, arbitrary: awkward }),
    ],
    ['nothing but faults', awkward],
  ])('are those of each window by itself: %s', (_name, value) => {
    const values = array(value, { minLength: 1, maxLength: 120 });
    assert(
      property(
        values,
        array(integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 9 }),
        (given, sizes) => {
          const counts = sizes.map((size) => Math.min(size, given.length)).sort((a, b) => a - b);
          expect(medians(given, counts)).toEqual(
            counts.map((count) => medianInPlace(Float64Array.from(given), count)),
          );
        },
      ),
      { seed: 11, numRuns: 400 },
    );
  });

  it('start from the first window that has a reading', () => {
    expect(medians([4, 2, 9], [0, 0, 1, 3], 2)).toEqual([0, 0, 4, 4]);
  });

  it('do not depend on what was looked at before', () => {
    const statistic = windowMedians(8);
    const out = new Float64Array(1);
    statistic(Float64Array.of(100, 200, 300, 400, 500, 600, 700, 800), Int32Array.of(8), 0, out);
    statistic(Float64Array.of(1, 2, 3, 0, 0), Int32Array.of(3), 0, out);
    expect(out[0]).toBe(2);
  });

  function medians(given: readonly number[], counts: readonly number[], first = 0): number[] {
    const out = new Float64Array(counts.length);
    windowMedians(given.length)(Float64Array.from(given), Int32Array.from(counts), first, out);
    return [...out];
  }
});

it('takes means of growing windows', () => {
  const out = new Float64Array(3);
  windowMeans(Float64Array.of(4, 2, 9, 1), Int32Array.of(0, 2, 4), 1, out);
  expect([...out]).toEqual([0, 3, 4]);
});
