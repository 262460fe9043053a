import { describe, expect, it } from 'vitest';
import { lcg } from './lcg.ts';

describe('lcg', () => {
  it('draws what the recurrence gives', () => {
    // (214013 * 1 + 2531011) = 2745024; its bits 16 to 30 are 41.
    expect(lcg(1).nextFloat()).toBe(41 / 32768);
    expect(lcg(1).nextInt(0, 1000)).toBe(2745024 % 1000);
    expect(lcg(1).nextShort(10, 20)).toBe(11);
  });

  it.each([
    [10, 10],
    [10, 0],
    [10, 11],
    [1, 1],
    [100, 1],
    [100, 3],
    [1000, 7],
    [100, 60],
    [5000, 4000],
  ])('samples distinct ascending numbers below %i, %i of them', (total, count) => {
    for (const seed of [0, 1, 99]) {
      const sample = Array.from(lcg(seed).sample(total, count));
      expect(sample.length).toBe(count > total ? 0 : count);
      expect(sample).toEqual([...new Set(sample)].sort((a, b) => a - b));
      for (const value of sample) expect(value >= 0 && value < total).toBe(true);
    }
  });
});
