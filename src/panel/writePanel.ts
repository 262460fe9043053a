import { csvField, csvNumber } from '../core/csvText.ts';
import { throwIfCancelled } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { type WrittenColumn, writeTable } from '../tables/writeTable.ts';
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
  options: WriteOptions = {},
): Promise<void> {
  await writeTable(path, longColumns(columns), parts, options);
}

/** Names and types of columns of the long form, for writing them. */
export function longColumns(names: readonly string[]): WrittenColumn[] {
  return names.map((name) => ({ name, type: typeOf(name) }));
}

function typeOf(name: string): WrittenColumn['type'] {
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
