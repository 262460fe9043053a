import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kdd2018Score } from './kdd2018.ts';
import { type Cells, flat, tableOf } from './testing/tables.ts';

const missing = Number.NaN;

interface Fixture {
  horizon: number;
  stations: Record<string, string[]>;
  measures: Record<string, string[]>;
  cases: {
    name: string;
    truth: (number | null)[][][][];
    predicted: (number | null)[][][][];
    expected: {
      days: (number | null)[];
      cities: Record<string, (number | null)[]>;
      cityMeans: Record<string, number>;
      mean: number;
      best25: number;
      deviation: number;
    };
  }[];
}

// Made by fixtures/metrics/make.py.
const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/metrics/kdd2018.json', import.meta.url), 'utf8'),
);
const cities = Object.keys(fixture.stations);

describe("agrees with the organisers' rule in pandas", () => {
  it.each(fixture.cases)('$name', ({ truth, predicted, expected }) => {
    const table = tableOf(cellsOf(truth), { forecast: cellsOf(predicted) }, fixtureSeries());
    const score = kdd2018Score(table, table.models[0].point);
    expectClose(
      score.days.map((day) => day.score),
      expected.days,
    );
    for (const city of cities) {
      expectClose(
        score.days.map((day) => day.cities[city]),
        expected.cities[city],
      );
      expect(score.cities[city]).toBeCloseTo(expected.cityMeans[city], 12);
    }
    expect(score.mean).toBeCloseTo(expected.mean, 12);
    expect(score.best25).toBeCloseTo(expected.best25, 12);
    // The mean over samples of 25 days out of n is that over all days in expectation; five standard errors off.
    const n = expected.days.filter((day) => day !== null).length;
    const spread =
      n <= 25 ? 0 : expected.deviation * Math.sqrt((n - 25) / (25 * (n - 1))) * Math.sqrt(1 / score.samples);
    expect(Math.abs(score.sampled25 - expected.mean)).toBeLessThanOrEqual(5 * spread + 1e-12);
  });

  function cellsOf(values: (number | null)[][][][]): Cells {
    return values.map((day) =>
      cities.flatMap((city, c) =>
        fixture.stations[city].flatMap((_, s) =>
          fixture.measures[city].map((_measure, m) =>
            Array.from({ length: fixture.horizon }, (_, h) => day[c][s * fixture.horizon + h][m] ?? missing),
          ),
        ),
      ),
    );
  }

  function fixtureSeries() {
    return cities.flatMap((city) =>
      fixture.stations[city].flatMap((station) =>
        fixture.measures[city].map((measure) => ({ id: `${station}#${measure}`, city, station, measure })),
      ),
    );
  }

  function expectClose(found: number[], wanted: (number | null)[]): void {
    expect(found.length).toBe(wanted.length);
    for (const [index, value] of found.entries()) {
      const expected = wanted[index];
      if (expected === null) expect(value).toBeNaN();
      else expect(value).toBeCloseTo(expected, 12);
    }
  }
});

const london = ['PM2.5', 'PM10'].map((measure) => ({ city: 'London', station: 'BL0', measure }));
const beijing = ['PM2.5', 'PM10', 'O3'].map((measure) => ({ city: 'Beijing', station: 'dongsi', measure }));

it('drops an hour of a station where one of its measures is missing or negative', () => {
  const truth = [
    [
      [10, missing, 10, 10],
      [10, 10, -1, 10],
    ],
  ];
  const forecast = [
    [
      [10, 99, 99, 30],
      [30, 99, 99, 10],
    ],
  ];
  const table = tableOf(truth, { forecast }, london);
  expect(kdd2018Score(table, flat(forecast)).mean).toBe(0.5);
});

it('does not need ozone in London, nor score nitrogen dioxide', () => {
  const truth = [[[10], [10], [missing], [10]]];
  const forecast = [[[10], [30], [5], [99]]];
  const series = [...london, ...['O3', 'NO2'].map((measure) => ({ ...london[0], measure }))];
  expect(kdd2018Score(tableOf(truth, { forecast }, series), flat(forecast)).mean).toBe(0.5);
});

it('counts a missing forecast as 0', () => {
  const table = tableOf(
    [
      [
        [10, 0],
        [10, 0],
      ],
    ],
    {},
    london,
  );
  expect(
    kdd2018Score(
      table,
      flat([
        [
          [missing, missing],
          [10, 0],
        ],
      ]),
    ).mean,
  ).toBe(0.5);
});

it('weighs the two cities equally, however many points they have', () => {
  const truth = [[[10], [10], [10], [10], [10]]];
  const forecast = [[[10], [10], [30], [30], [30]]];
  const score = kdd2018Score(tableOf(truth, { forecast }, [...london, ...beijing]), flat(forecast));
  expect(score.days[0].cities).toEqual({ London: 0, Beijing: 1 });
  expect(score.mean).toBe(0.5);
});

it('draws the same days from the same seed, others from another', () => {
  const truth = Array.from({ length: 40 }, () => [[10], [10]]);
  const forecast = Array.from({ length: 40 }, (_, day) => [[10 + day], [10 + day]]);
  const table = tableOf(truth, { forecast }, london);
  const sampled = (seed: number, samples?: number) =>
    kdd2018Score(table, table.models[0].point, { seed, samples }).sampled25;
  expect(sampled(1)).toBe(sampled(1));
  expect(sampled(1)).not.toBe(sampled(2));
  expect(sampled(1, 10)).not.toBe(sampled(1, 11));
});

describe('awkward input', () => {
  it('leaves out a day of which no hour counts', () => {
    const truth = [
      [[10], [10]],
      [[missing], [10]],
      [[10], [10]],
    ];
    const forecast = [
      [[10], [10]],
      [[10], [10]],
      [[30], [30]],
    ];
    const score = kdd2018Score(tableOf(truth, { forecast }, london), flat(forecast));
    expect(score.days.map((day) => day.score)).toEqual([0, missing, 1]);
    expect([score.mean, score.best25, score.sampled25]).toEqual([0.5, 0.5, 0.5]);
  });

  it('takes the other city where one has no hour', () => {
    const truth = [[[missing], [10], [10], [10], [10]]];
    const forecast = [[[10], [10], [30], [30], [30]]];
    const score = kdd2018Score(tableOf(truth, { forecast }, [...london, ...beijing]), flat(forecast));
    expect(score.days[0]).toMatchObject({ cities: { London: missing, Beijing: 1 }, score: 1 });
  });

  it('has no score for a table without starts or without scored measures', () => {
    expect(kdd2018Score(tableOf([], {}), new Float64Array(0)).mean).toBeNaN();
    const wind = tableOf([[[1]]], {}, [{ city: 'London', measure: 'wind' }]);
    expect(kdd2018Score(wind, Float64Array.of(1)).mean).toBeNaN();
  });
});
