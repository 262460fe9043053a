import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, throwIfCancelled, usageError } from '../core/errors.ts';
import { withDatabase } from './duckdb.ts';
import { expandPaths, type FileSource, openSource, verifyGzip } from './fileSources.ts';
import { fillPanel } from './fillPanel.ts';
import { layouts } from './layouts/all.ts';
import { headerOf, type Layout, type RowShape } from './layouts/layout.ts';
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
  const { signal, onProgress } = options;
  checkOptions(options);
  return withDatabase(async (connection) => {
    const cancel = () => connection.interrupt();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const paths = await expandPaths(connection, files);
      const whole = Promise.all(paths.map(verifyGzip));
      // Reported where it is awaited, below.
      whole.catch(() => {});
      const places = options.stations ? await readStationPlaces(connection, options.stations) : {};
      const groups = await groupFiles(connection, paths, options);
      const tables: RowTable[] = [];
      onProgress?.({
        stage: 'reading',
        done: 0,
        total: groups.length,
        unit: groups.length === 1 ? 'table' : 'tables',
      });
      for (const [index, group] of groups.entries()) {
        throwIfCancelled(signal);
        tables.push(
          await loadRows(connection, `rows_${index}`, {
            ...group,
            timeZone: options.timeZone ?? group.layout.timeZone,
            timeFormat: options.timeFormat,
          }).catch(async (error) => {
            throwIfCancelled(signal);
            await whole;
            throw error;
          }),
        );
        onProgress?.({
          stage: 'reading',
          done: index + 1,
          total: groups.length,
          unit: groups.length === 1 ? 'table' : 'tables',
        });
      }
      const step = options.step ?? (await inferStep(connection, tables));
      const timeZone = options.panelTimeZone ?? commonZone(tables, options.timeZone);
      const reading = await fillPanel(connection, tables, { ...options, step, timeZone, places });
      await whole;
      return reading;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  });
}

interface FileGroup {
  layout: Layout;
  shape: RowShape;
  source: FileSource;
  paths: string[];
}

// Files with the same header are read as one table, in the order given.
async function groupFiles(
  connection: DuckDBConnection,
  paths: readonly string[],
  options: ReadPanelOptions,
): Promise<FileGroup[]> {
  const groups = new Map<string, FileGroup>();
  for (const path of paths) {
    const source = await openSource(connection, path);
    const { layout, shape } = recognise(path, source, options);
    const extension = /[^.]+(\.gz)?$/.exec(path)?.[0];
    const key =
      layout.name === 'monash-tsf'
        ? path
        : JSON.stringify([layout.name, extension, source.columns, source.dialect]);
    const group = groups.get(key);
    if (group) group.paths.push(path);
    else groups.set(key, { layout, shape, source, paths: [path] });
  }
  return [...groups.values()];
}

function recognise(path: string, { columns }: FileSource, options: ReadPanelOptions) {
  const header = headerOf(columns);
  const declared = [options.time, options.id, options.value].filter((column) => column !== undefined);
  for (const column of declared) {
    if (header.has(column)) continue;
    throw dataError(`${path}: no column ${column}`, `its columns are ${listColumns(columns)}`);
  }
  const candidates = options.layout ? layouts.filter(({ name }) => name === options.layout) : layouts;
  for (const layout of candidates) {
    const shape = layout.shape(header, options);
    if (shape) return { layout, shape };
  }
  if (options.layout) {
    throw dataError(
      `${path}: not of layout ${options.layout}; its columns are ${listColumns(columns)}`,
      'leave --layout out to have the layout recognised, or read this file apart',
    );
  }
  const timeColumn = columns.find((column) => /time|date|^ds$/i.test(column));
  throw dataError(
    `${path}: ${timeColumn ? 'unknown layout' : 'no time column'}; its columns are ${listColumns(columns)}`,
    `declare its columns: --time ${timeColumn ?? 'COLUMN'} --value COLUMN, and --id COLUMN for several series`,
  );
}

async function inferStep(connection: DuckDBConnection, tables: readonly RowTable[]): Promise<number> {
  const irregular = tables.find(({ layout }) => layout.anyStep);
  if (!irregular) return hour;
  const found = await connection.runAndReadAll(`
    SELECT mode(d) FROM (SELECT t - lag(t) OVER (PARTITION BY key ORDER BY t) AS d FROM ${irregular.name}) WHERE d > 0`);
  const step = found.getRows()[0][0];
  return step === null ? hour : Number(step);
}

function commonZone(tables: readonly RowTable[], declared: string | undefined): string {
  const zones = new Set(tables.map(({ layout }) => declared ?? layout.timeZone));
  return zones.size === 1 ? [...zones][0] : 'UTC';
}

function checkOptions({ layout, time, value, timeZone, panelTimeZone, step }: ReadPanelOptions): void {
  if (layout !== undefined && !layouts.some(({ name }) => name === layout)) {
    throw usageError(`unknown layout: ${layout}`, `known are ${layouts.map(({ name }) => name).join(', ')}`);
  }
  if ((time === undefined) !== (value === undefined)) {
    throw usageError(
      `--time and --value go together; found only ${time === undefined ? '--value' : '--time'}`,
    );
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
