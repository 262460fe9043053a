import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { dataError, fileError, TrainyardError } from '../core/errors.ts';
import type { Graph } from '../graph/graph.ts';
import { readOnnx } from '../graph/onnx/readOnnx.ts';
import type { ReadExternal } from '../graph/onnx/tensorMessage.ts';

/**
 * Reads an ONNX file, and the files of its weights if it has any; see {@link readOnnx}.
 *
 * @throws TrainyardError of kind `file` for files that cannot be read, `data` for what is no ONNX model, and for weights
 * said to be outside the model's folder.
 * @example
 * const graph = await loadOnnx('model.onnx');
 */
export async function loadOnnx(path: string): Promise<Graph> {
  const bytes = await readFile(path).catch((cause) => {
    throw fileError(`cannot read ${path}: ${messageOf(cause)}`, 'check the path', cause);
  });
  try {
    return readOnnx(bytes, { readExternal: filesBeside(path) });
  } catch (cause) {
    if (!(cause instanceof TrainyardError)) throw cause;
    throw new TrainyardError(cause.kind, `${path}: ${cause.message}`, cause.remedy, { cause });
  }
}

/** Reads parts of files in the folder of a model, and of no other. */
function filesBeside(path: string): ReadExternal {
  const folder = resolve(dirname(path));
  return (location, offset, length) => {
    const outside = dataError(
      `weights are said to be in ${JSON.stringify(location)}, outside the folder of the model`,
      'do not trust this file',
    );
    const inside = (target: string, base: string) => {
      const way = relative(base, target);
      return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
    };
    const target = resolve(folder, location);
    if (isAbsolute(location) || location.includes('\0') || !inside(target, folder)) throw outside;
    let file: number;
    try {
      // A link may lead out of the folder.
      if (!inside(realpathSync(target), realpathSync(folder))) throw outside;
      file = openSync(target, 'r');
    } catch (cause) {
      if (cause instanceof TrainyardError) throw cause;
      throw fileError(
        `cannot read the weights in ${location}: ${messageOf(cause)}`,
        'copy all files of the model',
        cause,
      );
    }
    try {
      const { size } = fstatSync(file);
      const end = length === undefined ? size : offset + length;
      if (end > size || offset > size) {
        throw dataError(
          `${location} has ${size} bytes; weights are said to be at ${offset} to ${end}`,
          'check that the file was copied whole',
        );
      }
      return readPart(file, offset, end - offset);
    } finally {
      closeSync(file);
    }
  };
}

function readPart(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    // One call reads 2 GiB at most.
    const count = readSync(file, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
    if (count === 0) throw fileError('a file of weights became shorter while it was read');
    done += count;
  }
  return bytes;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
