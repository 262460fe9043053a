import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, throwIfCancelled, usageError } from '../core/errors.ts';
import { withDatabase } from '../tables/duckdb.ts';
import type { FileSource } from '../tables/fileSource.ts';
import { openSource, verifyGzip } from '../tables/openSource.ts';
import { expandPaths } from '../tables/paths.ts';
import { fillPanel } from './fillPanel.ts';
import { layouts } from './layouts/all.ts';
import { headerOf, type Layout, type RowShape } from './layouts/layout.ts';
import { declaredColumns, generic } from './layouts/longForm.ts';
import { hour } from './panel.ts';
import type { PanelReading } from './readingReport.ts';
import type { ReadPanelOptions } from './readOptions.ts';
import { loadRows, type RowTable } from './rowTable.ts';
import { readStationPlaces } from './stationPlaces.ts';

/**
 * Reads files of any known layout into one panel: CSV, gzip, Parquet, JSON lines, `.tsf`; glob patterns are
 * expanded. Rows are parsed and kept by DuckDB, outside the JavaScript heap, and streamed into dense storage.
 *
 * @throws TrainyardError of kind `file`, `data` or `usage`, naming file, row and column.
 * @example
 * const { panel, report } = await readPanel(['beijing_aq.csv.gz', 'london_aq.csv.gz']);
 */
export async function readPanel(
  files: readonly string[],
  options: ReadPanelOptions = {},
): Promise<PanelReading> {
  const { signal } = options;
  checkOptions(options);
  throwIfCancelled(signal);
  return withDatabase(async (connection) => {
    const cancel = () => connection.interrupt();
    signal?.addEventListener('abort', cancel, { once: true });
    const stop = new AbortController();
    try {
      const paths = await expandPaths(connection, files);
      const whole = verifyAll(paths, stop.signal);
      // Reported where it is awaited, below.
      whole.catch(() => {});
      const places = options.stations ? await readStationPlaces(connection, options.stations) : new Map();
      const tables = await loadTables(connection, paths, options).catch(async (error) => {
        throwIfCancelled(signal);
        // What DuckDB finds odd in a broken file is better said by what broke it.
        await whole;
        throw error;
      });
      const step = options.step ?? (await commonStep(connection, tables));
      const timeZone = options.panelTimeZone ?? commonZone(tables, options.timeZone);
      const reading = await fillPanel(connection, tables, { ...options, step, timeZone, places });
      await whole;
      return reading;
    } catch (error) {
      throwIfCancelled(signal);
      throw error;
    } finally {
      stop.abort();
      signal?.removeEventListener('abort', cancel);
    }
  });
}

interface FileGroup {
  readonly layout: Layout;
  readonly shape: RowShape;
  readonly source: FileSource;
  readonly paths: string[];
}

async function loadTables(
  connection: DuckDBConnection,
  paths: readonly string[],
  options: ReadPanelOptions,
): Promise<RowTable[]> {
  const groups = await groupFiles(connection, paths, options);
  const tables: RowTable[] = [];
  const report = () =>
    options.onProgress?.({ stage: 'reading', done: tables.length, total: groups.length, unit: 'tables' });
  report();
  for (const [index, group] of groups.entries()) {
    throwIfCancelled(options.signal);
    const timeZone = options.timeZone ?? group.layout.timeZone;
    tables.push(
      await loadRows(connection, `rows_${index}`, { ...group, timeZone, timeFormat: options.timeFormat }),
    );
    report();
  }
  return tables;
}

// Neighbours with the same header are read as one table; the order of all rows is that of the files.
async function groupFiles(
  connection: DuckDBConnection,
  paths: readonly string[],
  options: ReadPanelOptions,
): Promise<FileGroup[]> {
  const groups: FileGroup[] = [];
  let lastKey: string | undefined;
  for (const path of paths) {
    throwIfCancelled(options.signal);
    const source = await openSource(connection, path);
    const { layout, shape } = recognise(path, source, options);
    // Tables of the user's own form stay apart, so that files with nothing in common are noticed.
    const key = layout.anyStep ? path : JSON.stringify([layout.name, source.columns, source.dialect]);
    if (key === lastKey) groups[groups.length - 1].paths.push(path);
    else groups.push({ layout, shape, source, paths: [path] });
    lastKey = key;
  }
  return groups;
}

