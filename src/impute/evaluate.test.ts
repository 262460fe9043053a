import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { createPanel, type Panel } from '../panel/panel.ts';
import { imputePanel, parseSteps } from './chain.ts';
import { defaultMethods, evaluateImputation } from './evaluate.ts';
import { hideCells, scenarioName, scenarios } from './hideCells.ts';
import { imputeSteps } from './steps.ts';

function panelOf(length: number, value: (i: number, s: number) => number): Panel {
  const panel = createPanel({ start: 0, length, series: [{ id: 'a' }, { id: 'b' }] });
  for (const [s, { values }] of panel.series.entries())
    for (let i = 0; i < length; i++) values[i] = value(i, s);
  return panel;
}

describe('hideCells', () => {
  it.each(scenarios)('hides only readings, the same ones for the same seed: %j', (scenario) => {
    const random = randomStream(2);
    const panel = panelOf(600, () => (random.uniform() < 0.2 ? Number.NaN : random.normal()));
    const { panel: gappy, hidden } = hideCells(panel, scenario, 4);
    let count = 0;
    for (const [s, { values }] of panel.series.entries()) {
      for (let i = 0; i < values.length; i++) {
        if (hidden[s][i]) count++;
        if (hidden[s][i]) expect(values[i]).not.toBeNaN();
        expect(gappy.series[s].values[i]).toBe(hidden[s][i] ? Number.NaN : values[i]);
      }
    }
    expect(count).toBeGreaterThan(20);
    expect(hideCells(panel, scenario, 4).hidden).toEqual(hidden);
    expect(hideCells(panel, scenario, 5).hidden).not.toEqual(hidden);
  });

  it('hides the share it says', () => {
    const { hidden } = hideCells(
      panelOf(20_000, () => 1),
      { kind: 'points', percent: 10 },
      1,
    );
    const share = hidden[0].reduce((sum, bit) => sum + bit, 0) / 20_000;
    // Five standard errors.
    expect(Math.abs(share - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / 20_000));
  });

  it('hides points series by series, whatever their order', () => {
    const panel = panelOf(300, () => 1);
    const turned = { ...panel, series: [...panel.series].reverse() };
    for (const scenario of scenarios) {
      const { hidden } = hideCells(panel, scenario, 7);
      expect(hideCells(turned, scenario, 7).hidden).toEqual([...hidden].reverse());
      if (scenario.kind !== 'ownGaps') expect(hidden[0]).not.toEqual(hidden[1]);
    }
  });

  it('moves the gaps of all series alike, by whole days, around the end', () => {
    const random = randomStream(9);
    const down = Array.from({ length: 2400 }, () => random.uniform() < 0.1);
    // The second series fails whenever the first does, and every midnight.
    const panel = panelOf(2400, (i, s) => (down[i] || (s === 1 && i % 24 === 0) ? Number.NaN : 1));
    const { panel: gappy } = hideCells(panel, { kind: 'ownGaps' }, 3);
    const isGap = (s: number, i: number) => Number.isNaN(panel.series[s].values[(i + 2400) % 2400]);
    const shifts = Array.from({ length: 100 }, (_, days) => 24 * days).filter((shift) =>
      panel.series.every((_, s) =>
        gappy.series[s].values.every(
          (value, i) => Number.isNaN(value) === (isGap(s, i) || isGap(s, i + shift)),
        ),
      ),
    );
    expect(shifts).toHaveLength(1);
    expect(shifts[0]).toBeGreaterThanOrEqual(600);
    expect(shifts[0]).toBeLessThanOrEqual(1800);
  });

  it('takes a tenth of the readings in runs', () => {
    const { hidden } = hideCells(
      panelOf(20_000, () => 1),
      { kind: 'runs', length: 18 },
      1,
    );
    const count = hidden[0].reduce((sum, bit) => sum + bit, 0);
    expect(count).toBeGreaterThanOrEqual(2000);
    expect(count).toBeLessThan(2018);
    let run = 0;
    for (const bit of [...hidden[0], 0]) {
      if (bit) run++;
      else {
        expect(run === 0 || run >= 18).toBe(true);
        run = 0;
      }
    }
  });

  it('takes neither filled nor infinite cells for readings', () => {
    const panel = panelOf(200, (i) =>
      i % 5 === 0 ? Number.NaN : i % 7 === 0 ? Number.POSITIVE_INFINITY : i,
    );
    const filled = imputePanel(panel, parseSteps('mean'));
    const { panel: gappy, hidden } = hideCells(filled, { kind: 'points', percent: 50 }, 1);
    expect(gappy.fillSteps).toEqual([]);
    for (let i = 0; i < 200; i++) {
      if (i % 5 !== 0 && i % 7 !== 0) continue;
      expect(hidden[0][i]).toBe(0);
      expect(gappy.series[0].values[i]).toBeNaN();
    }
  });

  it('handles a series shorter than a run and one without readings', () => {
    expect(
      hideCells(
        panelOf(10, () => 1),
        { kind: 'runs', length: 18 },
        1,
      ).hidden[0].some(Boolean),
    ).toBe(false);
    expect(
      hideCells(
        panelOf(10, () => Number.NaN),
        { kind: 'ownGaps' },
        1,
      ).hidden[0].some(Boolean),
    ).toBe(false);
  });
});

