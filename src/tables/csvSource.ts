import { dataError } from '../core/errors.ts';
import { sqlText } from './duckdb.ts';
import { type FileSource, fileColumn } from './fileSource.ts';
import { firstLine, isGzip } from './firstBytes.ts';
import { sqlPaths } from './paths.ts';

const delimiters = [',', ';', '\t', '|'];

/** How a table of text is laid out. */
export interface CsvOptions {
  /** Whether the first row names the columns; without, they are `Column_0`, `Column_1`, ... Default true. */
  readonly header?: boolean | undefined;
  /** Whether a table of one column is one, and no file of another kind. Default false. */
  readonly oneColumn?: boolean | undefined;
}

/**
 * Opens a table of text. Header and delimiter are read here, so that one odd row further down is an
 * error that names the row instead of a reason for DuckDB to guess another dialect.
 */
export async function openCsv(
  path: string,
  { header: named = true, oneColumn = false }: CsvOptions = {},
): Promise<FileSource> {
  const gzip = await isGzip(path);
  const header = await firstLine(path, gzip);
  if (header === undefined || /\0|\ufffd/.test(header)) {
    throw dataError(
      `cannot read ${path} as a table: it is not text in UTF-8`,
      'expected CSV in UTF-8, perhaps with gzip; JSON lines, Parquet and .tsf are told by their names',
    );
  }
  if (header.trim() === '') {
    throw dataError(`cannot read ${path} as a table: its first row is empty`, 'expected a header row');
  }
  const delimiter = delimiters.reduce((best, candidate) =>
    splitCsvLine(header, candidate).length > splitCsvLine(header, best).length ? candidate : best,
  );
  const cells = splitCsvLine(header, delimiter);
  const names = named ? cells : cells.map((_, index) => `Column_${index}`);
  if (names.length < 2 && !oneColumn) {
    throw dataError(
      `cannot read ${path} as a table: its first row "${header.slice(0, 80)}" holds one column`,
      'expected a header row with , ; tab or | between its columns',
    );
  }
  const columns = uniqueNames(names);
  const types = columns.map((column) => `${sqlText(column)}: 'VARCHAR'`).join(', ');
  const compression = gzip ? 'gzip' : 'none';
  const options = [
    `delim = ${sqlText(delimiter)}, quote = '"', escape = '"', header = ${named}, auto_detect = false`,
    `columns = {${types}}, nullstr = '', compression = '${compression}'`,
    // Small buffers, so that all threads get some of a file.
    `buffer_size = 8388608, filename = '${fileColumn}'`,
  ];
  return {
    columns,
    dialect: `csv ${delimiter} ${compression} ${named}`,
    linesAbove: named ? 1 : 0,
    relation: (paths) => `read_csv(${sqlPaths(paths)}, ${options.join(', ')})`,
  };
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

// Names must differ whatever their case; nameless columns are common where an index was saved.
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>([fileColumn]);
  return names.map((name, index) => {
    const wanted = name === '' ? `column${index}` : name;
    let free = wanted;
    for (let copy = 1; taken.has(free.toLowerCase()); copy++) free = `${wanted}_${copy}`;
    taken.add(free.toLowerCase());
    return free;
  });
}
