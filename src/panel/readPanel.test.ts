import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sqlText, withDatabase } from '../tables/duckdb.ts';
import { kddTargets } from './kddTargets.ts';
import { readPanel } from './readPanel.ts';
import { cellsOf, temporaryFiles } from './testing/temporaryFiles.ts';

const files = temporaryFiles();
const registerTypeScript = join(import.meta.dirname, '../../scripts/registerTypeScript.mjs');
const london = 'stationId,utc_time,PM2.5,PM10,NO2';
const beijing = 'stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2';
const at = (hour: string) => `2018-04-29 ${hour}:00`;

describe('cleaning', () => {
  const repeated = files.write('repeated.csv', [
    'unique_id,ds,y',
    `a#PM2.5,${at('13:00')},`,
    `a#PM2.5,${at('13:00')},1`,
    `a#PM2.5,${at('13:00')},2`,
    `a#PM2.5,${at('13:00')},6`,
    `a#PM2.5,${at('13:00')},-4`,
    `a#PM2.5,${at('14:00')},5`,
  ]);

  it.each([
    ['first', 1],
    ['last', 6],
    ['mean', 3],
  ] as const)('takes the %s of the readings of one hour that are there', async (duplicates, value) => {
    const { panel, report } = await readPanel([repeated], { duplicates });
    expect([...panel.series[0].values]).toEqual([value, 5]);
    expect(report).toMatchObject({ duplicates: 4, negatives: 1 });
    expect(report.series[0]).toEqual({
      id: 'a#PM2.5',
      duplicates: 4,
      negatives: 1,
      observed: 2,
      withoutRow: 0,
    });
  });

  it('lets the file named first win', async () => {
    const other = files.write('other.csv', ['unique_id,ds,y', `a#PM2.5,${at('13:00')},9`]);
    const { panel, report } = await readPanel([other, repeated]);
    expect(panel.series[0].values[0]).toBe(9);
    expect(report.duplicates).toBe(5);
  });

  it('keeps negative concentrations on request, but no code for a missing reading', async () => {
    const path = files.write('negative.csv', [london, `BL0,${at('13:00')},-0.5,-999,-9999`]);
    const { panel, report } = await readPanel([path], { negatives: 'keep' });
    expect(cellsOf(panel)).toEqual({
      'BL0#PM2.5': { [at('13:00')]: -0.5 },
      'BL0#PM10': {},
      'BL0#NO2': {},
    });
    expect(report.negatives).toBe(1);
    expect(report.warnings).toContain('codes for "no reading" such as -999: 2, set missing');
  });

  it('counts hours without a row, and knows every spelling of a missing reading', async () => {
    const spellings = ['NA', 'n/a', 'NaN', 'null', 'None', '-', '?', ' '];
    const rows = spellings.map((text, index) => `a,${at(`${String(index).padStart(2, '0')}:00`)},${text}`);
    const path = files.write('gaps.csv', ['unique_id,ds,y', ...rows, `a,${at('20:00')},7`]);
    const { panel, report } = await readPanel([path], { step: 3_600_000 });
    expect(panel.length).toBe(21);
    expect(report.series[0]).toMatchObject({ observed: 1, withoutRow: 12 });
  });

  it('sets infinite readings missing and says so', async () => {
    const path = files.write('infinite.csv', [
      'unique_id,ds,y',
      `a,${at('13:00')},inf`,
      `a,${at('14:00')},1e308`,
    ]);
    const { panel, report } = await readPanel([path]);
    expect([...panel.series[0].values]).toEqual([Number.NaN, 1e308]);
    expect(report.warnings).toEqual(['infinite readings: 1, set missing']);
  });

  it('counts a reading between two steps for the step it falls in', async () => {
    const path = files.write('jitter.csv', [london, `BL0,${at('13:00')},1,,`, `BL0,${at('14:59')},2,,`]);
    const { panel, report } = await readPanel([path]);
    expect(cellsOf(panel)['BL0#PM2.5']).toEqual({ [at('13:00')]: 1, [at('14:00')]: 2 });
    expect(report.warnings[0]).toContain('rows between two steps of 60 minutes: 1');
  });

  it('reads at a shorter step on request', async () => {
    const path = files.write('half.csv', [london, `BL0,${at('13:00')},1,,`, `BL0,${at('13:30')},2,,`]);
    const { panel } = await readPanel([path], { step: 1_800_000 });
    expect([...panel.series[0].values]).toEqual([1, 2]);
  });

  it('takes only the measures asked for, however they are spelled', async () => {
    const path = files.write('measures.csv', [london, `BL0,${at('13:00')},1,2,3`]);
    const { panel } = await readPanel([path], { measures: ['pm2.5', 'Nitrogen Dioxide'] });
    expect(panel.series.map(({ id }) => id)).toEqual(['BL0#PM2.5', 'BL0#NO2']);
  });

  it('names series without any reading and keeps them', async () => {
    const path = files.write('silent.csv', [london, `BL0,${at('13:00')},1,,`]);
    const { panel, report } = await readPanel([path]);
    expect(panel.series).toHaveLength(3);
    expect(report.warnings).toEqual(['series without any reading: BL0#PM10, BL0#NO2']);
  });
});

