import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, type TrainyardError, throwIfCancelled, usageError } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { sqlList, sqlName, withDatabase } from './duckdb.ts';
import type { FileSource } from './fileSource.ts';
import { missingWords } from './missingWords.ts';
import { openSource, readingFailed, verifyGzip } from './openSource.ts';
import { expandPaths } from './paths.ts';

/** Columns of a table in memory. */
export interface Table {
  readonly path: string;
  readonly rowCount: number;
  /** What errors call the first row: its line in a CSV. */
  readonly firstRow: number;
  /** `[rowCount]` each, NaN = missing; infinities are kept, `true` and `false` are 1 and 0. */
  readonly numbers: ReadonlyMap<string, Float64Array>;
  readonly texts: ReadonlyMap<string, TextColumn>;
}

/** A column of texts, each distinct text held once. */
export interface TextColumn {
  /** In the order of their first rows. */
  readonly words: readonly string[];
  /** `[rowCount]`, index of the word of each row; -1 where the cell is empty. */
  readonly codes: Int32Array;
  /** The type of the column where the file has types, as DuckDB calls it; else `VARCHAR`. */
  readonly type: string;
}

/** What to read of a table. */
export interface TableChoice {
  readonly numbers: readonly string[];
  readonly texts?: readonly string[] | undefined;
}

/** How a table is read. */
export interface ReadTableOptions {
  /** Whether the first row names the columns; without, they are `Column_0`, ... Default true. */
  readonly header?: boolean | undefined;
  /** What to advise where a column of numbers holds a text or a time. */
  readonly advice?: ((column: string, found: 'text' | 'time') => string) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/**
 * Reads columns of a CSV (also gzipped), Parquet or JSON lines file. Rows pass through DuckDB, outside the
 * JavaScript heap, into one typed array a column.
 *
 * Missing cells of numbers are empty, `NA`, `NaN`, `null` and the like. In files with types, numbers and booleans
 * are taken as they are.
 *
 * @param choose Sees the names of the columns and says which to read.
 * @throws TrainyardError of kind `file` or `data` naming file, row, column and text of the first cell that is no number.
 *
 * @example
 * const { numbers } = await readTable('readings.csv', (names) => ({ numbers: names }));
 */
export async function readTable(
  path: string,
  choose: (columns: readonly string[]) => TableChoice,
  options: ReadTableOptions = {},
): Promise<Table> {
  const { signal, header } = options;
  throwIfCancelled(signal);
  return withDatabase(async (connection) => {
    const cancel = () => connection.interrupt();
    signal?.addEventListener('abort', cancel, { once: true });
    const stop = new AbortController();
    try {
      const [only, second] = await expandPaths(connection, [path]);
      if (second !== undefined) {
        throw usageError(`${path} names several files: ${only}, ${second}`, 'name one file');
      }
      const whole = verifyGzip(only, stop.signal);
      // Reported where it is awaited, below.
      whole.catch(() => {});
      const source = await openSource(connection, only, { header, oneColumn: true });
      const choice = choose(source.columns);
      const wanted = { path: only, source, choice };
      const rowCount = await loadRows(connection, wanted, options).catch(async (error) => {
        throwIfCancelled(signal);
        // What DuckDB finds odd in a broken file is better said by what broke it.
        await whole;
        throw readingFailed(only, error);
      });
      const table = await streamColumns(connection, wanted, rowCount, options);
      await whole;
      return table;
    } catch (error) {
      throwIfCancelled(signal);
      throw error;
    } finally {
      stop.abort();
      signal?.removeEventListener('abort', cancel);
    }
  });
}

interface Wanted {
  readonly path: string;
  readonly source: FileSource;
  readonly choice: TableChoice;
}

// A temporary table first: it says how long the columns are, and spills to disk where memory is short.
async function loadRows(
  connection: DuckDBConnection,
  { path, source, choice }: Wanted,
  options: ReadTableOptions,
): Promise<number> {
  const { texts = [] } = choice;
  const odd = await oddColumns(connection, { path, source, choice });
  const cells = choice.numbers.map((column) =>
    odd.has(column) ? numberCell(source, column) : { text: undefined, number: castTo(column) },
  );
  const inner = [
    ...cells.flatMap(({ text, number }, i) => [
      ...(text === undefined ? [] : [`${text} AS text${i}`]),
      `${number} AS number${i}`,
    ]),
    ...texts.map((column, i) => `${sqlName(column)}::VARCHAR AS word${i}`),
  ];
  const bad = cells.flatMap(({ text }, i) => (text === undefined ? [] : [isBad(`text${i}`, `number${i}`)]));
  const outer = [
    // NaN instead of NULL: the package looks up NULLs by arithmetic on big integers, cell by cell.
    ...cells.map((_, i) => `coalesce(number${i}, 'nan'::DOUBLE) AS number${i}`),
    ...texts.map((_, i) => `word${i}`),
    `(${bad.length === 0 ? 'false' : bad.join(' OR ')}) AS bad`,
  ];
  await connection.run(
    `CREATE TEMP TABLE cells AS SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${relationOf(source, path)})`,
  );
  const found = await connection.runAndReadAll(
    'SELECT count(*)::DOUBLE, count(*) FILTER (bad)::DOUBLE FROM cells',
  );
  const [rowCount, badCount] = found.getRows()[0].map(Number);
  if (badCount > 0) throw await badCellError(connection, { path, source, choice }, options);
  return rowCount;
}

// What tells words for missing cells from others takes DuckDB long to plan. Of many columns only those get it that
// need it, which a pass over the file finds out.
const fewColumns = 100;

async function oddColumns(
  connection: DuckDBConnection,
  { path, source, choice }: Wanted,
): Promise<ReadonlySet<string>> {
  if (choice.numbers.length <= fewColumns) return new Set(choice.numbers);
  const counts = choice.numbers.map((column) => `count(${sqlName(column)}) - count(${castTo(column)})`);
  const found = await connection.runAndReadAll(
    `SELECT ${counts.join(', ')} FROM ${relationOf(source, path)}`,
  );
  const [row] = found.getRows();
  return new Set(choice.numbers.filter((_, i) => Number(row[i]) > 0));
}

function castTo(column: string): string {
  return `TRY_CAST(${sqlName(column)} AS DOUBLE)`;
}

async function streamColumns(
  connection: DuckDBConnection,
  { path, source, choice }: Wanted,
  rowCount: number,
  { signal, onProgress }: ReadTableOptions,
): Promise<Table> {
  const names = { numbers: choice.numbers, texts: choice.texts ?? [] };
  const numbers = names.numbers.map(() => new Float64Array(rowCount));
  const texts = names.texts.map(() => ({
    words: new Map<string, number>(),
    codes: new Int32Array(rowCount),
  }));
  const selected = [...numbers.map((_, i) => `number${i}`), ...texts.map((_, i) => `word${i}`)];
  const report = (done: number) => onProgress?.({ stage: 'reading', done, total: rowCount, unit: 'rows' });
  if (selected.length > 0) {
    const rows = await connection.stream(`SELECT ${selected.join(', ')} FROM cells`);
    let start = 0;
    for (let chunks = 1; ; chunks++) {
      const chunk = await rows.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      throwIfCancelled(signal);
      const { rowCount: count } = chunk;
      for (const [i, values] of numbers.entries()) {
        const cells = chunk.getColumnVector(i);
        for (let row = 0; row < count; row++) values[start + row] = cells.getItem(row) as number;
      }
      for (const [i, { words, codes }] of texts.entries()) {
        const cells = chunk.getColumnVector(numbers.length + i);
        for (let row = 0; row < count; row++) codes[start + row] = codeOf(words, cells.getItem(row));
      }
      start += count;
      if (chunks % 64 === 0) report(start);
    }
    report(rowCount);
  }
  const typeOf = (column: string) => source.typed?.types[source.columns.indexOf(column)] ?? 'VARCHAR';
  return {
    path,
    rowCount,
    firstRow: 1 + (source.linesAbove ?? 0),
    numbers: new Map(names.numbers.map((name, i) => [name, numbers[i]])),
    texts: new Map(
      names.texts.map((name, i) => [
        name,
        { words: [...texts[i].words.keys()], codes: texts[i].codes, type: typeOf(name) },
      ]),
    ),
  };
}

function codeOf(words: Map<string, number>, cell: unknown): number {
  if (cell === null) return -1;
  const word = String(cell);
  let code = words.get(word);
  if (code === undefined) {
    code = words.size;
    words.set(word, code);
  }
  return code;
}

/** SQL of a column as numbers, and as the text they are read from unless its type is one of numbers. */
function numberCell(source: FileSource, column: string): { text: string | undefined; number: string } {
  const name = sqlName(column);
  if (source.typed) {
    const type = source.typed.types[source.columns.indexOf(column)];
    if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/.test(type)) {
      return { text: undefined, number: `${name}::DOUBLE` };
    }
  }
  const text = `${name}::VARCHAR`;
  // CASE, unlike coalesce and AND, looks at texts only where a cast has failed.
  const truth = `CASE lower(trim(${text})) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END`;
  return { text, number: `CASE WHEN ${castTo(column)} IS NULL THEN ${truth} ELSE ${castTo(column)} END` };
}

