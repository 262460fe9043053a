import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { describePanel } from './describePanel.ts';
import { createPanel, hour, type Panel } from './panel.ts';
import { readPanel } from './readPanel.ts';
import { formatTime } from './timeText.ts';
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

  it.each(['panel.csv', 'panel.parquet'])('writes any number to %s without losing a bit', async (name) => {
    const path = join(directory, name);
    const cell = fc.double({ noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 20, maxLength: 20 }), async (values) => {
        // No rule of cleaning knows what such series measure. Zero loses its sign.
        const panel = createPanel({ start: 0, length: 20, series: [{ id: 'a' }, { id: 'b' }] });
        panel.series[0].values.set(values.map((value) => (value === 0 ? 0 : value)));
        panel.series[1].values.set([0, 5e-324, Number.MAX_VALUE, -1.7e308, 0.1 + 0.2]);
        await writePanel(panel, path);
        const { panel: back } = await readPanel([path]);
        for (const [s, series] of panel.series.entries())
          for (let i = 0; i < panel.length; i++) expect(back.series[s].values[i]).toBe(series.values[i]);
      }),
      { numRuns: 15 },
    );
  });

  it.each(['filled.csv.gz', 'filled.parquet'])(
    'writes %s with a mask that the reader gives back',
    async (name) => {
      const path = join(directory, name);
      const panel = panelOf();
      const marks = [
        [0, 1, 0, 0, 2, 0],
        [1, 0, 0, 0, 0, 3],
      ];
      panel.series[0].values.set([0.15], 1);
      panel.series[0].values.set([7], 4);
      const fillSteps = ['linear:1', 'seasonalFill:hour:maxDays=14', 'a "quoted", one'];
      const series = panel.series.map((one, s) => ({ ...one, filledBy: Uint8Array.from(marks[s]) }));
      await writePanel({ ...panel, fillSteps, series }, path);
      const { panel: back, report } = await readPanel([path]);
      for (const [s, { values, filledBy }] of back.series.entries()) {
        expect([...values]).toEqual([...series[s].values]);
        const named = [...(filledBy ?? [])].map((code) => (code === 0 ? '' : back.fillSteps[code - 1]));
        expect(named).toEqual(marks[s].map((code) => (code === 0 ? '' : fillSteps[code - 1])));
      }
      expect(report.series.map(({ observed }) => observed)).toEqual([4, 4]);
      expect(report.warnings.join()).toContain('4, kept as filled and not as readings');
      expect(describePanel(back).series.map(({ observed }) => observed)).toEqual([4, 4]);
    },
  );

  it('names 255 steps at most: a column of free text is not one of steps', async () => {
    const path = join(directory, 'notes.csv');
    const rows = Array.from({ length: 256 }, (_, i) => `a,${formatTime(i * hour)},1,note ${i}`);
    writeFileSync(path, ['unique_id,ds,y,filled_by', ...rows].join('\n'));
    await expect(readPanel([path])).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringContaining('more than 255 different words in column filled_by'),
    });
    writeFileSync(path, ['unique_id,ds,y,filled_by', ...rows.slice(1)].join('\n'));
    await expect(readPanel([path])).rejects.toThrow('no reading in any of 1 series');
  });

  it('keeps the axis where every series begins and ends with a gap, at any step', async () => {
    const path = join(directory, 'gaps.parquet');
    const panel = createPanel({
      start: Date.UTC(2018, 0, 1, 0, 30),
      step: 30 * 60_000,
      length: 5,
      series: [{ id: 'first' }, { id: 'second' }, { id: 'silent' }],
    });
    panel.series[0].values.set([1, 2], 1);
    panel.series[1].values.set([3], 3);
    await writePanel(panel, path);
    const { panel: back, report } = await readPanel([path]);
    expect([back.start, back.step, back.length]).toEqual([panel.start, panel.step, panel.length]);
    expect(back.series.map(({ values }) => [...values])).toEqual(
      panel.series.map(({ values }) => [...values]),
    );
    expect(report.warnings.join()).toContain('silent');
  });

  it('stops when cancelled and leaves nothing behind', async () => {
    for (const name of ['panel.csv', 'panel.parquet']) {
      const controller = new AbortController();
      const write = writePanel(panelOf(), join(directory, name), {
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 1) controller.abort();
        },
      });
      await expect(write).rejects.toMatchObject({ kind: 'cancelled' });
    }
    expect(readdirSync(directory)).toEqual([]);
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
