import { once } from 'node:events';

/** Writes pieces of text to stdout as fast as its reader takes them; ends early where the reader has gone. */
export async function writeToStdout(...sources: readonly Iterable<string>[]): Promise<void> {
  const { stdout } = process;
  let closed = false;
  // `| head` closes the pipe once it has seen enough, which is no failure.
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
    stdout.emit('drain');
  };
  stdout.on('error', onError);
  try {
    for (const source of sources) {
      for (const piece of source) {
        if (closed) return;
        if (!stdout.write(piece)) await once(stdout, 'drain').catch(() => {});
      }
    }
    await new Promise<void>((resolve) => stdout.write('', () => resolve()));
  } finally {
    if (!closed) stdout.off('error', onError);
  }
}
