import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, fileError, usageError } from '../core/errors.ts';
import { sqlText } from './duckdb.ts';

/**
 * Turns paths and glob patterns into the files they name, in the order given, each once.
 *
 * @throws TrainyardError of kind `file` for a path that does not exist or a pattern that matches nothing, of kind
 * `data` for an empty file.
 */
export async function expandPaths(
  connection: DuckDBConnection,
  patterns: readonly string[],
): Promise<string[]> {
  if (patterns.length === 0) throw usageError('no input files', 'name at least one file');
  const paths = new Map<string, string>();
  for (const pattern of patterns) {
    for (const path of await filesOf(connection, pattern)) {
      // The same file named twice would make every reading a duplicate.
      if (!paths.has(resolve(path))) paths.set(resolve(path), path);
    }
  }
  for (const path of paths.values()) {
    if ((await stat(path)).size === 0) {
      throw dataError(`${path} is empty (0 bytes)`, 'download it again or leave it out');
    }
  }
  return [...paths.values()];
}

/** A list of file names in SQL; letters that DuckDB would take for a pattern stand for themselves. */
export function sqlPaths(paths: readonly string[]): string {
  return `[${paths.map((path) => sqlText(path.replace(/[*?[]/g, '[$&]'))).join(', ')}]`;
}

async function filesOf(connection: DuckDBConnection, pattern: string): Promise<string[]> {
  const info = await stat(pattern).catch(() => undefined);
  if (info?.isDirectory()) {
    throw fileError(`${pattern} is a folder`, `name its files, for instance '${pattern}/*.csv'`);
  }
  if (info) return [pattern];
  if (!/[*?[]/.test(pattern)) throw fileError(`no such file: ${pattern}`, 'check the path');
  const found = await connection.runAndReadAll(`SELECT file FROM glob(${sqlText(pattern)}) ORDER BY file`);
  const files = (found.getColumns()[0] ?? []).map(String);
  if (files.length === 0) {
    throw fileError(
      `no file matches ${pattern}`,
      'check the pattern; quote it so that the shell leaves it alone',
    );
  }
  return files;
}
