export { type ErrorKind, TrainyardError } from './core/errors.ts';
export type { Progress, ProgressCallback } from './core/progress.ts';
export { type RandomStream, randomStream } from './core/random.ts';
export { packageVersion } from './core/version.ts';
