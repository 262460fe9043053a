import { usageError } from '../core/errors.ts';
import { dataTypes } from '../graph/dataType.ts';
import { evaluateDimension } from '../graph/dimension.ts';
import { type Graph, isOperation, nodesOf } from '../graph/graph.ts';
import { runningOrder } from '../graph/onnx/writeOnnx.ts';
import { activation } from '../graph/operators/activation.ts';
import { elementwise } from '../graph/operators/elementwise.ts';
import { simplify } from '../graph/simplify.ts';
import { formatType, type Node, type Tensor } from '../graph/tensor.ts';

/** What a run of a graph needs, in bytes. */
export interface MemoryPlan {
  /** Largest sum of what lives at one time, inputs and outputs that are written into given arrays excepted. */
  readonly peak: number;
  /** The node that runs then. */
  readonly at: Node | undefined;
  /** Bytes alive while each node runs, in running order. */
  readonly curve: Float64Array;
}

/**
 * The memory that running a graph takes beyond its inputs, before it is run: nodes in the order of ONNX Runtime, each
 * result from the node that makes it to the last one that reads it, element-wise operators in place where they can.
 *
 * @param sizes What named dimensions stand for.
 * @param into Outputs that are written into arrays given.
 * @throws TrainyardError of kind `usage` for tensors whose size is not known.
 * @example
 * const { peak } = planMemory(graphOf({ loss }), new Map([['batch', 8]]));
 */
export function planMemory(
  graph: Graph,
  sizes: ReadonlyMap<string, number>,
  into: ReadonlySet<string> = new Set(),
): MemoryPlan {
  const simple = simplify(graph);
  const order = executionOrder([...simple.outputs.values()]);
  const given = new Set([...simple.outputs].filter(([name]) => into.has(name)).map(([, tensor]) => tensor));
  const kept = new Set(simple.outputs.values());
  const readers = new Map<Tensor, number>();
  for (const node of order) {
    for (const tensor of new Set(node.inputs))
      if (tensor) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const curve = new Float64Array(order.length);
  let alive = 0;
  let peak = 0;
  let at: Node | undefined;
  for (const [step, node] of order.entries()) {
    const inputs = [...new Set(node.inputs)].filter((tensor) => tensor !== undefined);
    const dying = inputs.filter((tensor) => {
      const left = (readers.get(tensor) ?? 0) - 1;
      readers.set(tensor, left);
      return left === 0 && isOperation(tensor.node) && !kept.has(tensor);
    });
    for (const output of node.outputs) {
      if (!given.has(output) && (readers.has(output) || kept.has(output))) alive += bytesOf(output, sizes);
    }
    const heir =
      inPlace.has(node.operator) && !given.has(node.outputs[0])
        ? dying.find((tensor) => bytesOf(tensor, sizes) === bytesOf(node.outputs[0], sizes))
        : undefined;
    const reused = heir ? bytesOf(heir, sizes) : 0;
    curve[step] = alive - reused;
    if (curve[step] > peak) {
      peak = curve[step];
      at = node;
    }
    for (const tensor of dying) alive -= bytesOf(tensor, sizes);
  }
  return { peak, at, curve };
}

/** Operators that may write their result over an input that nothing needs any more. */
const inPlace: ReadonlySet<string> = new Set([
  ...Object.keys(elementwise).filter((name) => name !== 'Where' && name !== 'Cast'),
  ...Object.keys(activation),
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Softmax', 'LogSoftmax'],
]);

/**
 * The order in which ONNX Runtime runs a file: back from the nodes that nothing reads, the last in the file first, and
 * among inputs the last first (`Graph::ReverseDFSFrom`).
 */
function executionOrder(outputs: readonly Tensor[]): Node[] {
  const written = runningOrder(nodesOf(outputs).filter(isOperation));
  const place = new Map(written.map((node, i) => [node, i]));
  const read = new Set(written.flatMap(({ inputs }) => inputs.map((tensor) => tensor?.node)));
  const open = written.filter((node) => !read.has(node)).map((node) => ({ node, isDone: false }));
  const seen = new Set<Node>();
  const order: Node[] = [];
  for (let top = open.pop(); top; top = open.pop()) {
    const { node, isDone } = top;
    if (isDone) order.push(node);
    if (isDone || seen.has(node)) continue;
    seen.add(node);
    open.push({ node, isDone: true });
    const before = [...new Set(node.inputs.map((tensor) => tensor?.node))].filter(
      (one) => one !== undefined && place.has(one) && !seen.has(one),
    );
    before.sort((a, b) => (place.get(a as Node) ?? 0) - (place.get(b as Node) ?? 0));
    for (const one of before) open.push({ node: one as Node, isDone: false });
  }
  return order;
}

function bytesOf(tensor: Tensor, sizes: ReadonlyMap<string, number>): number {
  return tensor.shape.reduce<number>((bytes, dimension) => {
    const size = evaluateDimension(dimension, sizes);
    if (size !== undefined) return bytes * size;
    throw usageError(`the size ${dimension} of ${formatType(tensor)} is not known before the run`);
  }, dataTypes[tensor.dtype].bytes);
}
