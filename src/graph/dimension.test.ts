import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDimensions,
  type Dimension,
  divideDimensions,
  evaluateDimension,
  multiplyDimensions,
  subtractDimensions,
} from './dimension.ts';

describe('dimensions', () => {
  it('are numbers as long as all are', () => {
    expect(addDimensions(2, 3)).toBe(5);
    expect(subtractDimensions(2, 3)).toBe(-1);
    expect(multiplyDimensions(2, 3)).toBe(6);
    expect(divideDimensions(7, 2)).toBe(3);
  });

  it('write sums and products always in the same way', () => {
    expect(addDimensions('batch', 'batch')).toBe('2*batch');
    expect(addDimensions(1, addDimensions('width', 'batch'))).toBe('batch + width + 1');
    expect(multiplyDimensions('width', multiplyDimensions(3, 'batch'))).toBe('3*batch*width');
    expect(multiplyDimensions(addDimensions('batch', 1), subtractDimensions('batch', 1))).toBe(
      'batch*batch - 1',
    );
    expect(subtractDimensions('batch', 'batch')).toBe(0);
    expect(multiplyDimensions('batch', 0)).toBe(0);
    expect(subtractDimensions(0, 'batch')).toBe('-batch');
  });

  it('divide out what they can', () => {
    expect(divideDimensions(multiplyDimensions('batch', 12), 4)).toBe('3*batch');
    expect(divideDimensions(multiplyDimensions('batch', 'width'), 'width')).toBe('batch');
    const area = multiplyDimensions(addDimensions('height', 2), subtractDimensions('width', 1));
    expect(divideDimensions(area, subtractDimensions('width', 1))).toBe('height + 2');
    expect(divideDimensions('batch', 2)).toBe('floor(batch/2)');
    expect(divideDimensions(subtractDimensions('height', 1), 2)).toBe('floor((height + 1)/2) - 1');
    const twice = divideDimensions(addDimensions(divideDimensions(subtractDimensions('height', 1), 2), 1), 2);
    expect(twice).toBe('floor((floor((height + 1)/2))/2)');
    expect(
      divideDimensions(addDimensions(multiplyDimensions(6, 'batch'), addDimensions('width', 7)), 3),
    ).toBe('2*batch + floor((width + 1)/3) + 2');
  });

  it('are worth what their names are', () => {
    const sizes = new Map([['height', 17]]);
    const half = divideDimensions(subtractDimensions('height', 2), 2);
    expect(evaluateDimension(half, sizes)).toBe(7);
    expect(evaluateDimension(addDimensions(divideDimensions(half, 3), half), sizes)).toBe(9);
    expect(evaluateDimension('batch', sizes)).toBeUndefined();
  });

  it('agree with whole numbers, whatever the expression', () => {
    const leaf: fc.Arbitrary<Dimension> = fc.oneof(
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('a', 'b', 'long_1'),
    );
    const sizes = new Map([
      ['a', 5],
      ['b', 2],
      ['long_1', 11],
    ]);
    const step = fc.record({ kind: fc.nat(3), operand: leaf });
    fc.assert(
      fc.property(leaf, fc.array(step, { maxLength: 6 }), (start, steps) => {
        let dimension = start;
        let value = evaluateDimension(start, sizes) ?? Number.NaN;
        for (const { kind, operand } of steps) {
          const other = evaluateDimension(operand, sizes) ?? Number.NaN;
          dimension = [addDimensions, subtractDimensions, multiplyDimensions, divideDimensions][kind](
            dimension,
            operand,
          );
          value = [value + other, value - other, value * other, Math.floor(value / other)][kind];
        }
        expect(evaluateDimension(dimension, sizes)).toBe(value);
      }),
      { seed: 3 },
    );
  });
});
