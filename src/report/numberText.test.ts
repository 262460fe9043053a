import { describe, expect, it } from 'vitest';
import { fixed, percent, plural, reading, stepText, unitText } from './numberText.ts';

describe('numbers in words', () => {
  it('writes readings with three significant digits, whole from a hundred on', () => {
    expect([0, 0.01234, 0.5, 7.256, 35.04, 512.4, 41234.6].map(reading)).toEqual([
      '0',
      '0.0123',
      '0.500',
      '7.26',
      '35.0',
      '512',
      '41,235',
    ]);
  });

  it('writes a minus sign, infinities, huge and missing numbers', () => {
    expect(
      [-3.2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e300].map(reading),
    ).toEqual(['−3.20', '∞', '−∞', '–', '1.00e+300']);
    expect(fixed(-0.0001, 2)).toBe('0.00');
  });

  it('never rounds a share to all or to nothing', () => {
    expect([0, 0.0001, 0.5, 0.9999, 1, -0.25, Number.NaN].map(percent)).toEqual([
      '0.0\u00a0%',
      '<\u00a00.1\u00a0%',
      '50.0\u00a0%',
      '>\u00a099.9\u00a0%',
      '100.0\u00a0%',
      '−25.0\u00a0%',
      '–',
    ]);
  });

  it('writes units, counts and steps as people do', () => {
    expect(['ug/m3', 'mg/m3', 'degC', 'um', 'unknown', ''].map(unitText)).toEqual([
      'µg/m³',
      'mg/m³',
      '°C',
      'µm',
      'unknown',
      '',
    ]);
    expect([plural(1, 'hour'), plural(2000, 'hour'), plural(2, 'city', 'cities')]).toEqual([
      '1 hour',
      '2,000 hours',
      '2 cities',
    ]);
    expect([3_600_000, 900_000, 86_400_000, 2 * 86_400_000, 7, 60_000].map(stepText)).toEqual([
      'hour',
      '15 minutes',
      'day',
      '2 days',
      '7 milliseconds',
      'minute',
    ]);
  });
});
