import { usageError } from '../core/errors.ts';
import type { TensorArray, TensorData } from '../graph/dataType.ts';
import { dataTypes, sizeOf } from '../graph/dataType.ts';
import { evaluateDimension, formatShape } from '../graph/dimension.ts';
import type { Graph } from '../graph/graph.ts';
import { writeOnnx } from '../graph/onnx/writeOnnx.ts';
import { simplify } from '../graph/simplify.ts';
import { formatType, type Tensor } from '../graph/tensor.ts';
import type { Backend, Device, Value } from './backend.ts';

/** A graph that is ready to run. */
export interface Program {
  readonly graph: Graph;
  /**
   * Runs the graph once. Runs off the calling thread: the next batch can be prepared meanwhile.
   *
   * @param feeds A value for every input without one; parameters may be fed too.
   * @param into Arrays to write outputs into, by output. They must not be read by the same run.
   * @throws TrainyardError of kind `usage` for feeds that are missing, unknown, or of another type or shape.
   */
  run(
    feeds: Readonly<Record<string, TensorData>>,
    into?: Readonly<Record<string, TensorArray>>,
  ): Promise<Record<string, TensorData>>;
  /** Frees the session; the program cannot run afterwards. Safe to call twice. */
  release(): Promise<void>;
}

/** How to run. */
export interface CompileOptions {
  /** Default: ONNX Runtime for Node. */
  readonly backend?: Backend | undefined;
  /** Threads within an operator; 0 is one a core. Default 0. */
  readonly threads?: number | undefined;
  /** What the operators run on, first choice first. Default `['cpu']`. */
  readonly devices?: readonly Device[] | undefined;
  /**
   * Makes parameters part of the program: it runs faster, as the runtime prepares them, but always with the values they
   * have now; they cannot be fed. Default false.
   */
  readonly fixedParameters?: boolean | undefined;
}

/**
 * Prepares a graph to run.
 *
 * @example
 * const program = await compile(graphOf({ y: matMul(x, weight) }));
 * const { y } = await program.run({ x: tensorData('float32', [1, 2], [1, 2]) });
 */
export async function compile(graph: Graph, options: CompileOptions = {}): Promise<Program> {
  const backend = options.backend ?? (await import('./nodeBackend.ts')).nodeBackend;
  if (!backend)
    throw usageError('browsers need a backend', 'give one: compile(graph, { backend: webBackend(ort) })');
  const { fixedParameters = false } = options;
  const simple = simplify(graph);
  // Parameters that may be fed would not be prepared.
  const model = writeOnnx({ ...simple, details: undefined }, { parameterValues: fixedParameters });
  const session = await backend.createSession(model, options);
  const fed = graph.inputs.filter(({ node }) => !fixedParameters || node.value === undefined);
  const inputs = new Map(fed.map((tensor) => [tensor.node.name ?? '', tensor]));
  const outputs = [...graph.outputs.keys()];
  let released = false;
  return {
    graph,
    async run(feeds, into = {}) {
      if (released) throw usageError('the program was released', 'compile the graph again');
      const unknown = Object.keys(feeds).find((name) => !inputs.has(name));
      if (unknown !== undefined) {
        throw usageError(`no input is called ${unknown}; the inputs are ${[...inputs.keys()].join(', ')}`);
      }
      const sizes = new Map<string, number>();
      const values = new Map<string, Value>();
      for (const [name, tensor] of inputs) values.set(name, checkedFeed(name, tensor, feeds[name], sizes));
      const results = await session.run(values, outputs, outputValues(graph, into, sizes));
      return Object.fromEntries(results);
    },
    async release() {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}

function checkedFeed(
  name: string,
  tensor: Tensor,
  fed: TensorData | undefined,
  sizes: Map<string, number>,
): Value {
  const value = fed ?? tensor.node.value;
  if (!value) throw usageError(`input ${name} is not fed; expected ${formatType(tensor)}`);
  // What its type is only the runtime knows.
  if (tensor.foreign) return value;
  const { dtype, shape, data } = value;
  const problem = () =>
    usageError(
      `input ${name} is fed ${dtype}${formatShape(shape)} with ${data.length} elements; expected ${formatType(tensor)}`,
    );
  if (dtype !== tensor.dtype || shape.length !== tensor.shape.length || data.length !== sizeOf(shape)) {
    throw problem();
  }
  for (const [axis, size] of tensor.shape.entries()) {
    if (typeof size === 'number') {
      if (size !== shape[axis]) throw problem();
      continue;
    }
    const known = sizes.get(size) ?? shape[axis];
    if (known !== shape[axis]) {
      throw usageError(`${size} is ${known} in one input and ${shape[axis]} in ${name}, axis ${axis}`);
    }
    sizes.set(size, known);
  }
  return value;
}

function outputValues(
  graph: Graph,
  into: Readonly<Record<string, TensorArray>>,
  sizes: ReadonlyMap<string, number>,
): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, data] of Object.entries(into)) {
    const tensor = graph.outputs.get(name);
    if (!tensor)
      throw usageError(
        `no output is called ${name}; the outputs are ${[...graph.outputs.keys()].join(', ')}`,
      );
    const shape = tensor.shape.map((size) => evaluateDimension(size, sizes));
    if (shape.some((size) => size === undefined)) {
      throw usageError(`the shape of output ${name}, ${formatType(tensor)}, is not known before the run`);
    }
    const known = shape as number[];
    if (data.length !== sizeOf(known) || data.constructor !== dataTypes[tensor.dtype].create(0).constructor) {
      throw usageError(
        `output ${name} cannot be written into ${data.constructor.name} of ${data.length}; expected ${tensor.dtype}${formatShape(known)}`,
      );
    }
    values.set(name, { dtype: tensor.dtype, shape: known, data });
  }
  return values;
}
