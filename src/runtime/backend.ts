import type { DataType, TensorArray } from '../graph/dataType.ts';

/** What runs graphs. The engine above knows nothing else of the machine. */
export interface Backend {
  readonly name: string;
  /**
   * Prepares a model.
   *
   * @param model Bytes of an ONNX model.
   */
  createSession(model: Uint8Array, options: SessionOptions): Promise<Session>;
}

/** How a model runs. */
export interface SessionOptions {
  /** Threads within an operator; 0 is one a core. Default 0. */
  readonly threads?: number | undefined;
  /** What the operators run on, first choice first. Default `['cpu']`. */
  readonly devices?: readonly Device[] | undefined;
}

/** Kinds of processors. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** A prepared model. */
export interface Session {
  /**
   * Runs it once.
   *
   * @param into Arrays to write outputs into; they may lie in one buffer with the inputs, but not overlap them.
   */
  run(
    feeds: ReadonlyMap<string, Value>,
    outputs: readonly string[],
    into?: ReadonlyMap<string, Value>,
  ): Promise<Map<string, Value>>;
  release(): Promise<void>;
}

/** A tensor with its elements, as {@link TensorData} but mutable. */
export interface Value {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: TensorArray;
}
