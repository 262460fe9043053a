// The folder that holds the floors: src/ or dist/.
const ours = new URL('..', import.meta.url).href;

/**
 * The first line of a stack trace that is not in this package: where the user called us, as `file:line:column`.
 *
 * @returns `undefined` where the trace does not tell.
 */
export function userLine(stack: string | undefined): string | undefined {
  for (const frame of stack?.split('\n') ?? []) {
    const place = /((?:file|https?):\/\/[^\s)]+|(?:\/|[A-Za-z]:\\)[^\s)]+):(\d+):(\d+)/.exec(frame);
    if (!place) continue;
    const [, file, line, column] = place;
    const url = file.includes('://') ? file : `file://${file}`;
    if (url.startsWith(ours) && !/\.test\.[jt]s$/.test(url)) continue;
    if (url.includes('/node:internal/')) continue;
    return `${decodeURIComponent(url.slice(url.lastIndexOf('/') + 1))}:${line}:${column}`;
  }
  return undefined;
}
