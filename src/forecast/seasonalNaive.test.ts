import { describe, expect, it } from 'vitest';
import { createForecaster } from './registry.ts';
import { panelOf, valuesOf } from './testing/panels.ts';

const daily = createForecaster({ name: 'seasonalNaive', options: {} });
const missing = Number.NaN;

it('repeats the last day, hour by hour, over a horizon of two days', () => {
  const history = panelOf([valuesOf(48, (hour) => hour)]);
  expect([...daily.fit(history).predict(48).point[0]]).toEqual(valuesOf(48, (hour) => 24 + (hour % 24)));
});

it('goes back another day where the day before has no reading', () => {
  const values = valuesOf(72, (hour) => hour);
  values[50] = missing;
  values[51] = missing;
  values[27] = missing;
  const { point } = daily.fit(panelOf([values])).predict(5);
  expect([...point[0]]).toEqual([48, 49, 26, 3, 52]);
});

it('repeats the last week when the season is seven days', () => {
  const weekly = createForecaster({ name: 'seasonalNaive', options: { days: 7 } });
  const history = panelOf([valuesOf(8 * 24, (hour) => hour)]);
  expect([...weekly.fit(history).predict(2).point[0]]).toEqual([24, 25]);
});

it('counts a season in steps of the panel', () => {
  const sixHourly = panelOf([[1, 2, 3, 4, 5]], { step: 6 * 3_600_000 });
  expect([...daily.fit(sixHourly).predict(4).point[0]]).toEqual([2, 3, 4, 5]);
});

describe('across a change of clocks in London', () => {
  const hoursOfDay = (start: number, count: number) => {
    // Local hour by the calendar of 2018: summer time from 25 March to 28 October, 01:00 UTC each.
    const summer = (time: number) => time >= Date.UTC(2018, 2, 25, 1) && time < Date.UTC(2018, 9, 28, 1);
    return valuesOf(count, (index) => {
      const time = start + index * 3_600_000;
      return new Date(time + (summer(time) ? 3_600_000 : 0)).getUTCHours();
    });
  };

  it('follows the hour of the clock, not 24 hours', () => {
    const start = Date.UTC(2018, 2, 20);
    // The history ends at 23:00 UTC before the change; the horizon crosses it.
    const history = panelOf([hoursOfDay(start, 5 * 24)], { start, timeZone: 'Europe/London' });
    const { point } = daily.fit(history).predict(30);
    expect([...point[0]]).toEqual(hoursOfDay(Date.UTC(2018, 2, 25), 30));
  });

  it('fills the hour that did not exist the day before from the day before that', () => {
    // The clock went from 00:59 to 02:00 on the 25th; the forecast starts at 01:00 of the 26th, 00:00 UTC.
    const start = Date.UTC(2018, 2, 20);
    const history = panelOf([valuesOf(6 * 24, (index) => index)], { start, timeZone: 'Europe/London' });
    const { point } = daily.fit(history).predict(2);
    expect([...point[0]]).toEqual([4 * 24 + 1, 5 * 24 + 1]);
  });

  it('follows the clock in autumn', () => {
    const start = Date.UTC(2018, 9, 20);
    const history = panelOf([hoursOfDay(start, 8 * 24)], { start, timeZone: 'Europe/London' });
    const { point } = daily.fit(history).predict(30);
    expect([...point[0]]).toEqual(hoursOfDay(Date.UTC(2018, 9, 28), 30));
  });

  it('keeps to the slot when a step is longer than the change', () => {
    const start = Date.UTC(2018, 2, 20);
    const history = panelOf([valuesOf(20, (index) => index)], {
      start,
      step: 6 * 3_600_000,
      timeZone: 'Europe/London',
    });
    expect([...daily.fit(history).predict(8).point[0]]).toEqual([16, 17, 18, 19, 16, 17, 18, 19]);
  });
});

describe('awkward input', () => {
  it('has no forecast for hours that were never read', () => {
    const { point } = daily.fit(panelOf([[1, 2, missing]])).predict(24);
    expect([...point[0].subarray(20)]).toEqual([missing, 1, 2, missing]);
  });

  it('has no forecast for a series without a reading', () => {
    const { point } = daily.fit(panelOf([valuesOf(30, () => missing)])).predict(2);
    expect([...point[0]]).toEqual([missing, missing]);
  });

  it.each(['0', '-1', '1.5', 'week', ''])('rejects a season of %s days', (days) => {
    expect(() => createForecaster({ name: 'seasonalNaive', options: { days } })).toThrow(
      `invalid seasonalNaive:days: ${days}; expected whole days, at least 1`,
    );
  });
});
