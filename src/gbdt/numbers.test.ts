import { describe, expect, it } from 'vitest';
import { formatExactly, formatShort } from './numberText.ts';
import { percentile, weightedPercentile } from './percentile.ts';
import { exp, log } from './preciseMath.ts';

describe('numbers as C prints them', () => {
  // Expected: '%.17g' % x and '%g' % x in Python.
  it.each([
    [0.1, '0.10000000000000001', '0.1'],
    [-0, '-0', '-0'],
    [100, '100', '100'],
    [1e6, '1000000', '1e+06'],
    [123456.7, '123456.7', '123457'],
    [100000.5, '100000.5', '100000'],
    [100001.5, '100001.5', '100002'],
    [1e-5, '1.0000000000000001e-05', '1e-05'],
    [1.0000000180025095e-35, '1.0000000180025095e-35', '1e-35'],
    [2 ** -25, '2.9802322387695312e-08', '2.98023e-08'],
    [2 ** 70, '1.1805916207174113e+21', '1.18059e+21'],
    [999999.5, '999999.5', '1e+06'],
    [0.0001234565, '0.00012345650000000001', '0.000123457'],
    [Number.POSITIVE_INFINITY, 'inf', 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf', '-inf'],
    [Number.NaN, 'nan', 'nan'],
    [1.7976931348623157e308, '1.7976931348623157e+308', '1.79769e+308'],
    [5e-324, '4.9406564584124654e-324', '4.94066e-324'],
  ])('%d', (value, exactly, short) => {
    expect(formatExactly(value)).toBe(exactly);
    expect(formatShort(value)).toBe(short);
  });
});

describe('precise exponential and logarithm', () => {
  it('are the doubles nearest to the true values', () => {
    for (let i = 0; i < 400; i++) {
      const x = ((i * 7919) % 400) / 10 - 20 + i / 12345;
      expect(exp(x)).toBe(nearestExp(x));
    }
  });

  it('undo each other', () => {
    for (let i = 1; i < 300; i++) {
      const x = i / 7;
      expect(Math.abs(log(exp(x)) - x)).toBeLessThanOrEqual(Number.EPSILON * Math.max(1, x));
    }
  });

  it('behave as the built-in ones at the ends', () => {
    for (const x of [0, -0, Infinity, -Infinity, Number.NaN, 800, -800]) expect(exp(x)).toBe(Math.exp(x));
    for (const x of [0, 1, -1, Infinity, Number.NaN, 5e-324]) expect(log(x)).toBe(Math.log(x));
  });
});

describe('percentiles', () => {
  it('interpolate between neighbours', () => {
    expect(percentile(Float64Array.of(4, 1, 3, 2), 0.5)).toBe(2.5);
    expect(percentile(Float64Array.of(5, 1, 3), 0.5)).toBe(3);
    expect(percentile(Float64Array.of(10, 20), 0.25)).toBe(12.5);
    expect(percentile(Float64Array.of(7), 0.9)).toBe(7);
    expect(percentile(Float64Array.of(2, 2, 2), 0.1)).toBe(2);
  });

  it('weigh values', () => {
    const values = Float64Array.of(3, 1, 2);
    expect(weightedPercentile(values, Float64Array.of(1, 1, 1), 0.5)).toBe(1.5);
    expect(weightedPercentile(values, Float64Array.of(1, 8, 1), 0.5)).toBe(1);
    expect(weightedPercentile(values, Float64Array.of(8, 1, 1), 0.9)).toBe(3);
    expect(weightedPercentile(Float64Array.of(6), Float64Array.of(0), 0.5)).toBe(6);
  });
});

// By the power series in integers of 300 bits.
function nearestExp(x: number): number {
  const bits = 300n;
  const one = 1n << bits;
  const fixed = toFixedPoint(x, bits);
  let term = one;
  let sum = one;
  for (let n = 1n; n < 400n; n++) {
    term = (term * fixed) / (n * one);
    sum += term;
  }
  // 53 bits, rounded to nearest.
  const length = BigInt(sum.toString(2).length);
  const shift = length - 53n;
  const rounded = (sum + (1n << (shift - 1n))) >> shift;
  return Number(rounded) * 2 ** Number(shift - bits);
}

function toFixedPoint(x: number, bits: bigint): bigint {
  const exponent = Math.max(-60, Math.floor(Math.log2(Math.abs(x) || 1)));
  const scaled = BigInt(x * 2 ** (52 - exponent));
  return (scaled << bits) / (1n << BigInt(52 - exponent));
}
