import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, type TrainyardError } from '../core/errors.ts';
import { sqlText } from './duckdb.ts';
import { type FileSource, readingFailed } from './fileSources.ts';
import { type Layout, type RowShape, rowFields } from './layouts/layout.ts';

/** Files of one layout and one header, read into a temporary table of DuckDB. */
export interface RowTable {
  readonly name: string;
  readonly layout: Layout;
  readonly shape: RowShape;
  readonly paths: readonly string[];
  readonly rows: number;
  /** Milliseconds since 1970 UTC. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** What distinct rows say about their series: values of `keyFields`, in order of appearance. */
  readonly keys: readonly string[];
}

/** Separates the fields of a key; no text of a CSV holds it. */
export const keySeparator = '\u001f';

/** What `loadRows` reads. */
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
 * Reads files into a temporary table `(t, key, v0, v1, …)`, in the order of their rows.
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
  const value = (index: number) => `TRY_CAST(${sqlColumn(shape, index)} AS DOUBLE)`;
  const bad = shape.values.map(
    (_, index) => `(${sqlColumn(shape, index)} IS NOT NULL AND ${value(index)} IS NULL)`,
  );
  const where = shape.where ? `WHERE ${shape.where}` : '';
  try {
    await connection.run(`CREATE TEMP TABLE ${name} AS
      SELECT ${time.milliseconds} AS t, ${time.hasOffset} AS zoned, ${keyExpression(shape)} AS key,
             ${bad.join(' OR ')} AS bad, ${shape.values.map((_, index) => `${value(index)} AS v${index}`).join(', ')}
      FROM ${source.relation(paths)} ${where}`);
  } catch (error) {
    throw await nameBrokenFile(connection, from, error);
  }
  const summary = await connection.runAndReadAll(`
    SELECT count(*)::DOUBLE, min(t), max(t), count(*) FILTER (t IS NULL)::DOUBLE, count(*) FILTER (bad)::DOUBLE,
           count(*) FILTER (zoned)::DOUBLE FROM ${name}`);
  const [rows, firstTime, lastTime, badTimes, badValues, zoned] = summary.getRows()[0].map(Number);
  if (rows === 0) {
    throw dataError(
      `${paths.join(', ')}: no rows${shape.where ? ' of a raw measure' : ''} below the header`,
      'leave the file out',
    );
  }
  if (badTimes > 0) throw await firstBadTime(connection, from);
  if (badValues > 0) throw await firstBadValue(connection, from);
  if (zoned > 0 && zoned < rows) throw await firstMixedOffset(connection, from, zoned < rows / 2);
  const keys = await connection.runAndReadAll(
    `SELECT key FROM (SELECT key, min(rowid) AS r FROM ${name} GROUP BY key) ORDER BY r`,
  );
  return {
    name,
    layout,
    shape,
    paths,
    rows,
    firstTime,
    lastTime,
    keys: (keys.getColumns()[0] ?? []).map(String),
  };
}

/** The fields a key holds, in order. */
export function keyFields(shape: RowShape) {
  return rowFields.filter((field) => shape.fields[field] !== undefined);
}

function keyExpression(shape: RowShape): string {
  const parts = keyFields(shape).map((field) => `coalesce(trim(${shape.fields[field]}), '')`);
  return parts.length === 0 ? "''" : parts.join(` || ${sqlText(keySeparator)} || `);
}

function sqlColumn(shape: RowShape, index: number): string {
  return `"${shape.values[index].column.replaceAll('"', '""')}"`;
}

function timeExpressions({ shape, timeZone, timeFormat }: RowSource) {
  const text = `(${shape.time})`;
  if (timeFormat !== undefined) {
    const parsed = `try_strptime(${text}, ${sqlText(timeFormat)})`;
    return {
      milliseconds: `epoch_ms(timezone(${sqlText(timeZone)}, ${parsed}::TIMESTAMP))::DOUBLE`,
      hasOffset: 'false',
    };
  }
  const hasOffset = `regexp_matches(${text}, ':[0-9.]*\\s*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')`;
  const naive = `TRY_CAST(${text} AS TIMESTAMP)`;
  const local = timeZone === 'UTC' ? naive : `timezone(${sqlText(timeZone)}, ${naive})`;
  return {
    milliseconds: `(CASE WHEN ${hasOffset} THEN epoch_ms(TRY_CAST(${text} AS TIMESTAMPTZ)) ELSE epoch_ms(${local}) END)::DOUBLE`,
    hasOffset,
  };
}

// The row is looked for only once something is known to be wrong; `row` counts lines of the file, header included.
async function findRow(connection: DuckDBConnection, from: RowSource, what: string, condition: string) {
  for (const path of from.paths) {
    const where = from.shape.where ? `(${from.shape.where}) AND` : '';
    const found = await connection.runAndReadAll(`
      SELECT row, ${what} FROM (SELECT row_number() OVER () + 1 AS row, * FROM ${from.source.relation([path])})
      WHERE ${where} (${condition}) ORDER BY row LIMIT 1`);
    const [row, ...rest] = found.getRows()[0] ?? [];
    if (row !== undefined)
      return { place: `${path}, row ${row}`, found: rest.map((cell) => (cell === null ? '' : String(cell))) };
  }
  return { place: from.paths.join(', '), found: [] };
}

async function firstBadTime(connection: DuckDBConnection, from: RowSource): Promise<TrainyardError> {
  const { milliseconds } = timeExpressions(from);
  const { place, found } = await findRow(connection, from, from.shape.time, `${milliseconds} IS NULL`);
  const text = found[0] ?? '';
  if (text.toLowerCase() === from.shape.timeColumn.toLowerCase()) {
    return dataError(
      `${place}: a second header row: two files were joined into one`,
      'split the file and name both parts',
    );
  }
  return dataError(
    `${place}: cannot read the time "${text}" in column ${from.shape.timeColumn}`,
    'expected 2018-04-29 13:00:00; give another form by --time-format, for instance "%d/%m/%Y %H:%M"',
  );
}

async function firstBadValue(connection: DuckDBConnection, from: RowSource): Promise<TrainyardError> {
  const columns = from.shape.values.map((_, index) => sqlColumn(from.shape, index));
  const isBad = (column: string) => `(${column} IS NOT NULL AND TRY_CAST(${column} AS DOUBLE) IS NULL)`;
  const { place, found } = await findRow(
    connection,
    from,
    columns.join(', '),
    columns.map(isBad).join(' OR '),
  );
  const index = found.findIndex((text) => text !== '' && Number.isNaN(Number(text)));
  return dataError(
    `${place}: "${found[index]}" in column ${from.shape.values[index]?.column} is not a number`,
    'mend the cell, or leave it empty where the reading is missing',
  );
}

async function firstMixedOffset(
  connection: DuckDBConnection,
  from: RowSource,
  fewZoned: boolean,
): Promise<TrainyardError> {
  const { hasOffset } = timeExpressions(from);
  const { place, found } = await findRow(
    connection,
    from,
    from.shape.time,
    fewZoned ? hasOffset : `NOT ${hasOffset}`,
  );
  return dataError(
    `${place}: the time "${found[0]}" ${fewZoned ? 'has an offset' : 'has no offset'}, unlike most rows of the file`,
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
