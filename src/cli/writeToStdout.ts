import { once } from 'node:events';

/** Writes pieces of text to stdout no faster than its reader takes them. */
export async function writeToStdout(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}
