import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openOutputFolder, writeFileAtomically } from './outputFiles.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trainyard-'));
});

describe('openOutputFolder', () => {
  it('shows nothing before commit and everything after', async () => {
    const out = await openOutputFolder(join(root, 'a/b'));
    writeFileSync(out.pathFor('x.csv'), '1');
    expect(existsSync(join(root, 'a/b/x.csv'))).toBe(false);
    expect(await out.commit()).toEqual([join(root, 'a/b/x.csv')]);
    expect(readdirSync(join(root, 'a/b'))).toEqual(['x.csv']);
  });

  it('leaves older files as they were when discarded', async () => {
    writeFileSync(join(root, 'x.csv'), 'old');
    const out = await openOutputFolder(root);
    writeFileSync(out.pathFor('x.csv'), 'new');
    await out.discard();
    expect(readFileSync(join(root, 'x.csv'), 'utf8')).toBe('old');
    expect(readdirSync(root)).toEqual(['x.csv']);
  });

  it('removes a folder it made when discarded', async () => {
    const out = await openOutputFolder(join(root, 'new'));
    await out.discard();
    expect(existsSync(join(root, 'new'))).toBe(false);
  });

  it.skipIf(!existsSync('/proc/self'))('fails where the system lets nobody make folders', async () => {
    await expect(openOutputFolder('/proc/trainyard/result')).rejects.toThrow(
      'cannot write /proc/trainyard/result',
    );
  });

  it('names the path when a file is in the way', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(openOutputFolder(join(root, 'file'))).rejects.toMatchObject({
      kind: 'file',
      message: expect.stringContaining(join(root, 'file')),
    });
  });
});

describe('writeFileAtomically', () => {
  it('replaces the file whole', async () => {
    const path = join(root, 'x.txt');
    writeFileSync(path, 'old');
    await writeFileAtomically(path, (temporary) => writeFile(temporary, 'new'));
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(root)).toEqual(['x.txt']);
  });

  it('keeps the old file and no leftovers when writing fails half-way', async () => {
    const path = join(root, 'x.txt');
    writeFileSync(path, 'old');
    const write = async (temporary: string) => {
      writeFileSync(temporary, 'half');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    await expect(writeFileAtomically(path, write)).rejects.toMatchObject({
      kind: 'file',
      remedy: expect.stringContaining('disk is full'),
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(root)).toEqual(['x.txt']);
  });

  it('refuses a folder as target', async () => {
    await expect(writeFileAtomically(root, async () => {})).rejects.toThrow('it is a folder');
  });
});
