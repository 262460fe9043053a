import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { zoneOffset } from '../panel/localTime.ts';
import type { Panel } from '../panel/panel.ts';
import { createForecaster } from './registry.ts';
import { panelOf, valuesOf } from './testing/panels.ts';
import { windowSets } from './windows.ts';

const hour = 3_600_000;
const missing = Number.NaN;

function medians(options: Record<string, string | readonly number[]> = {}) {
  return createForecaster({ name: 'medianOfMedians', options });
}

it('takes the median at each hour of the day, over a horizon of two days', () => {
  // Three days; the value says the day and the hour.
  const history = panelOf([valuesOf(72, (index) => 100 * Math.floor(index / 24) + (index % 24))]);
  const { point } = medians({ windows: [3] })
    .fit(history)
    .predict(48);
  expect([...point[0]]).toEqual(valuesOf(48, (step) => 100 + (step % 24)));
});

it('takes the median over the windows of the medians within them', () => {
  // One value a day: 1, 2, ... 30; windows of 3, 9 and 30 days have medians 29, 26 and 15.5.
  const history = panelOf([valuesOf(30, (index) => index + 1)], { step: 24 * hour });
  expect(
    medians({ windows: [3, 9, 30] })
      .fit(history)
      .predict(1).point[0][0],
  ).toBe(26);
  expect(
    medians({ windows: [3, 9] })
      .fit(history)
      .predict(1).point[0][0],
  ).toBe(27.5);
  expect(
    medians({ windows: [3, 9, 30], over: 'mean' })
      .fit(history)
      .predict(1).point[0][0],
  ).toBe((29 + 26 + 15.5) / 3);
});

it('takes means within windows where asked', () => {
  const history = panelOf([[0, 0, 9]], { step: 24 * hour });
  expect(
    medians({ windows: [3], statistic: 'mean' })
      .fit(history)
      .predict(1).point[0][0],
  ).toBe(3);
  expect(
    medians({ windows: [3] })
      .fit(history)
      .predict(1).point[0][0],
  ).toBe(0);
});

describe('agrees with a plain version', () => {
  const random = randomStream(3, 'median test');
  const series = (length: number, share: number) =>
    valuesOf(length, () => (random.uniform() < share ? missing : Math.round(50 * random.uniform())));
  const cases = [
    { name: 'hourly, ending in the middle of a day', length: 24 * 40 + 17, zone: 'UTC', step: hour },
    { name: 'in Shanghai', length: 24 * 40, zone: 'Asia/Shanghai', step: hour },
    { name: 'in London across a change of clocks', length: 24 * 40 + 5, zone: 'Europe/London', step: hour },
    { name: 'in Kathmandu, a quarter past the hour', length: 24 * 40, zone: 'Asia/Kathmandu', step: hour },
    { name: 'half-hourly', length: 48 * 40 + 3, zone: 'UTC', step: hour / 2 },
    { name: 'six-hourly', length: 4 * 40, zone: 'Europe/London', step: 6 * hour },
  ];
  it.each(cases)('$name', ({ length, zone, step }) => {
    const start = Date.UTC(2018, 1, 25);
    const panel = panelOf([series(length, 0), series(length, 0.4), series(length, 0.97)], {
      start,
      step,
      timeZone: zone,
    });
    for (const windows of [[7, 14, 21, 35], [1], [2, 40]]) {
      const { point } = medians({ windows }).fit(panel).predict(50);
      expect(point.map((values) => [...values])).toEqual(plainMedians(panel, windows, 50));
    }
  });
});

