import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPanel, day, slicePanel } from '../panel/panel.ts';
import { openFoldStore } from './foldStore.ts';
import { parseModels } from './registry.ts';
import { planFolds, type RollingOptions, rollingForecast } from './rollingForecast.ts';

const start = Date.UTC(2024, 0, 1);
const panel = createPanel({ start, length: 20 * 24, series: [{ id: 'a' }, { id: 'b' }] });
for (const [s, { values }] of panel.series.entries())
  for (let i = 0; i < values.length; i++) values[i] = s + (i % 24);

const options: RollingOptions = {
  models: parseModels('seasonalNaive'),
  starts: [15, 16, 17].map((offset) => start + offset * day),
  every: day,
  horizon: 24,
  calibration: 2,
  workers: 0,
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trainyard-'));
});

const storeOf = (onResume?: (kept: number, folds: number) => void) =>
  openFoldStore(directory, panel, onResume);

describe('openFoldStore', () => {
  it('goes on where an interrupted run stopped, with the same results', async () => {
    const whole = await rollingForecast(panel, options);
    const controller = new AbortController();
    const interrupted = rollingForecast(panel, {
      ...options,
      store: storeOf(),
      signal: controller.signal,
      // Few folds are spread over the series too: two parts a fold.
      onProgress: ({ done }) => done === 4 && controller.abort(),
    });
    await expect(interrupted).rejects.toMatchObject({ kind: 'cancelled' });
    const resumed: number[][] = [];
    const table = await rollingForecast(panel, {
      ...options,
      store: storeOf((kept, all) => resumed.push([kept, all])),
    });
    expect(resumed).toEqual([[2, 5]]);
    expect(table.models[0].point).toEqual(whole.models[0].point);
    expect(table.models[0].intervals).toEqual(whole.models[0].intervals);
  });

  it('ignores folds that are damaged, cut short or of other settings', async () => {
    await rollingForecast(panel, { ...options, store: storeOf() });
    const plan = planFolds(panel, options);
    const [key] = readdirSync(join(directory, '.resume'));
    const file = (position: number) => join(directory, '.resume', key, `${position}.bin`);
    const bytes = readFileSync(file(0));
    bytes[100] ^= 1;
    writeFileSync(file(0), bytes);
    writeFileSync(file(1), readFileSync(file(1)).subarray(0, 50));
    expect(await storeOf().load(plan)).toEqual([2, 3, 4]);
    expect(await storeOf().load(planFolds(panel, { ...options, horizon: 12 }))).toEqual([]);
    expect(await storeOf().load(planFolds(panel, { ...options, refit: 2 }))).toEqual([]);
    const otherData = slicePanel(panel, 0, 19 * 24);
    const otherCity = { ...panel, series: panel.series.map((series) => ({ ...series, city: 'London' })) };
    for (const other of [otherData, otherCity])
      expect(await openFoldStore(directory, other).load(plan)).toEqual([]);
  });

  it('leaves nothing behind once cleared', async () => {
    const store = storeOf();
    await rollingForecast(panel, { ...options, store });
    await store.clear();
    expect(existsSync(join(directory, '.resume'))).toBe(false);
  });
});