describe('time', () => {
  it('reads local times through a change of clocks, the repeated hour as standard time', async () => {
    const local = ['00:30', '01:30', '02:30'].map((time) => `a,2018-10-28 ${time}:00,1`);
    const path = files.write('autumn.csv', ['unique_id,ds,y', ...local]);
    const { panel } = await readPanel([path], { timeZone: 'Europe/London' });
    expect(panel.timeZone).toBe('Europe/London');
    expect(Object.keys(cellsOf(panel).a)).toEqual([
      '2018-10-27 23:30:00',
      '2018-10-28 01:30:00',
      '2018-10-28 02:30:00',
    ]);
  });

  it('keeps a day for each local midnight across a change of clocks', async () => {
    const days = ['26', '27', '28', '29', '30'].map((day, index) => `a,2018-10-${day},${index}`);
    const path = files.write('days.csv', ['unique_id,ds,y', ...days]);
    const { panel, report } = await readPanel([path], { timeZone: 'Europe/London' });
    expect(panel.step).toBe(86_400_000);
    expect([...panel.series[0].values]).toEqual([0, 1, 2, 3, 4]);
    expect(report.duplicates).toBe(0);
  });

  it('honours offsets that differ from row to row, and formats with an offset', async () => {
    const path = files.write('offsets.csv', [
      'unique_id,ds,y',
      'a,2018-04-29T13:00:00+08:00,1',
      'a,2018-04-29T06:00:00Z,2',
      'a,2018-04-29T12:30:00+05:30,3',
    ]);
    const { panel } = await readPanel([path], { timeZone: 'Asia/Tokyo' });
    expect(cellsOf(panel).a).toEqual({ [at('05:00')]: 1, [at('06:00')]: 2, [at('07:00')]: 3 });
    const own = files.write('own.csv', ['unique_id,ds,y', 'a,29/04/2018 13:00 +0800,1']);
    const other = await readPanel([own], { timeZone: 'Asia/Tokyo', timeFormat: '%d/%m/%Y %H:%M %z' });
    expect(cellsOf(other.panel).a).toEqual({ [at('05:00')]: 1 });
  });

  it('counts hours of the day where the files say, in UTC where they differ, or as told', async () => {
    const path = files.write('zone.csv', [london, `BL0,${at('13:00')},1,,`]);
    const air = files.write('zone-air.csv', ['date,hour,type,东四', '20180429,21,PM2.5,45']);
    expect((await readPanel([path])).panel.timeZone).toBe('UTC');
    expect((await readPanel([air])).panel.timeZone).toBe('Asia/Shanghai');
    expect((await readPanel([path, air])).panel.timeZone).toBe('UTC');
    expect((await readPanel([path, air], { panelTimeZone: 'Asia/Shanghai' })).panel.timeZone).toBe(
      'Asia/Shanghai',
    );
  });
});

