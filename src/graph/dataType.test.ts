import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from './dataType.ts';

describe('tensor data', () => {
  it('keeps numbers in the type asked for', () => {
    expect(tensorData('int64', [1, -2]).data).toEqual(new BigInt64Array([1n, -2n]));
    expect(tensorData('bool', [0, 2, Number.NaN]).data).toEqual(new Uint8Array([0, 1, 0]));
    expect(tensorData('float32', [0.1], [1, 1])).toEqual({
      dtype: 'float32',
      shape: [1, 1],
      data: new Float32Array([0.1]),
    });
  });

  // Bits from numpy: np.float16(x).view(np.uint16).
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [2 ** -14, 0x0400],
    [6.097555160522461e-5, 0x03ff],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.001, 0x0001],
    [2049, 0x6800],
    [2051, 0x6802],
    [1023.75, 0x6400],
    [4095.9, 0x6c00],
  ])('writes %d in half precision as numpy does', (value, bits) => {
    expect((tensorData('float16', [value]).data as Uint16Array)[0].toString(16)).toBe(bits.toString(16));
  });

  it('reads every half back as it was written', () => {
    const data = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => (bits & 0x7fff) <= 0x7c00);
    const numbers = numbersOf({ dtype: 'float16', shape: [data.length], data });
    expect(tensorData('float16', numbers).data).toEqual(data);
  });

  it('rounds to bfloat16 to nearest even', () => {
    const halfway = 1 + 2 ** -8;
    const { data } = tensorData('bfloat16', [1, halfway, halfway + 2 ** -20, 1 + 3 * 2 ** -8, Number.NaN]);
    expect([...(data as Uint16Array)]).toEqual([0x3f80, 0x3f80, 0x3f81, 0x3f82, 0x7fc0]);
    expect(numbersOf({ dtype: 'bfloat16', shape: [1], data: new Uint16Array([0xc040]) })[0]).toBe(-3);
  });
});
