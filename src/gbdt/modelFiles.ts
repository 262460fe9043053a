import { readFile, writeFile } from 'node:fs/promises';
import { fileError } from '../core/errors.ts';
import { writeFileAtomically } from '../core/outputFiles.ts';
import type { Model } from './model.ts';
import { readModel } from './modelReader.ts';
import { writeModel } from './modelText.ts';

/**
 * Loads a model from a text file of LightGBM's format.
 *
 * @throws TrainyardError of kind `file` when it cannot be read, `data` when it is not a model.
 */
export async function loadModel(path: string): Promise<Model> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileError(`cannot read ${path}: ${cause.message}`, 'check the path', cause);
  });
  return readModel(text, path);
}

/** Saves a model as a text file that LightGBM reads too; the file is replaced as a whole or not at all. */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomically(path, (temporary) => writeFile(temporary, writeModel(model)));
}
