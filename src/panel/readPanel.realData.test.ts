import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kddTargets } from './kddTargets.ts';
import { countPresent, fingerprint } from './panel.ts';
import { readPanel } from './readPanel.ts';

describe('the real files of KDD Cup 2018', () => {
  const folder = join(import.meta.dirname, '../../../shared/data/kddcup2018');
  const paths = ['beijing', 'london'].map((city) => join(folder, `${city}_aq_20170101_20180430.csv.gz`));

  // Counted once with pandas 3.1: rows, stations, `notna().sum()`, `(x < 0).sum()` by measure, `sum()` of what is not
  // negative, and hours between a city's first and last row without any row.
  it.skipIf(!existsSync(folder))('hold what pandas counts in them', async () => {
    const { panel, report } = await readPanel(paths);
    expect(report.files.map(({ layout, rows }) => [layout, rows])).toEqual([
      ['kdd2018-beijing', 377_510],
      ['kdd2018-london', 151_187],
    ]);
    expect(panel).toMatchObject({ start: Date.UTC(2017, 0, 1), length: 11_640, step: 3_600_000 });
    expect(new Set(panel.series.map(({ station }) => station)).size).toBe(35 + 13);
    expect(panel.series.every(({ latitude }) => latitude > 39 && latitude < 52)).toBe(true);
    expect(kddTargets(panel).series).toHaveLength(131);
    expect(report).toMatchObject({ duplicates: 0, negatives: 985 + 213 + 72 });
    expect(observed('Beijing')).toEqual({
      'PM2.5': 353_437,
      PM10: 277_819,
      NO2: 355_334,
      CO: 330_894,
      O3: 353_169,
      SO2: 355_398,
    });
    expect(observed('London')).toEqual({ 'PM2.5': 131_176 - 985, PM10: 135_433 - 213, NO2: 123_779 - 72 });
    const ofBeijing = panel.series.filter(({ city, measure }) => city === 'Beijing' && measure === 'SO2');
    const hoursSeen = Math.max(
      ...report.series
        .filter(({ id }) => ofBeijing.some((series) => series.id === id))
        .map(({ withoutRow }) => panel.length - withoutRow),
    );
    expect(hoursSeen).toBe(10_786);
    expect(sum(ofBeijing)).toBeCloseTo(3_217_002, 6);

    function observed(city: string) {
      const counts: Record<string, number> = {};
      for (const { city: where, measure, values } of panel.series) {
        if (where === city) counts[measure] = (counts[measure] ?? 0) + countPresent(values);
      }
      return counts;
    }
  });

  it.skipIf(!existsSync(folder))('give the same panel every time', async () => {
    const [first, second] = [await readPanel([paths[1]]), await readPanel([paths[1]])];
    expect(fingerprint(first.panel)).toBe(fingerprint(second.panel));
  });

  function sum(series: readonly { values: Float64Array }[]): number {
    return series.reduce(
      (all, { values }) => all + values.reduce((s, v) => s + (Number.isNaN(v) ? 0 : v), 0),
      0,
    );
  }
});

describe('the real files of UCI PRSA', () => {
  const folder = join(import.meta.dirname, '../../../shared/data/uci_prsa');

  it.skipIf(!existsSync(folder))('make one panel of twelve stations through a pattern', async () => {
    const { panel, report } = await readPanel([`${folder}/PRSA_Data_*.csv.gz`], {
      measures: ['PM2.5', 'CO'],
    });
    expect(panel.series).toHaveLength(24);
    expect(panel.length).toBe(26_304);
    expect(report.files.every(({ rows }) => rows === 26_304)).toBe(true);
    expect(new Date(panel.start).toISOString()).toBe('2013-02-28T16:00:00.000Z');
    expect(panel.series.every(({ latitude }) => Number.isFinite(latitude))).toBe(true);
  });
});