describe('several files', () => {
  it('joins two networks over the union of their times', async () => {
    const paths = [
      files.write('two/london.csv.gz', [london, `BL0,${at('13:00')},1,2,3`, `BL0,${at('14:00')},4,5,6`]),
      files.write('two/beijing.csv', [beijing, `dongsi_aq,${at('14:00')},7,8,9,1,2,3`]),
    ];
    const { panel, report } = await readPanel(paths);
    expect(panel.series.map(({ id }) => id)).toHaveLength(9);
    expect(panel.length).toBe(2);
    expect(report.series[3]).toMatchObject({ id: 'dongsi_aq#PM2.5', observed: 1, withoutRow: 1 });
    expect(kddTargets(panel).series.map(({ id }) => id)).toEqual([
      'BL0#PM2.5',
      'BL0#PM10',
      'dongsi_aq#PM2.5',
      'dongsi_aq#PM10',
      'dongsi_aq#O3',
    ]);
  });

  it('reads a file once however often it is named', async () => {
    const path = files.write('once/a.csv', [london, `BL0,${at('13:00')},1,2,3`]);
    const { report } = await readPanel([
      path,
      join(files.folder, 'once/../once/a.csv'),
      `${files.folder}/once/*`,
    ]);
    expect(report.files).toHaveLength(1);
    expect(report.duplicates).toBe(0);
  });

  it('reads names with blanks, quotes, brackets and other scripts', async () => {
    const row = [london, `BL0,${at('13:00')},1,2,3`];
    const paths = ["雾 霾/it's.csv", '雾 霾/a[1].csv', '雾 霾/b*?.csv'].map((name) => files.write(name, row));
    const { report } = await readPanel(paths);
    expect(report.files).toEqual(paths.map((path) => ({ path, layout: 'kdd2018-london', rows: 1 })));
  });

  it('reads gzip that is not named so', async () => {
    const path = files.write('unnamed.csv', gzipSync(`${london}\nBL0,${at('13:00')},1,2,3\n`));
    expect(cellsOf((await readPanel([path])).panel)['BL0#PM2.5']).toEqual({ [at('13:00')]: 1 });
  });

  it('reads Parquet as it reads CSV', async () => {
    const path = join(files.folder, 'typed.parquet');
    await withDatabase((connection) =>
      connection.run(`COPY (SELECT * FROM (VALUES
        ('BL0', TIMESTAMP '2018-04-29 13:00:00', 0.1::DOUBLE, 2::INTEGER, NULL::FLOAT),
        ('BL0', TIMESTAMP '2018-04-29 14:00:00', 'nan'::DOUBLE, -2, 3.5)) AS rows(stationId, utc_time, "PM2.5", PM10, NO2))
        TO ${sqlText(path)} (FORMAT parquet)`),
    );
    const { panel, report } = await readPanel([path]);
    expect(cellsOf(panel)).toEqual({
      'BL0#PM2.5': { [at('13:00')]: 0.1 },
      'BL0#PM10': { [at('13:00')]: 2 },
      'BL0#NO2': { [at('14:00')]: 3.5 },
    });
    expect(report.negatives).toBe(1);
  });

  it('places stations by a table of coordinates', async () => {
    const path = files.write('placed.csv', [
      'unique_id,ds,y',
      `x#PM2.5,${at('13:00')},1`,
      `y,${at('13:00')},1`,
    ]);
    const stations = files.write('stations.csv', ['station,lat,lon,city', 'x,48.1,11.6,München', 'y,1,2,']);
    const { panel } = await readPanel([path], { stations });
    expect(panel.series).toMatchObject([
      { latitude: 48.1, longitude: 11.6, city: 'München' },
      { latitude: 1, longitude: 2, city: '' },
    ]);
  });
});

it('reads three million rows within a JavaScript heap of 64 MB', async () => {
  const path = join(files.folder, 'large.parquet');
  await withDatabase((connection) =>
    connection.run(`COPY (SELECT 's' || (i % 100) || '#PM2.5' AS unique_id,
        TIMESTAMP '2000-01-01' + to_hours(i // 100) AS ds, (i % 977)::DOUBLE AS y
      FROM range(3_000_000) AS rows(i)) TO ${sqlText(path)} (FORMAT parquet)`),
  );
  const script = `
    const { readPanel } = await import(${JSON.stringify(join(import.meta.dirname, 'readPanel.ts'))});
    const { panel } = await readPanel([${JSON.stringify(path)}]);
    console.log(panel.series.length, panel.length, panel.series[3].values[29_999]);`;
  const answer = execFileSync(
    process.execPath,
    ['--max-old-space-size=64', '--import', registerTypeScript, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  expect(answer.trim()).toBe(`100 30000 ${(29_999 * 100 + 3) % 977}`);
});

it('leaves no temporary folder behind', async () => {
  const script = `
    const { readPanel } = await import(${JSON.stringify(join(import.meta.dirname, 'readPanel.ts'))});
    await readPanel([${JSON.stringify(files.write('options.csv', [london, `BL0,${at('13:00')},1,2,3`]))}]);`;
  const temporary = join(files.folder, 'tmp');
  mkdirSync(temporary);
  execFileSync(process.execPath, ['--import', registerTypeScript, '--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: temporary },
  });
  expect(readdirSync(temporary).filter((name) => name.startsWith('trainyard-duckdb'))).toEqual([]);
});
