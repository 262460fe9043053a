import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { createPanel, day, type Panel, slicePanel } from '../panel/panel.ts';
import { pointForecast } from './family.ts';
import { forecastFolds, overwriteAfter } from './folds.ts';
import type { Forecaster } from './forecaster.ts';
import { compareTables, proveNoLeak } from './proveNoLeak.ts';
import { createForecaster, parseModels } from './registry.ts';
import { planFolds, type RollingOptions, rollingForecast, tableOf } from './rollingForecast.ts';

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
  it.each([1, 2])('passes for honest models, refitted at every start and at every %i', async (refit) => {
    const panel = panelOf(16);
    const table = await rollingForecast(panel, { ...options, refit });
    const proof = await proveNoLeak(panel, table, { ...options, refit });
    expect(proof).toMatchObject({ passed: true, cutoffs: 3, different: 0, examples: [] });
    // Points and four interval ends of two models, two series, three starts and 24 steps.
    expect(proof.compared).toBe(5 * 2 * 2 * 3 * 24);
  });

  it('catches a forecaster that looks past the end of its history', () => {
    const panel = panelOf(16);
    const peeking =
      (source: Panel) =>
      (spec: Forecaster['spec']): Forecaster => ({
        ...createForecaster(spec),
        fit: (fitted) => ({
          predict: (horizon, history = fitted) =>
            pointForecast(history, horizon, (series, point) => {
              const index = source.series.findIndex(({ id }) => id === series.id);
              point.set(source.series[index].values.subarray(history.length, history.length + horizon));
            }),
        }),
      });
    const tables = [panel, overwriteAfter(panel, 12 * 24 - 1, 1)].map((source) => {
      const plan = planFolds(panel, { ...options, levels: [], starts: [start + 12 * day] });
      const { settings, output, folds } = plan;
      forecastFolds({ panel: source, settings, output, folds, seriesRange: [0, 2] }, peeking(source));
      return tableOf(panel, plan);
    });
    const proof = compareTables(tables[0], tables[1]);
    expect(proof.passed).toBe(false);
    expect(proof.different).toBeGreaterThan(0);
    expect(proof.examples[0]).toContain('2024-01-13');
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
