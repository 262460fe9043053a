import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, fileError, TrainyardError, usageError } from '../core/errors.ts';
import { sqlName, sqlText } from './duckdb.ts';

/** Files that one SQL relation reads: the same kind and the same columns, all of them text. */
export interface FileSource {
  readonly columns: readonly string[];
  /** Delimiter of a CSV; files that differ in it cannot be read together. */
  readonly dialect?: string | undefined;
  /** SQL of the rows of some of its files. */
  relation(paths: readonly string[]): string;
}

/** Spellings of a missing reading. */
const missingSpellings = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', '-', '?'];

/**
 * Turns paths and glob patterns into the files they name, in the order given, each once.
 *
 * @throws TrainyardError of kind `file` for a path that does not exist or a pattern that matches nothing.
 */
export async function expandPaths(
  connection: DuckDBConnection,
  patterns: readonly string[],
): Promise<string[]> {
  if (patterns.length === 0) throw usageError('no input files', 'name at least one file');
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const info = await stat(pattern).catch(() => undefined);
    if (info?.isFile()) {
      if (info.size === 0)
        throw dataError(`${pattern} is empty (0 bytes)`, 'download it again or leave it out');
      paths.add(pattern);
      continue;
    }
    if (info?.isDirectory())
      throw fileError(`${pattern} is a folder`, `name its files, for instance '${pattern}/*.csv'`);
    const matches = /[*?[]/.test(pattern) ? await listGlob(connection, pattern) : [];
    if (matches.length === 0) {
      const what = /[*?[]/.test(pattern) ? 'no file matches' : 'no such file:';
      throw fileError(
        `${what} ${pattern}`,
        'check the path; quote patterns so that the shell leaves them alone',
      );
    }
    for (const match of matches) paths.add(match);
  }
  return [...paths];
}

/**
 * Finds out how a file is read and which columns it has.
 *
 * @throws TrainyardError of kind `data` when it cannot be read at all, naming the file.
 */
export async function openSource(connection: DuckDBConnection, path: string): Promise<FileSource> {
  const extension = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  try {
    if (extension === 'tsf') return await openTsf(path);
    if (extension === 'parquet') return await openTyped(connection, path, 'read_parquet');
    if (/^(jsonl?|ndjson)$/.test(extension)) {
      const source = await openTyped(connection, path, 'read_json_auto');
      return source.columns.includes('AirQualityData') ? londonAirSource : source;
    }
    return await openCsv(path);
  } catch (error) {
    throw error instanceof TrainyardError ? error : readingFailed(path, error);
  }
}

/**
 * Reads a gzip file to its end and throws when it is broken or cut short, which DuckDB does not always notice.
 * Other files pass.
 */
export async function verifyGzip(path: string): Promise<void> {
  if (!path.endsWith('.gz')) return;
  const nowhere = new Writable({ write: (_chunk, _encoding, next) => next() });
  await pipeline(createReadStream(path), createGunzip(), nowhere).catch((error) => {
    throw readingFailed(path, new Error(`gzip: ${error instanceof Error ? error.message : error}`));
  });
}

/** Turns a failure of DuckDB to read a file into an error that names it and a remedy. */
export function readingFailed(path: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const summary = message.split('\n')[0].replace(/^(Invalid Input|IO|Conversion|Binder) Error:\s*/, '');
  if (/gzip|GZIP|decompress|miniz/i.test(message)) {
    return dataError(
      `cannot read ${path}: the gzip data is broken or cut short (${summary})`,
      'download it again',
    );
  }
  if (/expected number of columns|Expected Number of Columns|column count/i.test(message)) {
    const row = /[Ll]ine:?\s*(\d+)/.exec(message)?.[1];
    return dataError(
      `cannot read ${path}${row ? `, row ${row}` : ''}: the row has another number of columns than the header`,
      'look for a cut or doubled line, another delimiter, or two files joined into one',
    );
  }
  if (/sniff|dialect|delimiter/i.test(message)) {
    return dataError(
      `cannot read ${path} as a table: ${summary}`,
      'expected CSV with a header row and one of , ; tab | as delimiter',
    );
  }
  return dataError(
    `cannot read ${path}: ${summary}`,
    'check that the file is whole and is CSV, JSON lines, Parquet or .tsf',
  );
}

async function openTyped(connection: DuckDBConnection, path: string, reader: string): Promise<FileSource> {
  const relation = (paths: readonly string[]) => `${reader}(${sqlList(paths)})`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation([path])}`);
  const columns = described.getColumns()[0].map(String);
  const missing = missingSpellings.map(sqlText).join(', ');
  const texts = columns.map((column) => {
    const text = `${sqlName(column)}::VARCHAR`;
    return `CASE WHEN ${text} IN (${missing}) THEN NULL ELSE ${text} END AS ${sqlName(column)}`;
  });
  return { columns, relation: (paths) => `(SELECT ${texts.join(', ')} FROM ${relation(paths)})` };
}

// The header and its delimiter are read here, so that one odd row further down is an error that names the row
// instead of a reason for DuckDB to guess another dialect.
async function openCsv(path: string): Promise<FileSource> {
  const header = await firstLine(path);
  const delimiter = [',', ';', '\t', '|'].reduce((best, candidate) =>
    splitCsvLine(header, candidate).length > splitCsvLine(header, best).length ? candidate : best,
  );
  const names = splitCsvLine(header, delimiter);
  if (names.length < 2) {
    throw dataError(
      `cannot read ${path} as a table: its first row "${header.slice(0, 80)}" holds one column`,
      'expected a header row with , ; tab or | between its columns',
    );
  }
  const columns = names.map((name, index) => {
    const earlier = names
      .slice(0, index)
      .filter((other) => other.toLowerCase() === name.toLowerCase()).length;
    return name === '' ? `column${index}` : earlier > 0 ? `${name}_${earlier}` : name;
  });
  const types = columns.map((column) => `${sqlText(column)}: 'VARCHAR'`).join(', ');
  const dialect = `delim = ${sqlText(delimiter)}, quote = '"', escape = '"', header = true, auto_detect = false`;
  return {
    columns,
    dialect: delimiter,
    relation: (paths) =>
      `read_csv(${sqlList(paths)}, ${dialect}, columns = {${types}}, nullstr = ${sqlList(missingSpellings)}, max_line_size = 16777216)`,
  };
}

async function firstLine(path: string): Promise<string> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe does not pass on the errors of its source.
  file.on('error', (error) => input.destroy(error));
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of input) {
      text += decoder.decode(chunk as Buffer, { stream: true });
      const end = text.search(/\r?\n/);
      if (end >= 0) return text.slice(0, end);
      if (text.length > 4_000_000)
        throw dataError(`cannot read ${path} as a table: its first row has no end`);
    }
    return text;
  } finally {
    file.destroy();
  }
}

/** Fields of one line of CSV; quotes may hold delimiters and doubled quotes. */
function splitCsvLine(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const letter = line[i];
    if (letter === '"') {
      if (quoted && line[i + 1] === '"') field += line[++i];
      else quoted = !quoted;
    } else if (letter === delimiter && !quoted) {
      fields.push(field.trim());
      field = '';
    } else field += letter;
  }
  fields.push(field.trim());
  return fields;
}

// A list of one reading may arrive as the reading itself.
const londonAirSource: FileSource = {
  columns: ['@SiteCode', '@SpeciesCode', '@MeasurementDateGMT', '@Value'],
  relation: (paths) => `(
  SELECT json_extract_string(site, '$."@SiteCode"') AS "@SiteCode",
         json_extract_string(reading, '$."@SpeciesCode"') AS "@SpeciesCode",
         json_extract_string(reading, '$."@MeasurementDateGMT"') AS "@MeasurementDateGMT",
         nullif(json_extract_string(reading, '$."@Value"'), '') AS "@Value"
  FROM (
    SELECT site, unnest(CASE WHEN json_type(site, '$.Data') = 'ARRAY' THEN json_extract(site, '$.Data[*]')
                             WHEN json_type(site, '$.Data') = 'OBJECT' THEN [json_extract(site, '$.Data')]
                             ELSE [] END) AS reading
    FROM (SELECT AirQualityData AS site
          FROM read_json(${sqlList(paths)}, columns = {AirQualityData: 'JSON'}, maximum_object_size = 268435456))))`,
};

// One line a series, `attribute:…:start:value,value,…`, after a head that names the attributes and the frequency.
async function openTsf(path: string): Promise<FileSource> {
  const attributes: string[] = [];
  let frequency = '';
  let headLines = 0;
  let foundData = false;
  const file = createReadStream(path);
  const lines = createInterface({ input: path.endsWith('.gz') ? file.pipe(createGunzip()) : file });
  try {
    for await (const line of lines) {
      headLines++;
      const [keyword, first] = line.trim().split(/\s+/);
      if (keyword === '@attribute') attributes.push(first);
      if (keyword === '@frequency') frequency = first;
      if (keyword === '@data') {
        foundData = true;
        break;
      }
    }
  } finally {
    lines.close();
    file.destroy();
  }
  const seconds = tsfFrequencies[frequency];
  const start = attributes.indexOf('start_timestamp');
  if (!foundData || start < 0 || seconds === undefined) {
    const found = !foundData
      ? 'no @data line'
      : start < 0
        ? 'no @attribute start_timestamp'
        : `@frequency ${frequency}`;
    throw dataError(
      `cannot read ${path} as .tsf: ${found}`,
      `expected @attribute lines with start_timestamp, @data, and @frequency ${Object.keys(tsfFrequencies).join(' or ')}`,
    );
  }
  const part = (index: number) => (index < 0 ? "''" : `parts[${index + 1}]`);
  const named = (...names: string[]) => part(attributes.findIndex((name) => names.includes(name)));
  const idParts = [named('station'), named('air_quality_measurement', 'measure')];
  const id = idParts.includes("''") ? part(0) : idParts.join(" || '#' || ");
  return {
    columns: ['tsf_id', 'tsf_city', 'tsf_station', 'tsf_measure', 'tsf_time', 'tsf_value'],
    relation: ([file]) => `(
      SELECT tsf_id, tsf_city, tsf_station, tsf_measure,
             strftime(start + to_seconds((position - 1) * ${seconds}), '%Y-%m-%d %H:%M:%S') AS tsf_time,
             nullif(trim(value), '?') AS tsf_value
      FROM (
        SELECT ${id} AS tsf_id, ${named('city')} AS tsf_city, ${named('station')} AS tsf_station,
               ${named('air_quality_measurement', 'measure')} AS tsf_measure,
               strptime(${part(start)}, '%Y-%m-%d %H-%M-%S') AS start,
               unnest(values) AS value, generate_subscripts(values, 1) AS position
        FROM (SELECT string_split(line, ':') AS parts,
                     string_split(string_split(line, ':')[${attributes.length + 1}], ',') AS values
              FROM read_csv([${sqlText(file)}], columns = {line: 'VARCHAR'}, header = false, skip = ${headLines},
                            delim = '\\0', quote = '', escape = '', auto_detect = false, max_line_size = 268435456))))`,
  };
}

const tsfFrequencies: Record<string, number> = {
  hourly: 3600,
  half_hourly: 1800,
  '10_minutes': 600,
  '5_minutes': 300,
  minutely: 60,
  daily: 86400,
  weekly: 604800,
};

async function listGlob(connection: DuckDBConnection, pattern: string): Promise<string[]> {
  const found = await connection.runAndReadAll(`SELECT file FROM glob(${sqlText(pattern)}) ORDER BY file`);
  return (found.getColumns()[0] ?? []).map(String);
}

function sqlList(texts: readonly string[]): string {
  return `[${texts.map(sqlText).join(', ')}]`;
}
