import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, constants, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError, TrainyardError } from './errors.ts';

/** Files of one result, written aside and put in place together. */
export interface OutputFolder {
  readonly directory: string;
  /** Where to write the file that will be called `name`. */
  pathFor(name: string): string;
  /** Moves every written file to its place, replacing older ones, and returns their paths. */
  commit(): Promise<string[]>;
  /** Removes what was written; safe to call after `commit`. */
  discard(): Promise<void>;
}

/**
 * Opens a folder for results, creating it if needed. Nothing appears in it before `commit`, so a failure or
 * Ctrl-C leaves it as it was.
 *
 * @throws TrainyardError of kind `file` when the folder cannot be made or written.
 */
export async function openOutputFolder(directory: string): Promise<OutputFolder> {
  const existed = await isDirectory(directory);
  const staging = join(directory, `.staging-${randomUUID().slice(0, 8)}`);
  try {
    await makeFolder(directory);
    await access(directory, constants.W_OK);
    await mkdir(staging);
  } catch (cause) {
    throw writingFailed(directory, cause);
  }

  // A second Ctrl-C ends the process before `discard`.
  const removeAtExit = () => rmSync(staging, { recursive: true, force: true });
  process.once('exit', removeAtExit);

  async function discard(): Promise<void> {
    process.off('exit', removeAtExit);
    await rm(staging, { recursive: true, force: true });
    if (!existed) await rmdir(directory).catch(() => {});
  }

  async function commit(): Promise<string[]> {
    const names = (await readdir(staging)).sort();
    const paths: string[] = [];
    for (const name of names) {
      const target = join(directory, name);
      try {
        await rename(join(staging, name), target);
      } catch (cause) {
        throw writingFailed(target, cause);
      }
      paths.push(target);
    }
    await discard();
    return paths;
  }

  return { directory, pathFor: (name) => join(staging, name), commit, discard };
}

/**
 * Writes one file through a temporary neighbour, so that `path` holds either the old content or the whole new one.
 *
 * @example
 * await writeFileAtomically('out/filled.csv', (temporary) => writeFile(temporary, text));
 */
export async function writeFileAtomically(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = resolve(path);
  if (await isDirectory(target)) throw fileError(`cannot write ${path}: it is a folder`, 'name a file');
  const temporary = join(dirname(target), `.${randomUUID().slice(0, 8)}-${basename(target)}`);
  try {
    await makeFolder(dirname(target));
    await write(temporary);
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw cause instanceof TrainyardError ? cause : writingFailed(path, cause);
  }
}

/**
 * Checks, before long work begins, that a file can be written at `path`; makes its folder if needed.
 *
 * @throws TrainyardError of kind `file`.
 */
export async function assertWritable(path: string): Promise<void> {
  const target = resolve(path);
  if (await isDirectory(target)) throw fileError(`cannot write ${path}: it is a folder`, 'name a file');
  try {
    await makeFolder(dirname(target));
    await access(dirname(target), constants.W_OK);
  } catch (cause) {
    throw writingFailed(path, cause);
  }
}

/** Turns a failure of writing to `path` into an error that names the place and the remedy. */
export function writingFailed(path: string, cause: unknown): TrainyardError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const code =
    (cause as NodeJS.ErrnoException | undefined)?.code ??
    /\b(ENOSPC|EFBIG|EACCES|EROFS)\b/.exec(message)?.[0];
  const remedy = writingRemedies[code ?? ''] ?? 'choose another output path';
  // Users know the file by the place it was meant for.
  const target = path.replace(/\.staging-[0-9a-f]{8}[/\\]/, '');
  return fileError(`cannot write ${target}: ${message}`, remedy, cause);
}

const writingRemedies: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space or choose another output path',
  EFBIG: 'the file-size limit was hit: raise it or choose another output path',
  EACCES: 'no permission: choose a folder you may write to',
  EROFS: 'the file system is read-only: choose another output path',
  EEXIST: 'a file of that name is in the way: choose another output path',
  ENOTDIR: 'a file is in the way: choose another output path',
};

/** Makes a folder and those above it. Node's own recursive `mkdir` never returns where the system denies it by ENOENT. */
export async function makeFolder(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  const above = dirname(resolve(path));
  if (above !== resolve(path)) await makeFolder(above);
  await mkdir(path).catch(async (cause) => {
    if (cause.code !== 'EEXIST' || !(await isDirectory(path))) throw cause;
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
