import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, type TrainyardError } from '../core/errors.ts';
import { sqlList, sqlName, sqlText } from '../tables/duckdb.ts';
import { type FileSource, fileColumn } from '../tables/fileSource.ts';
import { missingWords } from '../tables/missingWords.ts';
import { readingFailed } from '../tables/openSource.ts';
import { type Layout, type RowShape, rowFields } from './layouts/layout.ts';
import { timeExpressions } from './timeExpressions.ts';

/** Files of one layout and one header, read into a temporary table of DuckDB. */
export interface RowTable {
  readonly name: string;
  readonly layout: Layout;
  readonly shape: RowShape;
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  /** Milliseconds since 1970 UTC. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** Whether every time is a whole hour of UTC. */
  readonly onTheHour: boolean;
  /** What distinct rows say about their series: values of `keyFields`, in order of appearance. */
  readonly keys: readonly string[];
}

/** Separates the fields of a key; no text of a CSV holds it. */
export const keySeparator = '\u001f';

/** What {@link loadRows} reads. */
export interface RowSource {
  readonly layout: Layout;
  readonly shape: RowShape;
  readonly source: FileSource;
  readonly paths: readonly string[];
  /** Zone of times without an offset. */
  readonly timeZone: string;
  /** strptime format of the times; default: what DuckDB casts to a timestamp. */
  readonly timeFormat: string | undefined;
}

/**
 * Reads files into a temporary table, in the order of their rows; {@link rowsQuery} reads it back. All columns come
 * in as text and are cast here, so that a cell that does not fit can be found and named.
 *
 * @throws TrainyardError of kind `data` naming file, row, column and text of the first cell that cannot be read.
 */
export async function loadRows(
  connection: DuckDBConnection,
  name: string,
  from: RowSource,
): Promise<RowTable> {
  const { layout, shape, source, paths } = from;
  const time = timeExpressions(from);
  // An enumeration takes a byte or two a row where the path would take its length.
  const ofMany = paths.length > 1;
  const file = ofMany ? [`${fileColumn}::${name}_file AS file`] : [];
  const cells = shape.values.flatMap(({ column }, index) => [
    `${sqlName(column)} AS text${index}`,
    `TRY_CAST(${sqlName(column)} AS DOUBLE) AS v${index}`,
  ]);
  const read = [`${shape.time} AS time_text`, `${time.moment} AS moment`, `${keyExpression(shape)} AS key`];
  const kept = [
    `${time.milliseconds} AS t`,
    `${time.hasOffset} AS zoned`,
    'key',
    `${badCells(shape)} AS bad`,
  ];
  // NaN instead of NULL: the package looks up NULLs by arithmetic on big integers, cell by cell.
  const values = shape.values.map((_, index) => `coalesce(v${index}, 'nan'::DOUBLE) AS v${index}`);
  const columns = [...kept, ...(ofMany ? ['file'] : []), ...values];
  try {
    if (ofMany) await createEnum(connection, `${name}_file`, paths);
    await connection.run(`CREATE TEMP TABLE ${name} AS SELECT ${columns.join(', ')}
      FROM (SELECT ${[...read, ...file, ...cells].join(', ')}
            FROM ${source.relation(paths)} ${shape.where ? `WHERE ${shape.where}` : ''})`);
  } catch (error) {
    throw await nameBrokenFile(connection, from, error);
  }
  const files = await summarise(connection, name, from);
  const found = await connection.runAndReadAll(
    `SELECT key FROM (SELECT key, min(rowid) AS r FROM ${name} GROUP BY key) ORDER BY r`,
  );
  const keys = (found.getColumns()[0] ?? []).map(String);
  await createEnum(connection, `${name}_key`, keys);
  const filled = files.filter(({ rows }) => rows > 0);
  return {
    name,
    layout,
    shape,
    files: files.map(({ path, rows }) => ({ path, rows })),
    firstTime: Math.min(...filled.map(({ firstTime }) => firstTime)),
    lastTime: Math.max(...filled.map(({ lastTime }) => lastTime)),
    onTheHour: filled.every(({ offHour }) => offHour === 0),
    keys,
  };
}

/** SQL of the rows of a table in their order: index of the key, milliseconds since 1970 UTC, then the values, NaN = missing. */
export function rowsQuery({ name, shape }: RowTable): string {
  const values = shape.values.map((_, index) => `v${index}`);
  return `SELECT enum_code(key::${name}_key), t, ${values.join(', ')} FROM ${name}`;
}

/** The fields a key holds, in order. */
export function keyFields(shape: RowShape) {
  return rowFields.filter((field) => shape.fields[field] !== undefined);
}

function keyExpression(shape: RowShape): string {
  const parts = keyFields(shape).map((field) => `coalesce(${shape.fields[field]}, '')`);
  return parts.length === 0 ? "''" : parts.join(` || ${sqlText(keySeparator)} || `);
}

// Whether a row holds a cell that is neither a number nor one of the words for a missing reading.
function badCells({ values }: RowShape): string {
  const odd = values.map((_, index) => `(text${index} IS NOT NULL AND v${index} IS NULL)`);
  const bad = values.map((_, index) => isBadCell(`text${index}`, `v${index}`));
  return `CASE WHEN ${odd.join(' OR ')} THEN ${bad.join(' OR ')} ELSE false END`;
}

function isBadCell(text: string, number: string): string {
  return `(${text} IS NOT NULL AND ${number} IS NULL AND lower(trim(${text})) NOT IN ${sqlList(missingWords)})`;
}

