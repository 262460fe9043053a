import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { withDatabase } from './duckdb.ts';
import { readTable } from './readTable.ts';
import { writeTable } from './writeTable.ts';

const folder = mkdtempSync(join(tmpdir(), 'trainyard-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const mixed = [
  'id,x,flag,place,when',
  'a,1.5,true,"north, up",2018-01-01',
  'b,NA,False,,2018-01-02',
  'a,-inf,,南,2018-01-03',
  'c,1e308,TRUE,南,2018-01-04',
].join('\n');

describe('reading tables', () => {
  it('reads numbers, booleans as 0 and 1, missing cells as NaN and infinities as they are', async () => {
    const table = await readTable(file('mixed.csv', mixed), () => ({ numbers: ['flag', 'x'] }));
    expect(table.rowCount).toBe(4);
    expect([...(table.numbers.get('x') ?? [])]).toEqual([1.5, Number.NaN, Number.NEGATIVE_INFINITY, 1e308]);
    expect([...(table.numbers.get('flag') ?? [])]).toEqual([1, 0, Number.NaN, 1]);
  });

  it('holds each text of a column once', async () => {
    const table = await readTable(file('mixed.csv', mixed), () => ({ numbers: [], texts: ['place', 'id'] }));
    expect(table.texts.get('place')?.words).toEqual(['north, up', '南']);
    expect([...(table.texts.get('place')?.codes ?? [])]).toEqual([0, -1, 1, 1]);
    expect([...(table.texts.get('id')?.codes ?? [])]).toEqual([0, 1, 0, 2]);
  });

  it('reads every double back to the last bit, from CSV, gzip and Parquet', async () => {
    const values = [0.1, -1 / 3, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, -0];
    const lines = values.map((value) => `${Object.is(value, -0) ? '-0' : value}\n`);
    const parquet = join(folder, 'exact.parquet');
    await writeTable(parquet, [{ name: 'v', type: 'DOUBLE' }], lines);
    const text = `v\n${lines.join('')}`;
    for (const path of [file('exact.csv', text), file('exact.csv.gz', gzipSync(text)), parquet]) {
      const table = await readTable(path, (names) => ({ numbers: names }));
      expect([...(table.numbers.get('v') ?? [])], path).toEqual(values);
    }
  });

  it('takes numbers of files with types as they are, 32-bit ones too', async () => {
    const path = join(folder, 'typed.parquet');
    await withDatabase((connection) =>
      connection.run(
        `COPY (SELECT 0.1::FLOAT AS f, 7::TINYINT AS i, true AS b, 2.50::DECIMAL(9,2) AS d, NULL::INTEGER AS n) TO '${path}' (FORMAT parquet)`,
      ),
    );
    const { numbers } = await readTable(path, (names) => ({ numbers: names }));
    expect(Object.fromEntries([...numbers].map(([name, [value]]) => [name, value]))).toEqual({
      f: Math.fround(0.1),
      i: 7,
      b: 1,
      d: 2.5,
      n: Number.NaN,
    });
  });

  it('names the columns of a file without a header', async () => {
    const path = file('bare.csv', '1,2\n3,4\n');
    const table = await readTable(path, (names) => ({ numbers: names }), { header: false });
    expect([...table.numbers.keys()]).toEqual(['Column_0', 'Column_1']);
    expect([...(table.numbers.get('Column_1') ?? [])]).toEqual([2, 4]);
  });

  it('keeps the order of rows over many chunks', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},${i % 7}`);
    const path = file('long.csv', `i,m\n${rows.join('\n')}\n`);
    const table = await readTable(path, () => ({ numbers: ['i'], texts: ['m'] }));
    const values = table.numbers.get('i') ?? [];
    expect(values.every((value, i) => value === i)).toBe(true);
    const { words, codes } = table.texts.get('m') ?? { words: [], codes: new Int32Array(0) };
    expect(codes.every((code, i) => words[code] === String(i % 7))).toBe(true);
  });

  it.each([
    ['place', /mixed\.csv, row 2: "north, up" in column place is a text; expected a number/],
    ['when', /mixed\.csv, row 2: "2018-01-01" in column when is a time; expected a number/],
  ])('names the first cell of %s, which is no number', async (column, message) => {
    const advice = (name: string, found: string) => `${name} is a ${found}`;
    const work = readTable(file('mixed.csv', mixed), () => ({ numbers: ['x', column] }), { advice });
    await expect(work).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(column),
    });
  });

  it('counts rows of Parquet from 1 in errors, and knows its times', async () => {
    const path = join(folder, 'times.parquet');
    await withDatabase((connection) =>
      connection.run(`COPY (SELECT TIMESTAMP '2020-05-01 03:00:00' AS ds) TO '${path}' (FORMAT parquet)`),
    );
    const work = readTable(path, () => ({ numbers: ['ds'] }));
    await expect(work).rejects.toThrow('row 1: "2020-05-01 03:00:00" in column ds is a time');
  });

  it('reads wide tables alike, words for missing cells and errors too', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `c${i}`);
    const line = (cells: (string | number)[]) => `${cells.join(',')}\n`;
    const good = [
      names,
      names.map((_, i) => (i === 7 ? 'NA' : i)),
      names.map((_, i) => (i === 9 ? 'true' : '')),
    ];
    const { numbers } = await readTable(file('wide.csv', good.map(line).join('')), (all) => ({
      numbers: all,
    }));
    expect(numbers.get('c7')?.[0]).toBeNaN();
    expect([...(numbers.get('c9') ?? [])]).toEqual([9, 1]);
    expect([...(numbers.get('c149') ?? [])]).toEqual([149, Number.NaN]);
    const bad = file('bad.csv', [...good, names.map((_, i) => (i === 140 ? 'oops' : i))].map(line).join(''));
    await expect(readTable(bad, (all) => ({ numbers: all }))).rejects.toThrow(
      'row 4: "oops" in column c140 is a text',
    );
  });

  it('refuses a gzip file that is cut short', async () => {
    const whole = gzipSync(`v\n${Array.from({ length: 5000 }, (_, i) => Math.sin(i)).join('\n')}\n`);
    const path = file('cut.csv.gz', whole.subarray(0, whole.length / 2));
    await expect(readTable(path, (names) => ({ numbers: names }))).rejects.toThrow(/broken or cut short/);
  });

  it('reads a table without rows', async () => {
    const table = await readTable(file('none.csv', 'a,b\n'), (names) => ({ numbers: names }));
    expect(table.rowCount).toBe(0);
    expect(table.numbers.get('b')).toHaveLength(0);
  });
});