describe('windows', () => {
  const constantDays = (days: number) => panelOf([valuesOf(days, (index) => index)], { step: 24 * hour });

  it('auto takes the golden windows that fit', () => {
    const expected = medians({ windows: [11, 18, 30] })
      .fit(constantDays(47))
      .predict(1);
    expect(medians().fit(constantDays(47)).predict(1).point).toEqual(expected.point);
    const more = medians({ windows: [11, 18, 30, 48] })
      .fit(constantDays(48))
      .predict(1);
    expect(medians().fit(constantDays(48)).predict(1).point).toEqual(more.point);
  });

  it('auto takes one window of the whole days there are in a history shorter than the shortest', () => {
    expect(medians().fit(constantDays(5)).predict(1).point[0][0]).toBe(2);
    expect([
      ...medians()
        .fit(panelOf([[1, 2, 3]]))
        .predict(24)
        .point[0].subarray(20),
    ]).toEqual([missing, 1, 2, 3]);
  });

  it('have names', () => {
    const history = panelOf([valuesOf(400, (index) => (index * 37) % 101)], { step: 24 * hour });
    for (const [name, days] of Object.entries(windowSets)) {
      const named = medians({ windows: name }).fit(history).predict(1);
      expect(named.point).toEqual(medians({ windows: days }).fit(history).predict(1).point);
    }
  });

  it('may differ by city', () => {
    const row = valuesOf(30, (index) => index + 1);
    const history = panelOf([row, row, row], { step: 24 * hour, cities: ['Beijing', 'London', ''] });
    const options = { windows: [30], 'windows.Beijing': '3', 'windows.London': [9] };
    const forecaster = medians(options);
    expect(
      forecaster
        .fit(history)
        .predict(1)
        .point.map((values) => values[0]),
    ).toEqual([29, 26, 15.5]);
    expect(forecaster.minHistory(history)).toBe(30);
  });

  it('of a city that no series has are an error that names the cities', () => {
    const history = panelOf([[1]], { cities: ['Beijing'] });
    expect(() => medians({ 'windows.Bejing': 'golden5' }).minHistory(history)).toThrow(
      'medianOfMedians:windows.Bejing names a city that no series has',
    );
  });

  it('given explicitly and longer than the history are an error that names both', () => {
    expect(() => medians({ windows: [7, 21] }).fit(constantDays(20))).toThrow(
      'window of 21 days is longer than the history of 20 days',
    );
    expect(() => medians({ windows: 'golden5' }).fit(panelOf([valuesOf(24 * 78 - 1, () => 1)]))).toThrow(
      'window of 78 days is longer than the history of 77 days',
    );
    expect(() => medians({ windows: [7, 20] }).fit(constantDays(20))).not.toThrow();
  });

  it('stay those of the fit when forecasting from a later history', () => {
    const model = medians().fit(constantDays(17));
    const later = constantDays(31);
    const expected = medians({ windows: [11] })
      .fit(later)
      .predict(1);
    expect(model.predict(1, later).point).toEqual(expected.point);
  });

  it.each(['', '0', '-3', '1.5', '11/', 'silver', '11,18', '1e3', 'constructor'])('reject %j', (windows) => {
    expect(() => medians({ windows })).toThrow(`invalid medianOfMedians:windows: ${windows}`);
  });
});

describe('awkward input', () => {
  it('leaves out windows without a reading at the hour', () => {
    const values = valuesOf(30, (index) => (index < 20 ? index : missing));
    const history = panelOf([values], { step: 24 * hour });
    // Nothing in the last 10 days; the window of 20 holds 10 ... 19, that of 30 holds 0 ... 19.
    expect(
      medians({ windows: [10, 20, 30] })
        .fit(history)
        .predict(1).point[0][0],
    ).toBe((14.5 + 9.5) / 2);
  });

  it('has no forecast for an hour without any reading, nor for a series without one', () => {
    const history = panelOf([
      valuesOf(48, (index) => (index % 24 === 3 ? missing : 1)),
      valuesOf(48, () => missing),
    ]);
    const { point } = medians({ windows: [2] })
      .fit(history)
      .predict(5);
    expect([...point[0]]).toEqual([1, 1, 1, missing, 1]);
    expect([...point[1]]).toEqual(valuesOf(5, () => missing));
  });

  it('is not moved by one infinite or huge reading', () => {
    const history = panelOf([[1, 2, Number.POSITIVE_INFINITY]], { step: 24 * hour });
    expect(
      medians({ windows: [3] })
        .fit(history)
        .predict(1).point[0][0],
    ).toBe(2);
    const huge = panelOf([[1, 2, 1e308]], { step: 24 * hour });
    expect(
      medians({ windows: [3] })
        .fit(huge)
        .predict(1).point[0][0],
    ).toBe(2);
  });

  it('forecasts weekly panels from windows of at least one step', () => {
    const weekly = panelOf([valuesOf(20, (index) => index)], { step: 7 * 24 * hour });
    expect(
      medians({ windows: [21, 35] })
        .fit(weekly)
        .predict(1).point[0][0],
    ).toBe(17.5);
    expect(
      medians({ windows: [1] })
        .fit(weekly)
        .predict(1).point[0][0],
    ).toBe(19);
  });

  it('does not change the history', () => {
    const history = panelOf([[5, 3, 4, 1]]);
    medians({ statistic: 'mean' }).fit(history).predict(2);
    expect([...history.series[0].values]).toEqual([5, 3, 4, 1]);
  });

  it('rejects an unknown statistic', () => {
    expect(() => medians({ statistic: 'mode' })).toThrow(
      'invalid medianOfMedians:statistic: mode; expected median or mean',
    );
  });
});

// By definition, slowly: every step of every window is looked at, its slot computed by itself.
function plainMedians(panel: Panel, windows: readonly number[], horizon: number): number[][] {
  const day = 24 * hour;
  const slotAt = (index: number) => {
    const time = panel.start + index * panel.step;
    const local = time + zoneOffset(panel.timeZone, time);
    return Math.floor((((local % day) + day) % day) / panel.step);
  };
  const slots = valuesOf(panel.length + horizon, slotAt);
  return panel.series.map(({ values }) =>
    valuesOf(horizon, (step) => {
      const medians = windows
        .map((window) => panel.length - (window * day) / panel.step)
        .map((oldest) =>
          [...values].filter(
            (value, index) =>
              index >= oldest && slots[index] === slots[panel.length + step] && !Number.isNaN(value),
          ),
        )
        .filter((readings) => readings.length > 0)
        .map(median);
      return medians.length === 0 ? missing : median(medians);
    }),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
