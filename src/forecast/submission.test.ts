import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { ForecastTable } from '../metrics/forecastTable.ts';
import { hour } from '../panel/panel.ts';
import { submissionNames, writeSubmission } from './submission.ts';

const sample = new URL('../../../shared/data/kddcup2018/sample_submission.csv', import.meta.url);

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'trainyard-')), 'submission.csv');
});

function tableOf(horizon: number, models = ['naive']): ForecastTable {
  const series = ['BL0#PM10', 'dongsi_aq#PM2.5', 'dongsi_aq#O3', 'BL0#PM2.5', 'unknown_aq#O3'].map((id) => {
    const [station, measure] = id.split('#');
    const city = station === 'BL0' ? 'London' : 'Beijing';
    return { id, city, station, measure, unit: '', latitude: 0, longitude: 0, seasonalScale: 1 };
  });
  const point = Float64Array.from(
    { length: series.length * horizon },
    (_, cell) => Math.floor(cell / horizon) * 100 + (cell % horizon) + 0.5,
  );
  point[horizon + 3] = Number.NaN;
  return {
    starts: [0],
    cutoffs: [-hour],
    step: hour,
    horizon,
    series,
    truth: new Float64Array(point.length),
    models: models.map((model) => ({ model, point, intervals: [] })),
  };
}

it('puts each forecast into its row, 0 where there is none and nothing for O3 in London', async () => {
  const silent = await writeSubmission(tableOf(48), 0, path);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines[0]).toBe('test_id,PM2.5,PM10,O3');
  expect(lines.slice(1, 5)).toEqual([
    'dongsi_aq#0,100.5,0,200.5',
    'dongsi_aq#1,101.5,0,201.5',
    'dongsi_aq#2,102.5,0,202.5',
    'dongsi_aq#3,0,0,203.5',
  ]);
  expect(lines).toContain('BL0#47,347.5,47.5,');
  expect(lines).toContain('CD1#0,0,0,');
  expect(silent).toHaveLength(46);
  expect(silent).not.toContain('BL0');
});

it('has 48 hours whatever the horizon', async () => {
  for (const horizon of [6, 72]) {
    await writeSubmission(tableOf(horizon), 0, path);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 48 * 48);
    expect(lines).toContain(horizon === 6 ? 'BL0#47,0,0,' : 'BL0#47,347.5,47.5,');
  }
});

it.skipIf(!existsSync(sample))("has the rows of the competition's sample in its order", async () => {
  await writeSubmission(tableOf(48), 0, path);
  const shape = (text: string) => text.replace(/(?<=[,])[\d.]+/g, '0');
  expect(shape(readFileSync(path, 'utf8'))).toBe(readFileSync(sample, 'utf8'));
});

it('names one file a model, the first plainly', () => {
  expect(
    submissionNames(tableOf(48, ['medianOfMedians:windows=7/14', 'naive', 'seasonalNaive:season=7d'])),
  ).toEqual(['submission.csv', 'submission-naive.csv', 'submission-seasonalNaive-season-7d.csv']);
});

it('says where it could not write', async () => {
  await expect(writeSubmission(tableOf(48), 0, join(path, 'no/folder.csv'))).rejects.toThrow('cannot write');
});
