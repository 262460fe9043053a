import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPanel } from './readPanel.ts';
import { failureOf, temporaryFiles } from './testing/temporaryFiles.ts';

const files = temporaryFiles();
const london = 'stationId,utc_time,PM2.5,PM10,NO2';
const beijing = 'stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2';
const at = (hour: string) => `2018-04-29 ${hour}:00`;

describe('bad input', () => {
  const good = `BL0,${at('13:00')},1,2,3`;
  const longHead = 'unique_id,ds,y';

  it.each<[string, string, string | Uint8Array | readonly string[], RegExp, RegExp]>([
    ['an empty file', 'empty.csv', '', /empty\.csv is empty \(0 bytes\)/, /download it again/],
    ['gzip of nothing', 'empty.csv.gz', '\n', /its first row is empty/, /header row/],
    ['a header only', 'header.csv', [london], /header\.csv: no rows below the header/, /leave the file out/],
    ['one column', 'words.txt', ['hello world', 'x'], /"hello world" holds one column/, /, ; tab or \|/],
    ['no text', 'photo.csv', new Uint8Array([0xff, 0xd8, 0, 1, 2]), /not text in UTF-8/, /expected CSV/],
    [
      'no time column',
      'a.csv',
      ['x,y', '1,2'],
      /a\.csv: no time column; its columns are x, y/,
      /--time COLUMN/,
    ],
    ['an unknown layout', 'u.csv', ['when_date,y', '1,2'], /unknown layout/, /--time when_date --value/],
    [
      'an unparsable time',
      'time.csv',
      [london, good, 'BL0,29th of April,1,2,3'],
      /time\.csv, row 3: cannot read the time "29th of April" in column utc_time/,
      /--time-format/,
    ],
    [
      'a missing time',
      'no-time.csv',
      [london, good, 'BL0,,1,2,3'],
      /row 3: no time in column utc_time/,
      /expected/,
    ],
    [
      'an unparsable number',
      'number.csv',
      [london, good, `BL0,${at('14:00')},1,two,3`],
      /number\.csv, row 3: "two" in column PM10 is not a number/,
      /leave it empty/,
    ],
    [
      'decimal commas',
      'comma.csv',
      [london.replaceAll(',', ';'), `BL0;${at('14:00')};1,5;2;3`],
      /row 2: "1,5" in column PM2\.5 is not a number/,
      /with a point/,
    ],
    [
      'a row too long',
      'wide.csv',
      [london, good, `${good},9,9`],
      /wide\.csv, row 3: the row has another number of columns/,
      /two files joined/,
    ],
    [
      'a row too short',
      'short.csv',
      [london, good, 'BL0,2018-04-29'],
      /short\.csv, row 3: the row has another number of columns/,
      /cut or doubled line/,
    ],
    [
      'two files joined into one',
      'joined.csv',
      [london, good, london, good],
      /joined\.csv, row 3: a second header row/,
      /split the file/,
    ],
    [
      'a header of two layouts',
      'both.csv',
      ['unique_id,ds,y,stationId,utc_time,PM2.5,NO2', 'a,b,c,d,e,f,g'],
      /two layouts at once: its columns fit kdd2018-london and long/,
      /--layout kdd2018-london/,
    ],
    [
      'a few times with an offset',
      'mixed.csv',
      [longHead, `a,${at('13:00')},1`, `a,${at('14:00')},1`, 'a,2018-04-29T15:00:00+08:00,1'],
      /mixed\.csv, row 4: the time "2018-04-29T15:00:00\+08:00" has an offset/,
      /with an offset, or none/,
    ],
    [
      'a few times without an offset',
      'mixed.csv',
      [longHead, 'a,2018-04-29T13:00:00Z,1', `a,${at('14:00')},1`, 'a,2018-04-29T15:00:00Z,1'],
      /row 3: the time "2018-04-29 14:00:00" has no offset/,
      /with an offset, or none/,
    ],
    [
      'no reading at all',
      'silent.csv',
      [london, `BL0,${at('13:00')},NA,,-1`],
      /no reading in any of 3 series of .*silent\.csv/,
      /value columns/,
    ],
    [
      'a row without a station',
      'anonymous.csv',
      [london, `,${at('13:00')},1,2,3`],
      /a row without a station/,
      /fill/,
    ],
    [
      'a year far away',
      'year.csv',
      [london, good, 'BL0,9018-04-29 13:00:00,1,2,3', `CD1,${at('13:00')},1,2,3`, `CD9,${at('13:00')},1,2,3`],
      /9018-04-29 13:00:00 make \d+ steps of 9 series/,
      /mistyped year/,
    ],
    [
      'units that do not convert',
      'units.csv',
      [`${longHead},unit`, `a#PM10,${at('13:00')},1,ug/m3`, `a#PM10,${at('14:00')},1,ppm`],
      /units\.csv, a#PM10: PM10 comes in ppm and in ug\/m3/,
      /convert one/,
    ],
    ['a quote never closed', 'quote.csv', [longHead, `"a,${at('13:00')},1`], /quote\.csv/, /quote/],
    ['broken JSON', 'broken.jsonl', ['{"unique_id":"a"', '{'], /cannot read .*broken\.jsonl/, /whole/],
    ['no Parquet', 'no.parquet', 'PAR1 and nothing else', /cannot read .*no\.parquet/, /whole/],
    ['a .tsf without data', 'no.tsf', ['@attribute start_timestamp date'], /no @data line/, /hourly/],
    [
      'a .tsf of months',
      'months.tsf',
      ['@attribute start_timestamp date', '@frequency monthly', '@data', '2018-01-01 00-00-00:1'],
      /@frequency monthly/,
      /hourly/,
    ],
    [
      'a .tsf with a broken start',
      'start.tsf',
      ['@attribute n string', '@attribute start_timestamp date', '@frequency hourly', '@data', 'a:soon:1,2'],
      /cannot read the time "soon"/,
      /expected/,
    ],
    [
      'a value of a wrong type',
      'bool.jsonl',
      [`{"unique_id":"a","ds":"${at('13:00')}","y":true}`],
      /"true" in column y/,
      /./,
    ],
  ])('refuses %s, saying where and what to do', async (_name, name, content, message, remedy) => {
    const path = files.write(`bad/${name}`, content);
    const failure = await failureOf(readPanel([path]));
    expect(failure.kind).toBe('data');
    expect(failure.message).toMatch(message);
    expect(failure.remedy).toMatch(remedy);
    expect(failure.message).not.toContain('\n');
  });

  it('refuses text that is not UTF-8 far from the header', async () => {
    const path = files.write(
      'bad/latin1.csv',
      Buffer.concat([Buffer.from(`${longHead}\n`), Buffer.from(`S\xfcd,${at('13:00')},1\n`, 'latin1')]),
    );
    const failure = await failureOf(readPanel([path]));
    expect(failure).toMatchObject({ kind: 'data', remedy: 'save the file as UTF-8' });
    expect(failure.message).toContain('latin1.csv, row 2');
  });

  it.each([
    ['cut short', (whole: Buffer) => whole.subarray(0, whole.length - 200)],
    ['without its last bytes', (whole: Buffer) => whole.subarray(0, whole.length - 4)],
    ['damaged inside', (whole: Buffer) => Buffer.from(whole).fill(0x55, 2000, 2100)],
    ['no gzip at all behind its first bytes', () => Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5])],
  ])('refuses gzip that is %s', async (_name, damage) => {
    const rows = Array.from(
      { length: 3000 },
      (_, hour) => `BL0,${new Date(hour * 3_600_000).toISOString().slice(0, 19)},${hour % 97},${hour % 89},`,
    );
    const path = files.write('bad/cut.csv.gz', damage(gzipSync(`${london}\n${rows.join('\n')}\n`)));
    const failure = await failureOf(readPanel([path]));
    expect(failure.kind).toBe('data');
    expect(failure.message).toContain('cut.csv.gz: the gzip data is broken or cut short');
    expect(failure.remedy).toBe('download it again');
  });

  it('names missing files, empty patterns and folders', async () => {
    expect(await failureOf(readPanel(['/nowhere/a.csv']))).toMatchObject({
      kind: 'file',
      message: 'no such file: /nowhere/a.csv',
    });
    expect(await failureOf(readPanel([`${files.folder}/*.nothing`]))).toMatchObject({ kind: 'file' });
    expect((await failureOf(readPanel([files.folder]))).remedy).toContain(`${files.folder}/*.csv`);
    expect(await failureOf(readPanel([]))).toMatchObject({ kind: 'usage', message: 'no input files' });
  });

  it('refuses two networks that never met, and accepts a network that continues itself', async () => {
    const april = files.write('apart/april.csv', [london, good]);
    const may = files.write('apart/may.csv', [beijing, 'dongsi_aq,2018-05-29 13:00:00,7,8,9,1,2,3']);
    const failure = await failureOf(readPanel([april, may]));
    expect(failure.message).toContain('no overlap in time between');
    expect(failure.message).toContain('may.csv (2018-05-29 13:00:00 to 2018-05-29 13:00:00)');
    const next = files.write('apart/next.csv', [
      'stationId,utc_time,PM2.5,NO2',
      'CD1,2018-05-29 13:00:00,1,2',
    ]);
    expect((await readPanel([april, next])).panel.length).toBe(721);
  });

  it('refuses tables of the user’s own form with nothing in common, unless others link them', async () => {
    const first = files.write('apart/1.csv', [longHead, `a,${at('13:00')},1`]);
    const last = files.write('apart/2.csv', [longHead, 'b,2018-06-29 13:00:00,1']);
    const link = files.write('apart/3.csv', [longHead, `a,${at('14:00')},1`, 'b,2018-06-29 12:00:00,1']);
    expect((await failureOf(readPanel([first, last]))).message).toContain('no overlap in time');
    expect((await readPanel([first, last, link], { step: 3_600_000 })).panel.series).toHaveLength(2);
  });

  it('refuses files of different steps unless one is declared', async () => {
    const day = files.write('steps/day.csv', [
      longHead,
      'a,2018-04-28,1',
      'a,2018-04-29,1',
      'a,2018-04-30,1',
    ]);
    const hourly = files.write('steps/hour.csv', [london, good]);
    const failure = await failureOf(readPanel([day, hourly]));
    expect(failure.message).toMatch(/different steps: 1440 minutes in .*day\.csv, 60 minutes in .*hour\.csv/);
    expect(failure.remedy).toContain('--freq');
  });

  it.each([
    [{ layout: 'kdd' }, /unknown layout: kdd/],
    [{ layout: 'openaq' }, /not of layout openaq/],
    [{ time: 't' }, /--time and --value go together/],
    [{ id: 't' }, /--id t declares a table/],
    [{ time: 'utc_time', value: 'PM4' }, /no column PM4/],
    [{ time: 'utc_time', value: 'PM10', layout: 'long' }, /found --layout long too/],
    [{ timeZone: 'Mars/Base' }, /unknown time zone: Mars\/Base/],
    [{ step: 0.5 }, /invalid step: 0.5 ms/],
    [{ measures: ['PM4'] }, /no series of PM4 in/],
  ])('refuses the options %j', async (options, message) => {
    const path = files.write('options.csv', [london, good]);
    expect((await failureOf(readPanel([path], options))).message).toMatch(message);
  });

  it.each([
    [['name,where', 'x,y'], /no table of stations; its columns are name, where/],
    [['station,lat,lon', 'x,north,2'], /row 2: no coordinates of x: "north", "2"/],
    [['station,lat,lon', 'x,91,2'], /row 2: no coordinates of x: "91", "2"/],
  ])('refuses the table of stations %j', async (content, message) => {
    const path = files.write('options.csv', [london, good]);
    const stations = files.write('bad/stations.csv', content);
    expect((await failureOf(readPanel([path], { stations }))).message).toMatch(message);
  });

  it('stops when told to', async () => {
    const path = files.write('options.csv', [london, good]);
    const controller = new AbortController();
    const progress: string[] = [];
    const reading = readPanel([path], {
      signal: controller.signal,
      onProgress: ({ stage }) => {
        progress.push(stage);
        controller.abort();
      },
    });
    expect(await failureOf(reading)).toMatchObject({ kind: 'cancelled' });
    expect(progress).toEqual(['reading']);
    expect(await failureOf(readPanel([path], { signal: AbortSignal.abort() }))).toMatchObject({
      kind: 'cancelled',
    });
  });
});
