export type { Backend, Device, Session, SessionOptions, Value } from './backend.ts';
export { type CompileOptions, compile, type Program } from './compile.ts';
