import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { formatDay, formatTime, parseDuration, parseTime } from './timeText.ts';

describe('parseTime', () => {
  it.each([
    ['2018-04-29', '2018-04-29 00:00:00'],
    ['2018-04-29 13:00', '2018-04-29 13:00:00'],
    ['2018-04-29T13:00:30Z', '2018-04-29 13:00:30'],
    ['2018-04-29T13:00+08:00', '2018-04-29 05:00:00'],
    ['2018-04-29T13:00+0800', '2018-04-29 05:00:00'],
  ])('reads %s', (text, expected) => {
    expect(formatTime(parseTime(text, '--at'))).toBe(expected);
  });

  it.each(['', 'yesterday', '2018-02-30', '2018-13-01', '29/04/2018', '2018-04-29 25:00'])(
    'rejects "%s"',
    (text) => {
      expect(() => parseTime(text, '--at')).toThrow(`invalid --at: ${text}`);
    },
  );
});

describe('parseDuration', () => {
  it('reads units from milliseconds to weeks', () => {
    expect(['1d', '6h', '90m', '2w', '1.5h'].map((text) => parseDuration(text, '--every') / 60_000)).toEqual([
      1440, 360, 90, 20160, 90,
    ]);
  });

  it.each(['', '1', 'd', '-1d', '1 month'])('rejects "%s"', (text) => {
    expect(() => parseDuration(text, '--every')).toThrow('invalid --every');
  });
});

it('formats times like ISO 8601 without the T, whatever was formatted before', () => {
  const random = randomStream(1);
  for (let i = 0; i < 2000; i++) {
    const time = Math.floor((random.uniform() - 0.5) * 8e12);
    for (const moment of [time, time + 1, time - 86_400_000, 0])
      expect(formatTime(moment)).toBe(new Date(moment).toISOString().slice(0, 19).replace('T', ' '));
  }
  expect(() => formatTime(Number.NaN)).toThrow('Invalid time');
});

it('formats days', () => {
  expect(formatDay(Date.UTC(2018, 3, 29, 23))).toBe('2018-04-29');
});
