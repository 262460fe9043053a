import { describe, expect, it } from 'vitest';
import { localDays, slotsOfDay, slotsPerDay, zoneOffset } from './localTime.ts';
import { createPanel, hour } from './panel.ts';

const series = [{ id: 'a' }];

describe('zoneOffset', () => {
  it('knows fixed, half-hour and summer offsets', () => {
    const winter = Date.UTC(2018, 0, 1);
    const summer = Date.UTC(2018, 6, 1);
    expect(zoneOffset('UTC', winter)).toBe(0);
    expect(zoneOffset('Asia/Shanghai', winter)).toBe(8 * hour);
    expect(zoneOffset('Asia/Kolkata', winter)).toBe(5.5 * hour);
    expect(zoneOffset('Europe/London', summer)).toBe(hour);
    expect(zoneOffset('America/St_Johns', Date.UTC(1900, 0, 1, 0, 0, 30))).toBeLessThan(0);
  });
});

describe('slotsOfDay', () => {
  it('counts hours from local midnight across a change to summer time', () => {
    // Clocks in London went from 01:00 to 02:00 on 25 March 2018.
    const panel = createPanel({
      start: Date.UTC(2018, 2, 24, 22),
      length: 6,
      timeZone: 'Europe/London',
      series,
    });
    expect([...slotsOfDay(panel)]).toEqual([22, 23, 0, 2, 3, 4]);
  });

  it('repeats the hour when clocks go back', () => {
    const panel = createPanel({
      start: Date.UTC(2018, 9, 27, 23),
      length: 4,
      timeZone: 'Europe/London',
      series,
    });
    expect([...slotsOfDay(panel)]).toEqual([0, 1, 1, 2]);
    expect(new Set(localDays(panel)).size).toBe(1);
  });

  it('reaches past the end of the panel', () => {
    const panel = createPanel({ start: Date.UTC(2018, 0, 1, 20), length: 2, series });
    expect([...slotsOfDay(panel, 2, 4)]).toEqual([22, 23, 0, 1]);
  });

  it('counts half hours in half-hourly panels', () => {
    const panel = createPanel({ start: Date.UTC(2018, 0, 1, 1), step: hour / 2, length: 3, series });
    expect([...slotsOfDay(panel)]).toEqual([2, 3, 4]);
    expect(slotsPerDay(panel)).toBe(48);
  });
});
