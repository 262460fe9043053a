import { rm } from 'node:fs/promises';
import { csvField, csvNumber, writeCsv } from '../core/csvText.ts';
import { throwIfCancelled, usageError } from '../core/errors.ts';
import { writeFileAtomically, writingFailed } from '../core/outputFiles.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { sqlText, withDatabase } from './duckdb.ts';
import { type Panel, type Series, timeAt } from './panel.ts';
import { formatTime } from './timeText.ts';

/** Columns of a panel as a table; the reader of the long form reads them back. */
const columns = [
  'unique_id',
  'ds',
  'y',
  'filled_by',
  'city',
  'station',
  'measure',
  'unit',
  'latitude',
  'longitude',
];

/** How a table is written. */
export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/**
 * Writes a panel in the long form, a row a cell: `unique_id,ds,y,filled_by` and the attributes. `filled_by` names the
 * step that filled the cell and is empty where it was read or is missing. The ending of the path chooses the form:
 * `.csv`, `.csv.gz` or `.parquet`. The file appears whole or not at all.
 *
 * `readPanel` gives the panel back to the last bit, filled cells marked; what it does by choice it does here too:
 * pass it `negatives: 'keep'` where readings below zero are meant, and `panelTimeZone` where hours of the day are not
 * those of UTC.
 *
 * @throws TrainyardError of kind `usage` for another ending, `file` when it cannot be written.
 * @example
 * await writePanel(imputePanel(panel, defaultSteps), 'filled.parquet');
 */
export async function writePanel(panel: Panel, path: string, options: WriteOptions = {}): Promise<void> {
  await writeLongTable(path, linesOf(panel, options), options);
}

/**
 * Checks, before long work begins, that the ending of a path names a form that can be written.
 *
 * @throws TrainyardError of kind `usage` for another ending than `.csv`, `.csv.gz` or `.parquet`.
 */
export function assertTablePath(path: string): void {
  if (/\.(csv|csv\.gz|parquet)$/.test(path)) return;
  throw usageError(`cannot tell the form of ${path} from its ending`, 'end it in .csv, .csv.gz or .parquet');
}

/** Lines of the long form for some cells of a series; `write` decides what is said of each. */
export function longLines(
  series: Series,
  cells: Iterable<{ time: number; value: number; filledBy?: string }>,
): string {
  const { id, city, station, measure, unit, latitude, longitude } = series;
  const head = csvField(id);
  const tail = [city, station, measure, unit]
    .map(csvField)
    .concat(csvNumber(latitude), csvNumber(longitude))
    .join(',');
  let text = '';
  for (const { time, value, filledBy = '' } of cells) {
    text += `${head},${formatTime(time)},${csvNumber(value)},${filledBy},${tail}\n`;
  }
  return text;
}

/** Writes lines of the long form as `.csv`, `.csv.gz` or `.parquet`, by the ending of the path. */
export async function writeLongTable(
  path: string,
  parts: Iterable<string>,
  { signal }: WriteOptions = {},
): Promise<void> {
  assertTablePath(path);
  await writeFileAtomically(path, async (temporary) => {
    if (!path.endsWith('.parquet')) {
      await writeCsv(temporary, columns, parts, { gzip: path.endsWith('.gz') });
      return;
    }
    const csv = `${temporary}.csv`;
    try {
      await writeCsv(csv, columns, parts);
      await csvToParquet(csv, temporary, columns, { signal });
    } finally {
      await rm(csv, { force: true });
    }
  });
}

/** Copies a CSV of our own into Parquet, its times, numbers and texts typed. */
export async function csvToParquet(
  csv: string,
  parquet: string,
  names: readonly string[],
  { signal }: WriteOptions = {},
): Promise<void> {
  const types = names.map((name) => `${sqlText(name)}: '${typeOf(name)}'`).join(', ');
  try {
    await withDatabase(async (connection) => {
      const cancel = () => connection.interrupt();
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        await connection.run(`COPY (SELECT * FROM read_csv([${sqlText(csv)}], columns = {${types}}, header = true, delim = ',',
          quote = '"', escape = '"', nullstr = '', auto_detect = false)) TO ${sqlText(parquet)} (FORMAT parquet, COMPRESSION zstd)`);
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    });
  } catch (cause) {
    throwIfCancelled(signal);
    throw writingFailed(parquet, cause);
  }
}

function typeOf(name: string): string {
  if (name === 'ds' || name === 'cutoff') return 'TIMESTAMP';
  return /^(y|yhat|latitude|longitude|lo-.*|hi-.*)$/.test(name) ? 'DOUBLE' : 'VARCHAR';
}

function* linesOf(panel: Panel, { signal, onProgress }: WriteOptions): Generator<string> {
  const pieceLength = 4096;
  const total = panel.series.length;
  for (const [done, series] of panel.series.entries()) {
    onProgress?.({ stage: 'writing', done, total, unit: 'series' });
    for (let from = 0; from < panel.length; from += pieceLength) {
      throwIfCancelled(signal);
      yield longLines(series, cellsOf(panel, series, from, Math.min(from + pieceLength, panel.length)));
    }
  }
  onProgress?.({ stage: 'writing', done: total, total, unit: 'series' });
}

function* cellsOf(panel: Panel, { values, filledBy }: Series, from: number, to: number) {
  for (let i = from; i < to; i++) {
    const code = filledBy?.[i] ?? 0;
    yield {
      time: timeAt(panel, i),
      value: values[i],
      filledBy: code === 0 ? '' : csvField(panel.fillSteps[code - 1]),
    };
  }
}
