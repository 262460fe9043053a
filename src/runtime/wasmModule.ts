/** Bytes of WebAssembly instructions. */
export type Code = readonly number[];

type ValueType = 'i32' | 'f32' | 'v128';

type Lanes = 'f32' | 'f32x4';

/**
 * A module of one function `run` without results, on the memory that it imports as `host.memory`.
 *
 * Binary format: https://webassembly.github.io/spec/core/binary/
 */
export function encodeModule(parts: {
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}): Uint8Array<ArrayBuffer> {
  const types = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
  const locals = parts.locals.map((type) => [1, types[type]]);
  const code = [...vector(locals), ...parts.body, 0x0b];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...vector(parts.parameters.map((type) => [types[type]])), 0]])),
    ...section(2, vector([[...text('host'), ...text('memory'), 2, 0, 0]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...text('run'), 0, 0]])),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}

/** The instructions that kernels are made of. */
export const instruction = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  setConstant: (local: number, value: number): Code => [0x41, ...signed(value), 0x21, ...unsigned(local)],
  shiftLeft: (bits: number): Code => [0x41, ...signed(bits), 0x74],
  andConstant: (mask: number): Code => [0x41, ...signed(mask), 0x71],
  addIntegers: (): Code => [0x6a],
  constant: (value: number): Code => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)],
  spread: (lanes: Lanes): Code => (lanes === 'f32' ? [] : [0xfd, 0x13]),
  load: (lanes: Lanes): Code => (lanes === 'f32' ? [0x2a, 2, 0] : [0xfd, 0, 2, 0]),
  store: (lanes: Lanes): Code => (lanes === 'f32' ? [0x38, 2, 0] : [0xfd, 11, 2, 0]),
  compute: (operation: keyof typeof operations, lanes: Lanes): Code => {
    const [single, four] = operations[operation];
    return lanes === 'f32' ? [single] : [0xfd, ...unsigned(four)];
  },
  /** Runs the body and adds to a local as long as the local is less than another. */
  loopWhileLess: (local: number, end: number, step: number, body: Code): Code => [
    ...[0x02, 0x40, 0x03, 0x40],
    ...[...instruction.get(local), ...instruction.get(end), 0x4f, 0x0d, 1],
    ...body,
    ...[...instruction.get(local), 0x41, ...signed(step), 0x6a, ...instruction.set(local)],
    ...[0x0c, 0, 0x0b, 0x0b],
  ],
} as const;

/** Opcodes on one float and on four. */
const operations = {
  add: [0x92, 0xe4],
  sub: [0x93, 0xe5],
  mul: [0x94, 0xe6],
  div: [0x95, 0xe7],
  min: [0x96, 0xe8],
  max: [0x97, 0xe9],
  sqrt: [0x91, 0xe3],
  abs: [0x8b, 0xe0],
  neg: [0x8c, 0xe1],
} as const;

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return vector([...new TextEncoder().encode(value)].map((byte) => [byte]));
}

// LEB128, seven bits a byte.
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const low = value & 127;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return done ? [low] : [low | 128, ...signed(rest)];
}
