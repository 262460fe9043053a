import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPanel, type Panel } from './panel.ts';
import { readPanel } from './readPanel.ts';
import { writePanel } from './writePanel.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trainyard-'));
});

function panelOf(): Panel {
  const panel = createPanel({
    start: Date.UTC(2018, 2, 25),
    length: 6,
    series: [
      {
        id: '东四, "east"#PM2.5',
        city: 'São Paulo',
        station: '东四, "east"',
        measure: 'PM2.5',
        unit: 'ug/m3',
        latitude: -23.5,
        longitude: 1e-7,
      },
      { id: 'plain#CO', station: 'plain', measure: 'CO', unit: 'mg/m3' },
    ],
  });
  panel.series[0].values.set([0.1 + 0.2, Number.NaN, 1e-300, 12345.678901234567, Number.NaN, 5]);
  panel.series[1].values.set([1, 2, 3, 4, 5, 6]);
  return panel;
}

describe('writePanel', () => {
  it.each(['panel.csv', 'panel.csv.gz', 'panel.parquet'])(
    'writes %s so that the reader gives it back to the last bit',
    async (name) => {
      const panel = panelOf();
      const path = join(directory, name);
      await writePanel(panel, path);
      const { panel: back } = await readPanel([path]);
      expect(back.start).toBe(panel.start);
      expect(back.series.map(({ values, filledBy, ...attributes }) => attributes)).toEqual(
        panel.series.map(({ values, filledBy, ...attributes }) => attributes),
      );
      for (const [s, { values }] of panel.series.entries())
        expect([...back.series[s].values]).toEqual([...values]);
      expect(readdirSync(directory)).toEqual([name]);
    },
  );

  it('says which step filled a cell', async () => {
    const path = join(directory, 'filled.csv');
    const panel = panelOf();
    panel.series[0].values[1] = 0.15;
    const filledBy = Uint8Array.from([0, 1, 0, 0, 0, 0]);
    const series = panel.series.map((one, index) => (index === 0 ? { ...one, filledBy } : one));
    await writePanel({ ...panel, fillSteps: ['linear'], series }, path);
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines[0]).toBe('unique_id,ds,y,filled_by,city,station,measure,unit,latitude,longitude');
    expect(lines[2]).toBe(
      '"东四, ""east""#PM2.5",2018-03-25 01:00:00,0.15,linear,São Paulo,"东四, ""east""",PM2.5,ug/m3,-23.5,1e-7',
    );
    expect(lines[1]).toContain(',0.30000000000000004,,São Paulo,');
  });

  it('keeps an older file when it cannot write', async () => {
    const path = join(directory, 'panel.txt');
    writeFileSync(path, 'old');
    await expect(writePanel(panelOf(), path)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('panel.txt'),
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
    await expect(writePanel(panelOf(), join(path, 'below.csv'))).rejects.toMatchObject({ kind: 'file' });
    expect(existsSync(join(path, 'below.csv'))).toBe(false);
  });
});
