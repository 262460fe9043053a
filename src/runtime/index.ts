export type { Backend, Device, Session, SessionOptions, Value } from './backend.ts';
export { type CompileOptions, compile, type Program } from './compile.ts';
export { prefetch } from './prefetch.ts';
export { type OrtWeb, webBackend } from './webBackend.ts';
