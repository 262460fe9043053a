/** What went wrong, in the terms a caller can act on; decides the exit code of the command line. */
export type ErrorKind = 'usage' | 'data' | 'file' | 'network' | 'cancelled';

/**
 * Every error Trainyard throws on purpose. The message is one lower-case line: what is wrong, the value found,
 * what was expected, and where; `remedy` says how to fix it.
 *
 * @example
 * throw new TrainyardError('usage', 'invalid horizon: 0; expected an integer of at least 1', 'pass --horizon 48');
 */
export class TrainyardError extends Error {
  readonly kind: ErrorKind;
  readonly remedy: string | undefined;

  constructor(kind: ErrorKind, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TrainyardError';
    this.kind = kind;
    this.remedy = remedy;
  }
}

/** A wrong option or argument. */
export function usageError(message: string, remedy?: string): TrainyardError {
  return new TrainyardError('usage', message, remedy);
}

/** Data that cannot be used as it is; name the file, row, column or series. */
export function dataError(message: string, remedy?: string): TrainyardError {
  return new TrainyardError('data', message, remedy);
}

/** A file or folder that cannot be read or written. */
export function fileError(message: string, remedy?: string, cause?: unknown): TrainyardError {
  return new TrainyardError('file', message, remedy, { cause });
}

/** A remote source that failed after its retries. */
export function networkError(message: string, remedy?: string, cause?: unknown): TrainyardError {
  return new TrainyardError('network', message, remedy, { cause });
}

/** Work stopped by an `AbortSignal`; what was finished is kept. */
export function cancelledError(message = 'cancelled', remedy?: string): TrainyardError {
  return new TrainyardError('cancelled', message, remedy);
}

/** Throws {@link cancelledError} once the signal is aborted; call it between units of work. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelledError();
}
