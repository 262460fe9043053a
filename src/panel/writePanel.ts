import { rm } from 'node:fs/promises';
import { csvField, csvNumber, writeCsv } from '../core/csvText.ts';
import { usageError } from '../core/errors.ts';
import { writeFileAtomically, writingFailed } from '../core/outputFiles.ts';
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

/**
 * Writes a panel in the long form, a row a cell: `unique_id,ds,y,filled_by` and the attributes. `filled_by` names the
 * step that filled the cell and is empty where it was read or is missing. The ending of the path chooses the form:
 * `.csv`, `.csv.gz` or `.parquet`. The file appears whole or not at all.
 *
 * @throws TrainyardError of kind `usage` for another ending, `file` when it cannot be written.
 */
export async function writePanel(panel: Panel, path: string): Promise<void> {
  await writeLongTable(path, columns, linesOf(panel));
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

/** Writes parts of CSV text as `.csv`, `.csv.gz` or `.parquet`, by the ending of the path. */
export async function writeLongTable(
  path: string,
  names: readonly string[],
  parts: Iterable<string>,
): Promise<void> {
  if (/\.csv(\.gz)?$/.test(path)) {
    await writeFileAtomically(path, (temporary) =>
      writeCsv(temporary, names, parts, { gzip: path.endsWith('.gz') }),
    );
    return;
  }
  if (!path.endsWith('.parquet')) {
    throw usageError(
      `cannot tell the form of ${path} from its ending`,
      'end it in .csv, .csv.gz or .parquet',
    );
  }
  await writeFileAtomically(path, async (temporary) => {
    const csv = `${temporary}.csv`;
    try {
      await writeCsv(csv, names, parts);
      await csvToParquet(csv, temporary, names);
    } finally {
      await rm(csv, { force: true });
    }
  });
}

/** Copies a CSV of our own into Parquet, its times, numbers and texts typed. */
export async function csvToParquet(csv: string, parquet: string, names: readonly string[]): Promise<void> {
  const types = names.map((name) => `${sqlText(name)}: '${typeOf(name)}'`).join(', ');
  try {
    await withDatabase((connection) =>
      connection.run(`COPY (SELECT * FROM read_csv([${sqlText(csv)}], columns = {${types}}, header = true, delim = ',',
        quote = '"', escape = '"', nullstr = '', auto_detect = false)) TO ${sqlText(parquet)} (FORMAT parquet, COMPRESSION zstd)`),
    );
  } catch (cause) {
    throw writingFailed(parquet, cause);
  }
}

function typeOf(name: string): string {
  if (name === 'ds' || name === 'cutoff') return 'TIMESTAMP';
  return /^(y|yhat|latitude|longitude|lo-.*|hi-.*)$/.test(name) ? 'DOUBLE' : 'VARCHAR';
}

function* linesOf(panel: Panel): Generator<string> {
  const pieceLength = 4096;
  for (const series of panel.series) {
    for (let from = 0; from < panel.length; from += pieceLength) {
      yield longLines(series, cellsOf(panel, series, from, Math.min(from + pieceLength, panel.length)));
    }
  }
}

function* cellsOf(panel: Panel, { values, filledBy }: Series, from: number, to: number) {
  for (let i = from; i < to; i++) {
    const code = filledBy?.[i] ?? 0;
    yield { time: timeAt(panel, i), value: values[i], filledBy: code === 0 ? '' : panel.fillSteps[code - 1] };
  }
}