function relationOf(source: FileSource, path: string): string {
  return source.typed ? source.typed.relation([path]) : source.relation([path]);
}

function isBad(text: string, number: string): string {
  const isWord = `lower(trim(${text})) IN ${sqlList(missingWords)}`;
  return `(CASE WHEN ${number} IS NULL AND ${text} IS NOT NULL THEN NOT ${isWord} ELSE false END)`;
}

async function badCellError(
  connection: DuckDBConnection,
  { path, source, choice }: Wanted,
  { advice }: ReadTableOptions,
): Promise<TrainyardError> {
  const cells = choice.numbers.flatMap((column) => {
    const { text, number } = numberCell(source, column);
    return text === undefined ? [] : [{ column, text, bad: isBad(text, number) }];
  });
  const rows = `SELECT row_number() OVER () AS trainyard_row, * FROM ${relationOf(source, path)}`;
  const found = await connection.runAndReadAll(`
    SELECT trainyard_row::DOUBLE, ${cells.map(({ text, bad }) => `CASE WHEN ${bad} THEN ${text} END`).join(', ')}
    FROM (${rows}) WHERE ${cells.map(({ bad }) => bad).join(' OR ')} ORDER BY trainyard_row LIMIT 1`);
  const [row, ...texts] = found.getRows()[0];
  const index = texts.findIndex((text) => text !== null);
  const text = String(texts[index]);
  const { column } = cells[index];
  const isTime = /^\s*\d{4}-\d\d?-\d\d?([ T]|$)|^\s*\d\d?[/.]\d\d?[/.]\d{4}|^\s*\d\d?:\d\d/.test(text);
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const place = source.linesAbove === undefined ? path : `${path}, row ${Number(row) + source.linesAbove}`;
  return dataError(
    `${place}: "${shown}" in column ${column} is ${isTime ? 'a time' : 'a text'}; expected a number`,
    /^-?\d+,\d+$/.test(text)
      ? 'write decimals with a point'
      : (advice?.(column, isTime ? 'time' : 'text') ?? 'mend the cell, or leave the column out'),
  );
}
