import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, TrainyardError } from '../core/errors.ts';
import { type CsvOptions, openCsv } from './csvSource.ts';
import type { FileSource } from './fileSource.ts';
import { isGzip } from './firstBytes.ts';
import { openTsf } from './tsfSource.ts';
import { openTyped } from './typedSource.ts';

/**
 * Finds out how a file is read and which columns it has: Parquet, JSON and `.tsf` by the name, anything else is CSV.
 *
 * @throws TrainyardError of kind `data` when it cannot be read at all, naming the file.
 */
export async function openSource(
  connection: DuckDBConnection,
  path: string,
  options: CsvOptions = {},
): Promise<FileSource> {
  const extension = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  try {
    if (extension === 'tsf') return await openTsf(path);
    if (extension === 'parquet') return await openTyped(connection, path, 'read_parquet');
    if (/^(json|jsonl|ndjson)$/.test(extension)) return await openTyped(connection, path, 'read_json_auto');
    return await openCsv(path, options);
  } catch (error) {
    throw readingFailed(path, error);
  }
}

/**
 * Reads a gzip file to its end and throws when it is broken or cut short, which DuckDB does not always notice.
 * Other files pass.
 */
export async function verifyGzip(path: string, signal?: AbortSignal): Promise<void> {
  if (!(await isGzip(path))) return;
  const nowhere = new Writable({ write: (_chunk, _encoding, next) => next() });
  await pipeline(createReadStream(path), createGunzip(), nowhere, signal ? { signal } : {}).catch((error) => {
    if (signal?.aborted) return;
    throw readingFailed(path, error);
  });
}

/** Turns a failure to read a file into an error that names it and a remedy. */
export function readingFailed(path: string, error: unknown): Error {
  if (error instanceof TrainyardError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const summary = message.split('\n')[0].replace(/^(Invalid Input|IO|Conversion|Binder) Error:\s*/, '');
  if (/^Z_|ERR_ZLIB/.test(code) || /gzip|decompress|miniz/i.test(message)) {
    return dataError(
      `cannot read ${path}: the gzip data is broken or cut short (${summary})`,
      'download it again',
    );
  }
  const row = /line:?\s*(\d+)/i.exec(message)?.[1];
  const place = row ? `${path}, row ${row}` : path;
  if (/expected number of columns|column count/i.test(message)) {
    return dataError(
      `cannot read ${place}: the row has another number of columns than the header`,
      'look for a cut or doubled line, another delimiter, or two files joined into one',
    );
  }
  if (/unicode|utf-?8/i.test(message)) {
    return dataError(`cannot read ${place}: the text is not UTF-8`, 'save the file as UTF-8');
  }
  if (/unterminated quote/i.test(message)) {
    return dataError(`cannot read ${place}: a quote is never closed`, 'close or remove the quote');
  }
  return dataError(
    `cannot read ${path}: ${summary}`,
    'check that the file is whole and is CSV, JSON lines, Parquet or .tsf',
  );
}
