import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  joinPacked,
  packBytes,
  packNumbers,
  packTogether,
  unpackNumbers,
  unpackTogether,
} from './packNumbers.ts';

const roundTrip = (values: ArrayLike<number>) => unpackNumbers(packNumbers(values), 0).values;

describe('packed numbers', () => {
  it('give back readings with up to four decimals to float32', () => {
    const readings = [0, 35, 35.1, 7.25, -3.125, 0.0001, Number.NaN, 999.9, 41234];
    expect([...roundTrip(readings)]).toEqual(readings.map(Math.fround));
  });

  it('give back whole numbers of any size up to nine digits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5e8, max: 5e8 })), (values) => {
        expect([...roundTrip(values)]).toEqual(values.map((value) => Math.fround(value) + 0));
      }),
    );
  });

  it('round other numbers to at most 1/2000 of the usual size', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 100, max: 1000, noNaN: true }), { minLength: 1 }), (values) => {
        const packed = roundTrip(values);
        for (const [i, value] of values.entries()) expect(Math.abs(packed[i] - value)).toBeLessThan(0.0501);
      }),
    );
  });

  it('keep small numbers that stand beside small numbers', () => {
    const [first, second] = roundTrip([1.23456789e-7, 9.87654321e-7]);
    expect(first / 1.23456789e-7).toBeCloseTo(1, 3);
    expect(second / 9.87654321e-7).toBeCloseTo(1, 3);
  });

  it('keep infinities, huge numbers, zeros and missing values', () => {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30, 0, Number.NaN, 0.5];
    expect([...roundTrip(values)]).toEqual(values.map(Math.fround));
    expect([...roundTrip([1e12, 1.123456, 2.2])]).toEqual([1e12, 1.123456, 2.2].map(Math.fround));
  });

  it('take nothing at all, one number and only missing values', () => {
    expect(roundTrip([])).toHaveLength(0);
    expect([...roundTrip([5])]).toEqual([5]);
    expect([...roundTrip([Number.NaN, Number.NaN])]).toEqual([Number.NaN, Number.NaN]);
  });

  it('are packed together as distances, equal numbers staying equal and missing ones missing', () => {
    const point = [20.123, Number.NaN, 5.5, 0.04, 7];
    const lower = [0, 1.25, Number.NaN, 0.04, 7];
    const upper = [61.777, 3.5, 9.25, 0.06, 7];
    const { arrays, end } = unpackTogether(packTogether([point, lower, upper]), 0, 3);
    for (const [k, values] of [point, lower, upper].entries()) {
      expect([...arrays[k]]).toEqual(values.map(Math.fround));
    }
    expect(end).toBe(packTogether([point, lower, upper]).length);
  });

  it('are packed together to within half a step at any values', () => {
    const numbers = fc.array(
      fc.oneof(fc.double({ min: 0, max: 900, noNaN: true }), fc.constant(Number.NaN)),
      {
        minLength: 3,
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(numbers, numbers, numbers, (...given) => {
        // A large number fixes the step at 0.1.
        const arrays = given.map((values) => [...values, 900.03]);
        const read = unpackTogether(packTogether(arrays), 0, 3).arrays;
        for (const [k, values] of arrays.entries()) {
          for (const [i, value] of values.entries()) {
            if (Number.isNaN(value)) expect(read[k][i]).toBeNaN();
            else expect(Math.abs(read[k][i] - value)).toBeLessThan(0.0502);
          }
        }
      }),
    );
  });

  it('are packed together as float32 where distances cannot hold them', () => {
    const arrays = [
      [1e30, 1, Number.NEGATIVE_INFINITY],
      [0.123456, Number.NaN, 3],
    ];
    const read = unpackTogether(packTogether(arrays), 0, 2).arrays;
    expect(read.map((values) => [...values])).toEqual(arrays.map((values) => values.map(Math.fround)));
  });

  it('follow each other in one array of bytes', () => {
    const joined = joinPacked([packNumbers([1.5, 2]), packBytes([0, 255, 3]), packNumbers([Number.NaN])]);
    const first = unpackNumbers(joined, 0);
    const second = unpackNumbers(joined, first.end);
    const third = unpackNumbers(joined, second.end);
    expect([first, second, third].map(({ values }) => [...values])).toEqual([
      [1.5, 2],
      [0, 255, 3],
      [Number.NaN],
    ]);
    expect(third.end).toBe(joined.length);
  });

  it('take less room than float32 for readings that move slowly', () => {
    const readings = Array.from({ length: 10_000 }, (_, i) => Math.round(40 + 30 * Math.sin(i / 24)));
    expect(packNumbers(readings).length).toBeLessThan(10_100);
  });
});
