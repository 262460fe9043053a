import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { createPanel, type Panel } from '../panel/panel.ts';
import { parseSteps } from './chain.ts';
import { evaluateImputation } from './evaluate.ts';
import { hideCells, scenarioName, scenarios } from './hideCells.ts';

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

  it('gives the same rows for any number of workers', async () => {
    const panel = panelOf(300, (i, s) => Math.sin(i / 4) + s);
    const options = { methods: [parseSteps('linear:6'), parseSteps('mean:hour')], seed: 3 };
    const alone = await evaluateImputation(panel, { ...options, workers: 0 });
    expect(await evaluateImputation(panel, { ...options, workers: 2 })).toEqual(alone);
    expect(new Set(alone.map(({ scenario }) => scenario)).size).toBeGreaterThan(4);
    expect(scenarios.map(scenarioName)).toContain(alone[0].scenario);
  });
});
