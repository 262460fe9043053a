import { type FileHandle, open } from 'node:fs/promises';
import { fileError, TrainyardError, usageError } from '../core/errors.ts';
import { writeFileAtomically } from '../core/outputFiles.ts';
import type { TensorData } from '../graph/dataType.ts';
import {
  type Safetensors,
  safetensorsHeader,
  safetensorsHeaderBytes,
  safetensorsParts,
  tensorOfEntry,
} from './safetensors.ts';

/**
 * Writes tensors as a safetensors file, of any size. Nothing appears at `path` before all is written.
 *
 * @param metadata Texts to keep with them.
 * @example
 * await saveSafetensors('weights.safetensors', step.parameters());
 */
export async function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const parts = safetensorsParts(tensors, metadata);
  await writeFileAtomically(path, async (temporary) => {
    const file = await open(temporary, 'w');
    try {
      for (const part of parts) await writePart(file, part);
    } finally {
      await file.close();
    }
  });
}

/**
 * Reads a safetensors file, or some of its tensors.
 *
 * @param names Default: all.
 * @throws TrainyardError of kind `file` for files that cannot be read, `data` for what is no such file, `usage` for
 * names that it has not.
 */
export async function loadSafetensors(
  path: string,
  { names }: { readonly names?: readonly string[] | undefined } = {},
): Promise<Safetensors> {
  const file = await open(path).catch((cause) => {
    throw fileError(`cannot read ${path}: ${messageOf(cause)}`, 'check the path', cause);
  });
  try {
    const { size } = await file.stat();
    const length = safetensorsHeaderBytes(await readPart(file, 0, Math.min(8, size)), size);
    const { entries, metadata } = safetensorsHeader(await readPart(file, 0, length), size);
    const tensors: [name: string, value: TensorData][] = [];
    for (const name of names ?? entries.keys()) {
      const entry = entries.get(name);
      if (!entry)
        throw usageError(`no tensor is called ${name}; there are ${[...entries.keys()].join(', ')}`);
      const bytes = await readPart(file, entry.start, entry.end - entry.start);
      tensors.push([name, tensorOfEntry(entry, bytes)]);
    }
    return { tensors: Object.fromEntries(tensors), metadata };
  } catch (cause) {
    if (!(cause instanceof TrainyardError)) {
      throw fileError(`cannot read ${path}: ${messageOf(cause)}`, 'name a safetensors file', cause);
    }
    throw new TrainyardError(cause.kind, `${path}: ${cause.message}`, cause.remedy, { cause });
  } finally {
    await file.close();
  }
}

// One call takes 2 GiB at most.
const chunk = 2 ** 30;

async function writePart(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, Math.min(chunk, bytes.length - done))).bytesWritten;
  }
}

async function readPart(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(chunk, length - done), start + done);
    if (bytesRead === 0) throw fileError('the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
