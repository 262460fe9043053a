import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { TrainyardError } from '../../core/errors.ts';
import type { Panel } from '../panel.ts';
import { formatTime } from '../timeText.ts';

/** A folder for the files of one test file, removed after its tests. */
export function temporaryFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-files-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    /** Writes a file and returns its path; lines may come as a list, and `.gz` compresses. */
    write(name: string, content: string | Uint8Array | readonly string[]): string {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      const data = Array.isArray(content) ? `${content.join('\n')}\n` : (content as string | Uint8Array);
      writeFileSync(path, name.endsWith('.gz') && typeof data === 'string' ? gzipSync(data) : data);
      return path;
    },
  };
}

/** Observed cells of a panel: `{ 'id': { 'YYYY-MM-DD HH:MM:SS': value } }`. */
export function cellsOf(panel: Panel): Record<string, Record<string, number>> {
  return Object.fromEntries(
    panel.series.map(({ id, values }) => [
      id,
      Object.fromEntries(
        [...values].flatMap((value, index) =>
          Number.isNaN(value) ? [] : [[formatTime(panel.start + index * panel.step), value]],
        ),
      ),
    ]),
  );
}

/** What an expected failure tells the user. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<Pick<TrainyardError, 'kind' | 'message' | 'remedy'>> {
  const error = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TrainyardError)) throw error;
  return { kind: error.kind, message: error.message, remedy: error.remedy };
}
