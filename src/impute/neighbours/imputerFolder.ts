import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainyardError } from '../../core/errors.ts';
import { makeFolder, writeFileAtomically, writingFailed } from '../../core/outputFiles.ts';
import type { Model } from '../../gbdt/model.ts';
import { readModel } from '../../gbdt/modelReader.ts';
import { writeModel } from '../../gbdt/modelText.ts';

/** Which model a file holds. */
export interface ImputerEntry {
  /** The step with all its options. */
  readonly label: string;
  readonly id: string;
  /** Of the data and settings it was trained with. */
  readonly key: string;
}

/** A folder of trained models. */
export interface ImputerFolder {
  /**
   * The saved model of a series, or why there is none to use.
   *
   * @param key The key it must have; any if `undefined`.
   */
  find(
    label: string,
    id: string,
    key: string | undefined,
  ): Promise<{ readonly model?: Model; readonly warning?: string }>;
  save(entry: ImputerEntry, model: Model): Promise<void>;
}

/**
 * Opens a folder of models, making it if need be. A file a model: a line of JSON that says which it is and holds a sum
 * of the rest, then LightGBM's text format.
 */
export async function openImputerFolder(directory: string): Promise<ImputerFolder> {
  await makeFolder(directory).catch((cause) => {
    throw writingFailed(directory, cause);
  });
  const pathOf = (label: string, id: string) => join(directory, fileNameOf(label, id));
  return {
    async find(label, id, key) {
      const path = pathOf(label, id);
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) return {};
      const damaged = { warning: `${path} is damaged; its model is trained anew` };
      const end = text.indexOf('\n');
      const body = text.slice(end + 1);
      const head = parseHead(text.slice(0, Math.max(0, end)));
      if (head?.sum !== digest(body)) return damaged;
      if (head.label !== label || head.id !== id || (key !== undefined && head.key !== key)) return {};
      try {
        return { model: readModel(body, path) };
      } catch (error) {
        if (error instanceof TrainyardError) return damaged;
        throw error;
      }
    },
    async save(entry, model) {
      const body = writeModel(model);
      const text = `${JSON.stringify({ ...entry, sum: digest(body) })}\n${body}`;
      await writeFileAtomically(pathOf(entry.label, entry.id), (temporary) => writeFile(temporary, text));
    },
  };
}

function parseHead(line: string): (ImputerEntry & { sum: string }) | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

// Ids may hold what file systems do not take; the digest keeps apart what is the same without it.
function fileNameOf(label: string, id: string): string {
  return `${id.replace(/[^\p{L}\p{N}._-]/gu, '_').slice(0, 80)}-${digest(JSON.stringify([label, id])).slice(0, 12)}.txt`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