describe('evaluateImputation', () => {
  it('finds no error where a line is the truth, and the exact error of the mean', async () => {
    const panel = panelOf(500, (i) => 2 * i);
    const rows = await evaluateImputation(panel, {
      methods: [parseSteps('linear:100'), parseSteps('mean')],
      scenarios: [{ kind: 'points', percent: 10 }],
      workers: 0,
    });
    const all = rows.filter(({ gap }) => gap === 'all');
    expect(all[0].mae).toBeLessThan(1e-9);
    const { panel: gappy, hidden } = hideCells(panel, { kind: 'points', percent: 10 }, 1);
    let sum = 0;
    let count = 0;
    for (const [s, { values }] of panel.series.entries()) {
      const known = [...gappy.series[s].values].filter((value) => !Number.isNaN(value));
      const mean = known.reduce((total, value) => total + value, 0) / known.length;
      for (let i = 0; i < values.length; i++) {
        if (!hidden[s][i]) continue;
        sum += Math.abs(values[i] - mean);
        count++;
      }
    }
    expect(all[1].cells).toBe(count);
    expect(all[1].mae).toBeCloseTo(sum / count, 9);
    // The standard deviation of 0, 2, …, 998 with n in the denominator.
    expect(all[1].standardisedMae).toBeCloseTo(sum / count / Math.sqrt((4 * (500 ** 2 - 1)) / 12), 9);
  });

  it('sorts hidden cells by the length of the gap they lie in, missing neighbours included', async () => {
    const panel = panelOf(2000, (i) => (i % 40 < 3 ? Number.NaN : 1));
    const rows = await evaluateImputation(panel, {
      methods: [parseSteps('mean')],
      scenarios: [{ kind: 'points', percent: 10 }],
      workers: 0,
    });
    const cells = Object.fromEntries(rows.map(({ gap, cells: count }) => [gap, count]));
    expect(cells['1']).toBeGreaterThan(cells['4-6']);
    expect(cells['4-6']).toBeGreaterThan(0);
    expect(rows.filter(({ gap }) => gap !== 'all').reduce((sum, row) => sum + row.cells, 0)).toBe(cells.all);
  });

  it('counts like a search through every cell', async () => {
    const random = randomStream(11);
    const panel = panelOf(1500, (i) =>
      random.uniform() < 0.3 ? Number.NaN : 20 + 5 * Math.sin(i / 4) + random.normal(),
    );
    for (const scenario of scenarios) {
      for (const steps of ['linear:5', 'seasonalFill:day', 'median:hour']) {
        const rows = await evaluateImputation(panel, {
          methods: [parseSteps(steps)],
          scenarios: [scenario],
          seed: 5,
          workers: 0,
        });
        const { panel: gappy, hidden } = hideCells(panel, scenario, 5);
        const filled = imputePanel(gappy, parseSteps(steps));
        const cells = panel.series.flatMap(({ values: truth }, s) => {
          const known = truth.filter((value) => !Number.isNaN(value));
          const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
          const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
          return [...truth.keys()].flatMap((i) => {
            if (!hidden[s][i]) return [];
            const { values } = gappy.series[s];
            let [first, last] = [i, i];
            while (first > 0 && Number.isNaN(values[first - 1])) first--;
            while (last < truth.length - 1 && Number.isNaN(values[last + 1])) last++;
            const error = filled.series[s].values[i] - truth[i];
            return [{ gap: last - first + 1, error, standardised: error / Math.sqrt(variance) }];
          });
        });
        const expected = (
          [
            ['1', 1, 1],
            ['2-3', 2, 3],
            ['4-6', 4, 6],
            ['7-24', 7, 24],
            ['25-72', 25, 72],
            ['>72', 73, Number.POSITIVE_INFINITY],
            ['all', 1, Number.POSITIVE_INFINITY],
          ] as const
        ).flatMap(([gap, from, to]) => {
          const among = cells.filter((one) => one.gap >= from && one.gap <= to);
          if (among.length === 0) return [];
          const done = among.filter(({ error }) => !Number.isNaN(error));
          const average = (of: (one: (typeof done)[number]) => number) =>
            expect.closeTo(done.reduce((sum, one) => sum + of(one), 0) / done.length, 9);
          return [
            {
              scenario: scenarioName(scenario),
              method: steps,
              gap,
              cells: among.length,
              filled: done.length / among.length,
              mae: done.length === 0 ? Number.NaN : average(({ error }) => Math.abs(error)),
              rmse:
                done.length === 0
                  ? Number.NaN
                  : expect.closeTo(
                      Math.sqrt(done.reduce((sum, { error }) => sum + error ** 2, 0) / done.length),
                      9,
                    ),
              standardisedMae:
                done.length === 0 ? Number.NaN : average(({ standardised }) => Math.abs(standardised)),
            },
          ];
        });
        expect(rows).toEqual(expected);
      }
    }
  });

  it('leaves series that never change out of the standardised error', async () => {
    const panel = panelOf(400, (i, s) => (s === 0 ? 3 : i % 2));
    const [row] = await evaluateImputation(panel, {
      methods: [parseSteps('mean')],
      scenarios: [{ kind: 'runs', length: 6 }],
      workers: 0,
    });
    // Half the cells are met without error, the others miss by one standard deviation of 1/2.
    expect(row.mae).toBeCloseTo(0.25, 1);
    expect(row.standardisedMae).toBeCloseTo(1, 1);
  });

  it('lists a method written twice once', async () => {
    const rows = await evaluateImputation(
      panelOf(100, (i) => i),
      {
        methods: ['linear', 'linear:3', 'linear:maxGap=3'].map(parseSteps),
        scenarios: [{ kind: 'points', percent: 10 }],
        workers: 0,
      },
    );
    expect(rows.filter(({ gap }) => gap === 'all')).toHaveLength(1);
  });

  it('has nothing to say of a panel without readings, and stops when told', async () => {
    const empty = panelOf(100, () => Number.NaN);
    expect(await evaluateImputation(empty, { workers: 0 })).toEqual([]);
    const signal = AbortSignal.abort();
    await expect(evaluateImputation(empty, { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(
      evaluateImputation(empty, { methods: [[{ name: 'magic', options: {} }]] }),
    ).rejects.toMatchObject({ kind: 'usage' });
  });

  it('compares each kind of step alone with chains by default', () => {
    const panel = panelOf(10, (i) => i);
    const kinds = (of: typeof panel) =>
      defaultMethods(of)
        .filter((steps) => steps.length === 1)
        .map(([{ name }]) => name);
    expect(defaultMethods(panel).filter((steps) => steps.length > 1)).toHaveLength(2);
    const placed = {
      ...panel,
      series: panel.series.map((one) => ({ ...one, latitude: 40, longitude: 116 })),
    };
    expect(new Set(kinds(placed))).toEqual(
      new Set(imputeSteps.map(({ name }) => name).filter((name) => name !== 'neighbours')),
    );
    // Without places there is no distance.
    const unplaced = { ...placed, series: placed.series.map((one) => ({ ...one, latitude: Number.NaN })) };
    expect(kinds(unplaced)).toEqual(kinds(placed).filter((name) => name !== 'inverseDistance'));
  });

  it('gives the same rows for any number of workers', async () => {
    const panel = panelOf(300, (i, s) => Math.sin(i / 4) + s);
    const options = { methods: [parseSteps('linear:6'), parseSteps('mean:hour')], seed: 3 };
    const alone = await evaluateImputation(panel, { ...options, workers: 0 });
    expect(await evaluateImputation(panel, { ...options, workers: 2 })).toEqual(alone);
    expect(new Set(alone.map(({ scenario }) => scenario)).size).toBeGreaterThan(4);
    expect(scenarios.map(scenarioName)).toContain(alone[0].scenario);
  });
});
