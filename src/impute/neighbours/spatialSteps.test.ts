import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { createPanel, type Panel } from '../../panel/panel.ts';
import { imputePanel, parseSteps } from '../chain.ts';
import { distanceBetween } from './distance.ts';

const missing = Number.NaN;

function stations(
  places: readonly (readonly [number, number])[],
  rows: readonly (readonly number[])[],
): Panel {
  const panel = createPanel({
    start: 0,
    length: rows[0].length,
    series: places.map(([latitude, longitude], s) => ({ id: `s${s}`, measure: 'NO2', latitude, longitude })),
  });
  for (const [s, row] of rows.entries()) panel.series[s].values.set(row);
  return panel;
}

const fill = (panel: Panel, steps: string) =>
  imputePanel(panel, parseSteps(steps)).series.map(({ values }) => [...values]);

describe('distanceBetween', () => {
  it('follows the surface of the earth', () => {
    const [origin, pole, east] = stations(
      [
        [0, 30],
        [90, 0],
        [0, 31],
      ],
      [[1], [1], [1]],
    ).series;
    expect(distanceBetween(origin, pole)).toBeCloseTo((6371 * Math.PI) / 2, 6);
    expect(distanceBetween(origin, east)).toBeCloseTo((6371 * Math.PI) / 180, 6);
    expect(distanceBetween(origin, origin)).toBe(0);
    expect(distanceBetween(origin, { ...east, latitude: missing })).toBeNaN();
  });
});

describe('inverseDistance', () => {
  const places = [
    [0, 0],
    [0, 1],
    [0, -2],
    [0, 0],
  ] as const;

  it('weights readings by one over the square of the distance', () => {
    const [filled] = fill(stations(places.slice(0, 3), [[missing], [10], [20]]), 'inverseDistance');
    expect(filled[0]).toBeCloseTo((10 + 20 / 4) / (1 + 1 / 4), 9);
    const [linear] = fill(stations(places.slice(0, 3), [[missing], [10], [20]]), 'inverseDistance:1');
    expect(linear[0]).toBeCloseTo((10 + 20 / 2) / (1 + 1 / 2), 9);
  });

  it('counts instruments at one place as 100 metres apart', () => {
    const [filled] = fill(stations(places, [[missing], [10], [20], [7]]), 'inverseDistance');
    expect(filled[0]).toBeCloseTo(7, 4);
  });

  it('leaves out stations that are silent, and cells for which too few speak', () => {
    const panel = stations(places.slice(0, 3), [
      [missing, missing, missing, 5],
      [10, missing, missing, 1],
      [missing, missing, 20, 1],
    ]);
    expect(fill(panel, 'inverseDistance')[0]).toEqual([10, missing, 20, 5]);
    expect(fill(panel, 'inverseDistance:minStations=2')[0]).toEqual([missing, missing, missing, 5]);
  });

  it('asks for coordinates, naming the series without', () => {
    const panel = stations(
      [places[0], [missing, 1]],
      [
        [missing, 1],
        [1, 2],
      ],
    );
    expect(() => fill(panel, 'inverseDistance')).toThrow('no coordinates of s1; inverseDistance needs');
    const alone = stations([[missing, missing]], [[missing, 1]]);
    expect(fill(alone, 'inverseDistance')).toEqual([[missing, 1]]);
  });
});

describe('nearestStations', () => {
  const places = [
    [0, 0],
    [0, 1],
    [0, 2],
  ] as const;
  const random = randomStream(1, 'nearest');
  const x = Array.from({ length: 200 }, () => 50 + 10 * random.normal());

  it('finds a line exactly, wherever the readings lie', () => {
    const rows = [x.map((value) => 3 * value + 1e6), x, x.map(() => 5)];
    rows[0][7] = missing;
    expect(fill(stations(places, rows), 'nearestStations')[0][7]).toBeCloseTo(3 * x[7] + 1e6, 3);
  });

  it('averages several lines by one over the variance of their errors', () => {
    const noisy = (scale: number) => x.map((value) => value + scale * random.normal());
    const rows = [[...x], noisy(1), noisy(3)];
    rows[0][0] = missing;
    const [filled] = fill(stations(places, rows), 'nearestStations:2');
    // The same by formulas, station by station.
    const lines = [1, 2].map((s) => {
      const known = x.map((_, i) => i).slice(1);
      const mean = (of: (i: number) => number) => known.reduce((sum, i) => sum + of(i), 0) / known.length;
      const [mx, my] = [mean((i) => rows[s][i]), mean((i) => rows[0][i])];
      const slope = mean((i) => (rows[s][i] - mx) * (rows[0][i] - my)) / mean((i) => (rows[s][i] - mx) ** 2);
      const error = (i: number) => rows[0][i] - my - slope * (rows[s][i] - mx);
      const variance = (mean((i) => error(i) ** 2) * known.length) / (known.length - 2);
      return { estimate: my + slope * (rows[s][0] - mx), weight: 1 / variance };
    });
    const total = lines.reduce((sum, { weight }) => sum + weight, 0);
    const expected = lines.reduce((sum, { estimate, weight }) => sum + estimate * weight, 0) / total;
    expect(filled[0]).toBeCloseTo(expected, 9);
  });

  it('takes the best stations, or the nearest', () => {
    const rows = [[...x], x.map((value) => value + 9 * random.normal()), [...x]];
    rows[0][0] = missing;
    expect(fill(stations(places, rows), 'nearestStations:1')[0][0]).toBeCloseTo(x[0], 6);
    expect(fill(stations(places, rows), 'nearestStations:1:by=distance')[0][0]).not.toBeCloseTo(x[0], 2);
  });

  it('stays silent where too little is known', () => {
    const rows = [[missing, ...x.slice(0, 50)], x.slice(0, 51), new Array(51).fill(missing)];
    expect(fill(stations(places, rows), 'nearestStations')[0][0]).toBeNaN();
    expect(fill(stations(places, rows), 'nearestStations:minRows=50')[0][0]).not.toBeNaN();
  });
});
