import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { parseSteps } from '../impute/chain.ts';
import { createPanel, day, type Panel, slicePanel } from '../panel/panel.ts';
import { overwriteAfter } from './folds.ts';
import { compareTables, proveNoLeak } from './proveNoLeak.ts';
import { parseModels } from './registry.ts';
import { type RollingOptions, rollingForecast, runForecast } from './rollingForecast.ts';

const start = Date.UTC(2024, 0, 1);

function panelOf(days: number): Panel {
  const panel = createPanel({
    start,
    length: days * 24,
    series: [{ id: 'a', measure: 'PM2.5' }, { id: 'b' }],
  });
  for (const { id, values } of panel.series) {
    const random = randomStream(1, id);
    for (let i = 0; i < values.length; i++)
      values[i] = random.uniform() < 0.1 ? Number.NaN : 20 + random.normal();
  }
  return panel;
}

const options: RollingOptions = {
  models: parseModels('medianOfMedians:windows=2/3,naive'),
  starts: [12, 13, 14].map((offset) => start + offset * day),
  every: day,
  horizon: 24,
  calibration: 5,
  workers: 0,
};

describe('proveNoLeak', () => {
  it.each([1, 2, 3])('passes for honest models, refitted at every start and at every %i', async (refit) => {
    const panel = panelOf(16);
    const table = await rollingForecast(panel, { ...options, refit });
    const proof = await proveNoLeak(panel, table, { ...options, refit });
    expect(proof).toMatchObject({ passed: true, cutoffs: 3 + 5, different: 0, examples: [] });
    // Points and four interval ends at three starts, points at five earlier ones, of two models, two series, 24 steps.
    expect(proof.compared).toBe((5 * 3 + 5) * 2 * 2 * 24);
  });

  it('passes with gaps filled from the other stations, by models trained inside each fold', async () => {
    const panel = panelOf(16);
    const beside = panel.series.map((one) => ({ ...one, measure: 'PM2.5' }));
    const steps = parseSteps('neighbours:minRows=50:numIterations=5:inputs=own,mean');
    const variation = { ...options, steps, models: parseModels('seasonalNaive') };
    const table = await rollingForecast({ ...panel, series: beside }, variation);
    const proof = await proveNoLeak({ ...panel, series: beside }, table, variation);
    expect(proof).toMatchObject({ passed: true, different: 0 });
  });

  describe('with tools that look past the end of their history', () => {
    const module = new URL('./testing/leakingFolds.ts', import.meta.url);
    const prove = async (variation: Partial<RollingOptions>) => {
      const panel = panelOf(16);
      const wrong = { ...options, levels: [], ...variation };
      return compareTables(
        await runForecast(panel, wrong, { module }),
        await runForecast(panel, wrong, { module, garbageSeed: 1 }),
      );
    };

    it.each([
      [1, 0],
      [2, 0],
      [3, 0],
      [3, 2],
    ])(
      'catches the forecaster at every cutoff, refitted at every %i and on %i workers',
      async (refit, workers) => {
        const proof = await prove({ models: parseModels('naive'), steps: [], refit, workers });
        expect(proof).toMatchObject({ passed: false, cutoffs: 3, compared: 3 * 2 * 24 });
        // A zero may meet a zero, a gap a gap.
        expect(proof.different).toBeGreaterThan(0.9 * proof.compared);
        expect(proof.examples[0]).toContain('2024-01-13');
      },
    );

    it('catches the imputation, and an honest model in the same run is caught with it', async () => {
      const proof = await prove({ models: parseModels('seasonalNaive'), steps: parseSteps('mean') });
      expect(proof.passed).toBe(false);
      expect(proof.different).toBeGreaterThan(0.9 * proof.compared);
    });

    it('catches forecasts that only calibrate intervals', async () => {
      const { passed, cutoffs, compared } = await prove({
        models: parseModels('naive'),
        steps: [],
        levels: [80],
      });
      // Three starts with a point and two ends each, five earlier ones with points alone.
      expect({ passed, cutoffs, compared }).toEqual({
        passed: false,
        cutoffs: 3 + 5,
        compared: (3 * 3 + 5) * 2 * 24,
      });
    });

    it('lets honest tools of the same module pass', async () => {
      const proof = await prove({ models: parseModels('seasonalNaive'), steps: [] });
      expect(proof).toMatchObject({ passed: true, different: 0 });
    });
  });
});

describe('overwriteAfter', () => {
  it('keeps every cell up to the cutoff and changes those after it', () => {
    const panel = panelOf(4);
    const cutoff = 60;
    const garbled = overwriteAfter(panel, cutoff, 7);
    for (const [s, { values }] of panel.series.entries()) {
      expect(garbled.series[s].values.subarray(0, cutoff + 1)).toEqual(values.subarray(0, cutoff + 1));
      expect(garbled.series[s].values.subarray(cutoff + 1)).not.toEqual(values.subarray(cutoff + 1));
    }
    expect(panel.series[0].values).toEqual(panelOf(4).series[0].values);
  });

  it('overwrites the marks of filled cells with it', () => {
    const plain = panelOf(4);
    const panel = {
      ...plain,
      fillSteps: ['linear:3', 'mean'],
      series: plain.series.map((one) => ({ ...one, filledBy: new Uint8Array(plain.length).fill(1) })),
    };
    const marks = overwriteAfter(panel, 60, 7).series[0].filledBy;
    expect(marks?.subarray(0, 61).every((mark) => mark === 1)).toBe(true);
    expect([...new Set(marks?.subarray(61))].sort()).toEqual([0, 1, 2]);
    expect(panel.series[0].filledBy.every((mark) => mark === 1)).toBe(true);
  });

  it('leaves nothing of the future in a slice, whose storage it may share', () => {
    const panel = panelOf(4);
    const garbled = overwriteAfter(slicePanel(panel, 10, 90), 20, 3);
    expect(garbled.series[0].values.length).toBe(80);
    expect(panel.series[0].values).toEqual(panelOf(4).series[0].values);
  });
});

describe('compareTables', () => {
  it('treats two NaN as the same and two zeros of different sign as different', async () => {
    const table = await rollingForecast(panelOf(16), options);
    const changed = structuredClone(table);
    changed.models[0].point[3] = -0;
    table.models[0].point[3] = 0;
    changed.models[1].point[5] = Number.NaN;
    table.models[1].point[5] = Number.NaN;
    expect(compareTables(table, changed)).toMatchObject({ passed: false, different: 1 });
  });
});