function recognise(
  path: string,
  { columns }: FileSource,
  options: ReadPanelOptions,
): { layout: Layout; shape: RowShape } {
  const header = headerOf(columns);
  const { time, id, value } = options;
  for (const column of [time, id, ...(value === undefined ? [] : declaredColumns(header, value))]) {
    if (column === undefined || header.has(column)) continue;
    throw dataError(`${path}: no column ${column}`, `its columns are ${listColumns(columns)}`);
  }
  const candidates =
    time !== undefined
      ? [generic]
      : layouts.filter(({ name }) => options.layout === undefined || name === options.layout);
  const fitting = candidates.flatMap((layout) => {
    const shape = layout.shape(header, options);
    return shape ? [{ layout, shape }] : [];
  });
  if (fitting.length > 1) {
    const names = fitting.map(({ layout }) => layout.name);
    throw dataError(
      `${path}: two layouts at once: its columns fit ${names.join(' and ')}`,
      `say which by --layout ${names[0]}`,
    );
  }
  return fitting[0] ?? notRecognised(path, columns, options);
}

function notRecognised(path: string, columns: readonly string[], { layout }: ReadPanelOptions): never {
  if (layout !== undefined) {
    throw dataError(
      `${path}: not of layout ${layout}; its columns are ${listColumns(columns)}`,
      'leave --layout out to have the layout recognised, or read this file apart',
    );
  }
  const timeColumn = columns.find((column) => /time|date|^ds$/i.test(column));
  throw dataError(
    `${path}: ${timeColumn ? 'unknown layout' : 'no time column'}; its columns are ${listColumns(columns)}`,
    `declare its columns: --time ${timeColumn ?? 'COLUMN'} --value COLUMN, and --id COLUMN for several series`,
  );
}

// Networks are hourly; other tables tell by their commonest distance, and a table of single rows follows the rest.
async function commonStep(connection: DuckDBConnection, tables: readonly RowTable[]): Promise<number> {
  const steps = new Map<number, string>();
  for (const { name, layout, files } of tables) {
    const step = layout.anyStep ? await commonestDistance(connection, name) : hour;
    if (step !== undefined && !steps.has(step)) steps.set(step, files[0].path);
  }
  if (steps.size > 1) {
    const found = [...steps].map(([step, path]) => `${step / 60_000} minutes in ${path}`);
    throw dataError(
      `files of different steps: ${found.join(', ')}`,
      'declare one for all by --freq, or read them apart',
    );
  }
  return [...steps.keys()][0] ?? hour;
}

async function commonestDistance(connection: DuckDBConnection, name: string): Promise<number | undefined> {
  const found = await connection.runAndReadAll(`
    SELECT distance FROM (SELECT t - lag(t) OVER (PARTITION BY key ORDER BY t) AS distance FROM ${name})
    WHERE distance > 0 GROUP BY 1 ORDER BY count(*) DESC, distance LIMIT 1`);
  const distance = found.getRows()[0]?.[0];
  return distance === undefined ? undefined : Number(distance);
}

// A few at a time, beside the parsing: thousands of open files would hit the limit of the system.
async function verifyAll(paths: readonly string[], signal: AbortSignal): Promise<void> {
  const waiting = [...paths];
  const verifier = async () => {
    for (let path = waiting.shift(); path !== undefined && !signal.aborted; path = waiting.shift()) {
      await verifyGzip(path, signal);
    }
  };
  await Promise.all([verifier(), verifier(), verifier()]);
}

function commonZone(tables: readonly RowTable[], declared: string | undefined): string {
  const zones = new Set(tables.map(({ layout }) => declared ?? layout.timeZone));
  return zones.size === 1 ? [...zones][0] : 'UTC';
}

function checkOptions(options: ReadPanelOptions): void {
  const { layout, time, id, value, timeZone, panelTimeZone, step } = options;
  if (layout !== undefined && !layouts.some(({ name }) => name === layout)) {
    throw usageError(`unknown layout: ${layout}`, `known are ${layouts.map(({ name }) => name).join(', ')}`);
  }
  if ((time === undefined) !== (value === undefined)) {
    throw usageError(
      `--time and --value go together; found only ${time === undefined ? '--value' : '--time'}`,
    );
  }
  if (id !== undefined && time === undefined) {
    throw usageError(`--id ${id} declares a table of your own form`, 'add --time COLUMN and --value COLUMN');
  }
  if (time !== undefined && layout !== undefined && layout !== generic.name) {
    throw usageError(`--time and --value declare a table of no known layout; found --layout ${layout} too`);
  }
  for (const zone of [timeZone, panelTimeZone]) {
    if (zone !== undefined) assertZone(zone);
  }
  if (step !== undefined && !(Number.isInteger(step) && step >= 1000)) {
    throw usageError(`invalid step: ${step} ms; expected at least one second`);
  }
}

function assertZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw usageError(
      `unknown time zone: ${zone}`,
      'use an IANA name such as UTC, Asia/Shanghai or Europe/London',
    );
  }
}

function listColumns(columns: readonly string[]): string {
  return columns.length <= 12
    ? columns.join(', ')
    : `${columns.slice(0, 12).join(', ')} and ${columns.length - 12} more`;
}