async function createEnum(connection: DuckDBConnection, name: string, words: readonly string[]) {
  await connection.run(`CREATE TYPE ${name} AS ENUM (${words.map(sqlText).join(', ')})`);
}

interface FileSummary {
  readonly path: string;
  readonly rows: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly offHour: number;
}

// Counts, file by file, and throws for the first cell that could not be read.
async function summarise(
  connection: DuckDBConnection,
  name: string,
  from: RowSource,
): Promise<FileSummary[]> {
  const { paths, shape } = from;
  const file = paths.length > 1 ? 'enum_code(file)::DOUBLE' : '0::DOUBLE';
  const count = (condition: string) => `count(*) FILTER (${condition})::DOUBLE`;
  const found = await connection.runAndReadAll(`
    SELECT ${file}, count(*)::DOUBLE, min(t), max(t), ${count('t % 3600000 != 0')}, ${count('t IS NULL')},
           ${count('bad')}, ${count('zoned')} FROM ${name} GROUP BY 1 ORDER BY 1`);
  const summaries = paths.map((path) => ({ path, rows: 0, firstTime: 0, lastTime: 0, offHour: 0 }));
  for (const row of found.getRows()) {
    const [index, rows, firstTime, lastTime, offHour, badTimes, badValues, zoned] = row.map(Number);
    const path = paths[index];
    if (badTimes > 0) throw await badTimeError(connection, from, path);
    if (badValues > 0) throw await badValueError(connection, from, path);
    if (zoned > 0 && zoned < rows) throw await mixedOffsetError(connection, from, path, zoned < rows / 2);
    summaries[index] = { path, rows, firstTime, lastTime, offHour };
  }
  if (summaries.every(({ rows }) => rows === 0)) {
    throw dataError(
      `${paths.join(', ')}: no rows${shape.where ? ' of a raw measure' : ''} below the header`,
      'leave the file out',
    );
  }
  return summaries;
}

// The row is looked for only once something is known to be wrong. Lines of a file count from 1, the header included.
async function findRow(
  connection: DuckDBConnection,
  { source, shape }: RowSource,
  path: string,
  what: readonly string[],
  condition: string,
): Promise<{ place: string; found: string[] }> {
  const rows = `SELECT row_number() OVER () AS trainyard_row, * FROM ${source.relation([path])}`;
  const found = await connection.runAndReadAll(`
    SELECT trainyard_row::DOUBLE, ${what.join(', ')} FROM (${rows})
    WHERE ${shape.where ? `(${shape.where}) AND` : ''} (${condition}) ORDER BY trainyard_row LIMIT 1`);
  const [row, ...cells] = found.getRows()[0] ?? [];
  return {
    place: source.linesAbove === undefined ? path : `${path}, row ${Number(row) + source.linesAbove}`,
    found: cells.map((cell) => (cell === null ? '' : String(cell))),
  };
}

async function badTimeError(
  connection: DuckDBConnection,
  from: RowSource,
  path: string,
): Promise<TrainyardError> {
  const { timeColumn, time } = from.shape;
  const { moment } = timeExpressions(from);
  const { place, found } = await findRow(connection, from, path, [time], `${moment} IS NULL`);
  if (found[0].trim().toLowerCase() === timeColumn.trim().toLowerCase()) {
    return dataError(
      `${place}: a second header row: two files were joined into one`,
      'split the file and name both parts',
    );
  }
  return dataError(
    found[0] === ''
      ? `${place}: no time in column ${timeColumn}`
      : `${place}: cannot read the time "${found[0]}" in column ${timeColumn}`,
    `expected ${from.timeFormat ?? '2018-04-29 13:00:00'}; give another form by --time-format, for instance "%d/%m/%Y %H:%M"`,
  );
}

async function badValueError(
  connection: DuckDBConnection,
  from: RowSource,
  path: string,
): Promise<TrainyardError> {
  const columns = from.shape.values.map(({ column }) => column);
  const bad = columns.map((column) => isBadCell(sqlName(column), `TRY_CAST(${sqlName(column)} AS DOUBLE)`));
  const cells = columns.map((column, index) => `CASE WHEN ${bad[index]} THEN ${sqlName(column)} END`);
  const { place, found } = await findRow(connection, from, path, cells, bad.join(' OR '));
  const index = found.findIndex((text) => text !== '');
  return dataError(
    `${place}: "${found[index]}" in column ${columns[index]} is not a number`,
    /^-?\d+,\d+$/.test(found[index] ?? '')
      ? 'write decimals with a point'
      : 'mend the cell, or leave it empty where the reading is missing',
  );
}

async function mixedOffsetError(
  connection: DuckDBConnection,
  from: RowSource,
  path: string,
  fewZoned: boolean,
): Promise<TrainyardError> {
  const hasOffset = timeExpressions(from).hasOffset.replaceAll('time_text', `(${from.shape.time})`);
  const odd = fewZoned ? hasOffset : `NOT ${hasOffset}`;
  const { place, found } = await findRow(connection, from, path, [from.shape.time], odd);
  return dataError(
    `${place}: the time "${found[0]}" has ${fewZoned ? 'an' : 'no'} offset, unlike most rows of the file`,
    'write all times of a file with an offset, or none',
  );
}

async function nameBrokenFile(
  connection: DuckDBConnection,
  { source, paths }: RowSource,
  error: unknown,
): Promise<Error> {
  for (const path of paths) {
    try {
      await connection.run(`SELECT count(*) FROM ${source.relation([path])}`);
    } catch (failure) {
      return readingFailed(path, failure);
    }
  }
  return readingFailed(paths.join(', '), error);
}
