import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { TrainyardError } from './errors.ts';
import { writingFailed } from './outputFiles.ts';

/** A field of CSV, quoted where it must be. */
export function csvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number that reads back exactly; an empty field for NaN. */
export function csvNumber(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/**
 * Writes a header and then parts of text, each some whole lines, without ever holding the file in memory; gzipped
 * when `gzip` is set.
 *
 * @throws TrainyardError of kind `file` naming the path and the remedy.
 */
export async function writeCsv(
  path: string,
  columns: readonly string[],
  parts: Iterable<string>,
  { gzip = false }: { gzip?: boolean } = {},
): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  const stream = gzip ? createGzip({ level: 6 }) : file;
  if (stream !== file) stream.pipe(file);
  const ended = finished(file);
  // Awaited below; a failure in between must not count as unhandled.
  ended.catch(() => {});
  try {
    stream.write(`${columns.map(csvField).join(',')}\n`);
    for (const part of parts) {
      if (!stream.write(part)) await Promise.race([once(stream, 'drain'), ended]);
    }
    stream.end();
    await ended;
  } catch (cause) {
    file.destroy();
    // What made the parts may have failed, or been cancelled.
    throw cause instanceof TrainyardError ? cause : writingFailed(path, cause);
  }
}
