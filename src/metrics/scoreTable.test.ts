import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { cellOf, type ForecastTable, selectStarts } from './forecastTable.ts';
import type { ScoreRow } from './scores.ts';
import { scoreTable } from './scoreTable.ts';
import { flat, tableOf } from './testing/tables.ts';

const missing = Number.NaN;

it('scores errors by their closed forms', () => {
  const table = tableOf([[[10, 20]]], { m: [[[13, 16]]] }, [{ seasonalScale: 2 }]);
  const { overall } = scoreTable(table).models[0];
  expect(overall.points).toBe(2);
  expect(overall.mae).toBe(3.5);
  expect(overall.rmse).toBe(Math.sqrt((9 + 16) / 2));
  expect(overall.smape).toBeCloseTo((6 / 23 + 8 / 36) / 2, 15);
  expect(overall.mase).toBe(1.75);
});

it('scores by start, series, step, city and measure', () => {
  const truth = [
    [
      [0, 0],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
  ];
  const forecast = [
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ];
  const series = [
    { city: 'Beijing', measure: 'O3' },
    { city: 'London', measure: 'O3' },
  ];
  const [model] = scoreTable(tableOf(truth, { m: forecast }, series)).models;
  expect(model.overall.mae).toBe(4.5);
  expect(model.byStart.map(({ start, mae }) => [start, mae])).toEqual([
    [Date.UTC(2018, 3, 1), 2.5],
    [Date.UTC(2018, 3, 2), 6.5],
  ]);
  expect(model.bySeries.map(({ id, mae }) => [id, mae])).toEqual([
    ['s0', 3.5],
    ['s1', 5.5],
  ]);
  expect(model.byStep.map(({ step, mae }) => [step, mae])).toEqual([
    [1, 4],
    [2, 5],
  ]);
  expect(model.byCity.map(({ city, mae }) => [city, mae])).toEqual([
    ['Beijing', 3.5],
    ['London', 5.5],
  ]);
  expect(model.byMeasure.map(({ measure, mae }) => [measure, mae])).toEqual([['O3', 4.5]]);
});

it('leaves out missing truths, and counts missing forecasts without scoring them', () => {
  const table = tableOf([[[missing, 5, 7]]], {
    m: [[[1, missing, 8]]],
    none: [[[missing, missing, missing]]],
  });
  const [scored, unscored] = scoreTable(table).models;
  expect(scored.overall).toMatchObject({ points: 1, missing: 1, mae: 1 });
  expect(unscored.overall).toMatchObject({
    points: 0,
    missing: 2,
    mae: missing,
    smape: missing,
    skill: missing,
  });
  expect(scored.byStep.map(({ points, missing: lost }) => [points, lost])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
});

it('scores intervals by coverage, width and pinball loss', () => {
  const interval = {
    level: 80,
    lower: Float64Array.of(0, 4, missing),
    upper: Float64Array.of(10, 6, 9),
  };
  const table = tableOf([[[5, 7, 1]]], { m: { point: Float64Array.of(5, 5, 5), intervals: [interval] } });
  const { overall } = scoreTable(table).models[0];
  expect(overall.coverage).toEqual({ 80: 0.5 });
  expect(overall.width).toEqual({ 80: 6 });
  // 5 in 0..10: 0.1 x 5 at either end; 7 above 4..6: 0.1 x 3 at the lower end, 0.9 x 1 at the upper.
  expect(overall.pinball).toBeCloseTo((0.5 + 0.5 + 0.3 + 0.9) / 4, 12);
});

it('counts an interval that the truth lies on the end of as holding it', () => {
  const interval = { level: 95, lower: Float64Array.of(1, 0), upper: Float64Array.of(2, 1) };
  const table = tableOf([[[1, 1]]], { m: { point: Float64Array.of(1, 1), intervals: [interval] } });
  expect(scoreTable(table).models[0].overall.coverage).toEqual({ 95: 1 });
});

it('measures skill against the baseline over the points both forecast', () => {
  const truth = [[[0, 0, 0]]];
  const models = { better: [[[1, 1, 9]]], seasonalNaive: [[[2, 2, missing]]] };
  const [better, naive] = scoreTable(tableOf(truth, models)).models;
  expect(better.overall.skill).toBe(0.5);
  expect(naive.overall.skill).toBe(0);
  const [renamed] = scoreTable(tableOf(truth, models), { baseline: 'better' }).models;
  expect(renamed.overall.skill).toBe(0);
  expect(scoreTable(tableOf(truth, models), { baseline: 'absent' }).models[0].overall.skill).toBeNaN();
});

it('leaves series without a scale out of MASE only', () => {
  const table = tableOf([[[0], [0], [0]]], { m: [[[2], [50], [70]]] }, [
    { seasonalScale: 4 },
    { seasonalScale: missing },
    { seasonalScale: 0 },
  ]);
  expect(scoreTable(table).models[0].overall).toMatchObject({ points: 3, mase: 0.5 });
});

it('has a definition for every number it gives', () => {
  const { definitions, models } = scoreTable(tableOf([[[1]]], { m: [[[1]]] }), { kdd2018: true });
  expect(Object.keys(definitions)).toEqual(expect.arrayContaining(Object.keys(models[0].overall)));
  expect(definitions['kdd best 25']).toContain('25 starts with the lowest scores');
  expect(models[0].kdd2018).toBeDefined();
});

it('gives for a part of the starts what a table of those starts alone gives', () => {
  const table = randomTable(6, 3, 4);
  const whole = scoreTable(table).models[1];
  const part = scoreTable(selectStarts(table, 2, 3)).models[1];
  expect(part.byStart[0]).toEqual(whole.byStart[2]);
  expect(part.overall.mae).toBeCloseTo(whole.byStart[2].mae, 12);
});

it('agrees with a plain version on random tables', () => {
  const table = randomTable(9, 5, 7);
  for (const [index, { overall, byStep, byCity }] of scoreTable(table).models.entries()) {
    expectRow(
      overall,
      plainScores(table, index, () => true),
    );
    for (const { step, ...row } of byStep) {
      expectRow(
        row,
        plainScores(table, index, (_start, _series, s) => s === step - 1),
      );
    }
    for (const { city, ...row } of byCity) {
      expectRow(
        row,
        plainScores(table, index, (_start, series) => table.series[series].city === city),
      );
    }
  }
});

describe('awkward input', () => {
  it('scores a table without starts, series or models as nothing', () => {
    expect(scoreTable(tableOf([], { m: [] })).models[0].overall).toMatchObject({ points: 0, mae: missing });
    expect(scoreTable(tableOf([[[1]]], {})).models).toEqual([]);
    expect(scoreTable({ ...tableOf([[]], { m: [[]] }), horizon: 3 }).models[0].byStep).toHaveLength(3);
  });

  it('does not let one infinite forecast spoil the other errors of a series', () => {
    const table = tableOf([[[1], [1]]], { m: [[[Number.POSITIVE_INFINITY], [2]]] });
    const [{ overall, bySeries }] = scoreTable(table).models;
    expect(overall.smape).toBeCloseTo((2 + 2 / 3) / 2, 12);
    expect(overall.mae).toBe(Number.POSITIVE_INFINITY);
    expect(bySeries[1].mae).toBe(1);
  });
});

function randomTable(starts: number, series: number, horizon: number): ForecastTable {
  const random = randomStream(5, 'scores', starts, series, horizon);
  const cells = (share: number) =>
    Array.from({ length: starts }, () =>
      Array.from({ length: series }, () =>
        Array.from({ length: horizon }, () => (random.uniform() < share ? missing : 100 * random.uniform())),
      ),
    );
  const model = () => {
    const point = flat(cells(0.1));
    const intervals = [80, 95].map((level) => ({
      level,
      lower: point.map((value) => value - level * random.uniform()),
      upper: point.map((value) => value + level * random.uniform()),
    }));
    return { point, intervals };
  };
  const attributes = Array.from({ length: series }, (_, index) => ({
    city: index % 2 === 0 ? 'Beijing' : 'London',
    seasonalScale: index === 1 ? missing : 1 + index,
  }));
  return tableOf(cells(0.2), { medians: model(), seasonalNaive: model(), naive: model() }, attributes);
}

// By definition, from the list of points, a statistic at a time.
function plainScores(
  table: ForecastTable,
  model: number,
  wanted: (start: number, series: number, step: number) => boolean,
): Omit<ScoreRow, 'missing'> {
  const { point, intervals } = table.models[model];
  const baseline = table.models.find((one) => one.model === 'seasonalNaive')?.point ?? new Float64Array(0);
  const points: { a: number; p: number; b: number; scale: number; cell: number }[] = [];
  for (let start = 0; start < table.starts.length; start++) {
    for (let series = 0; series < table.series.length; series++) {
      for (let step = 0; step < table.horizon; step++) {
        const cell = cellOf(table, start, series, step);
        const [a, p, scale] = [table.truth[cell], point[cell], table.series[series].seasonalScale];
        if (wanted(start, series, step) && !Number.isNaN(a + p)) {
          points.push({ a, p, b: baseline[cell], scale, cell });
        }
      }
    }
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const both = points.filter(({ b }) => !Number.isNaN(b));
  const loss = (a: number, q: number, tail: number) => Math.max(tail * (a - q), (tail - 1) * (a - q));
  return {
    points: points.length,
    smape: mean(points.map(({ a, p }) => (2 * Math.abs(a - p)) / (Math.abs(a) + Math.abs(p)))),
    mae: mean(points.map(({ a, p }) => Math.abs(a - p))),
    rmse: Math.sqrt(mean(points.map(({ a, p }) => (a - p) ** 2))),
    mase: mean(points.filter(({ scale }) => scale > 0).map(({ a, p, scale }) => Math.abs(a - p) / scale)),
    skill: 1 - mean(both.map(({ a, p }) => Math.abs(a - p))) / mean(both.map(({ a, b }) => Math.abs(a - b))),
    coverage: Object.fromEntries(
      intervals.map(({ level, lower, upper }) => [
        level,
        mean(points.map(({ a, cell }) => (a >= lower[cell] && a <= upper[cell] ? 1 : 0))),
      ]),
    ),
    width: Object.fromEntries(
      intervals.map(({ level, lower, upper }) => [
        level,
        mean(points.map(({ cell }) => upper[cell] - lower[cell])),
      ]),
    ),
    pinball: mean(
      intervals.flatMap(({ level, lower, upper }) =>
        points.flatMap(({ a, cell }) => [
          loss(a, lower[cell], (1 - level / 100) / 2),
          loss(a, upper[cell], (1 + level / 100) / 2),
        ]),
      ),
    ),
  };
}

function expectRow(found: ScoreRow, expected: Omit<ScoreRow, 'missing'>): void {
  const { coverage, width, ...numbers } = expected;
  for (const [name, value] of Object.entries(numbers)) {
    expect(found[name as keyof typeof numbers], name).toBeCloseTo(value, 9);
  }
  for (const level of [80, 95]) {
    expect(found.coverage[level]).toBeCloseTo(coverage[level], 12);
    expect(found.width[level]).toBeCloseTo(width[level], 9);
  }
}
