import { rm } from 'node:fs/promises';
import { writeCsv } from '../core/csvText.ts';
import { throwIfCancelled, usageError } from '../core/errors.ts';
import { writeFileAtomically, writingFailed } from '../core/outputFiles.ts';
import { sqlText, withDatabase } from './duckdb.ts';

/** A column of a table to be written. The type matters to Parquet alone. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BIGINT' | 'BOOLEAN' | 'TIMESTAMP' | 'DATE';
}

/** How a table is written. */
interface WriteTableOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a table given as lines of CSV; the ending of the path chooses the form: `.csv`, `.csv.gz` or `.parquet`.
 * The file appears whole or not at all.
 *
 * @param parts Pieces of text, each some whole lines below the header.
 * @throws TrainyardError of kind `usage` for another ending, `file` when it cannot be written.
 */
export async function writeTable(
  path: string,
  columns: readonly WrittenColumn[],
  parts: Iterable<string>,
  { signal }: WriteTableOptions = {},
): Promise<void> {
  assertTablePath(path);
  const names = columns.map(({ name }) => name);
  await writeFileAtomically(path, async (temporary) => {
    if (!path.endsWith('.parquet')) {
      await writeCsv(temporary, names, parts, { gzip: path.endsWith('.gz') });
      return;
    }
    const csv = `${temporary}.csv`;
    try {
      await writeCsv(csv, names, parts);
      await csvToParquet(csv, temporary, columns, { signal });
    } finally {
      await rm(csv, { force: true });
    }
  });
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

/** Copies a CSV of our own into Parquet, its columns typed. */
export async function csvToParquet(
  csv: string,
  parquet: string,
  columns: readonly WrittenColumn[],
  { signal }: WriteTableOptions = {},
): Promise<void> {
  const types = columns.map(({ name, type }) => `${sqlText(name)}: '${type}'`).join(', ');
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
