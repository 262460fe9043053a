import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/** Whether a file begins like gzip, whatever its name says. */
export async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/**
 * The first line of a text file, unzipped where needed, without a byte-order mark; `undefined` when no line ends
 * within four million letters.
 */
export async function firstLine(path: string, gzip: boolean): Promise<string | undefined> {
  const file = createReadStream(path);
  const input = gzip ? file.pipe(createGunzip()) : file;
  // A pipe does not pass on the errors of its source.
  file.on('error', (error) => input.destroy(error));
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of input) {
      text += decoder.decode(chunk as Buffer, { stream: true });
      const end = text.search(/\r?\n/);
      if (end >= 0) return text.slice(0, end);
      if (text.length > 4_000_000) return undefined;
    }
    return text;
  } finally {
    file.destroy();
  }
}
