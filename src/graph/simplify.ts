import { numbersOf, type TensorData } from './dataType.ts';
import type { Dimension } from './dimension.ts';
import { foldConstant } from './fold.ts';
import { type Graph, isOperation } from './graph.ts';
import { applyOne, integers } from './operator.ts';
import { concat, movement } from './operators/movement.ts';
import { copyOf, type Operands, rewrite } from './rewrite.ts';
import { shapeValuesOf } from './shapeValues.ts';
import {
  type AttributeValue,
  constant,
  constantOperator,
  customGradientOperator,
  type Node,
  type Tensor,
} from './tensor.ts';

/**
 * The same graph with less to do: constants folded, common subexpressions shared, operations that change nothing
 * dropped, custom gradients removed (differentiate first), and shapes read off the graph's inputs instead of tensors
 * that would have to be kept for it. Nothing that could change a result in its last bit.
 */
export function simplify(graph: Graph): Graph {
  const names = [...graph.outputs.keys()];
  const sizes = sizeSources(graph.inputs);
  const known = new Map<string, readonly Tensor[]>();
  const share = (node: Node): readonly Tensor[] => {
    const key = keyOf(node);
    const before = key === undefined ? undefined : known.get(key);
    if (key !== undefined && !before) known.set(key, node.outputs);
    return before ?? node.outputs;
  };
  const outputs = rewrite([...graph.outputs.values()], (node, inputs) => {
    if (node.operator === constantOperator) return share(node);
    if (!isOperation(node)) return undefined;
    const through = handedOn(node, inputs);
    if (through) return [through];
    const renewed = inputs.every((tensor, i) => tensor === node.inputs[i]) ? node : copyOf(node, inputs);
    const folded = foldConstant(renewed);
    if (folded) return share(constant(folded).node);
    const read =
      renewed.operator === movement.Shape.name ? shapeFromInputs(renewed, sizes, share) : undefined;
    return read ? [read] : share(renewed);
  });
  return { ...graph, outputs: new Map(outputs.map((tensor, i) => [names[i], tensor])) };
}

/** The input that a node hands on unchanged, if it does. */
function handedOn(node: Node, [first, second]: Operands): Tensor | undefined {
  const [output] = node.outputs;
  const sameType = first?.dtype === output.dtype && String(first.shape) === String(output.shape);
  return sameType && passive[node.operator]?.(node, second) ? first : undefined;
}

/** Operators that may change nothing, and when that is so, given that the first input has the output's type. */
const passive: Readonly<Record<string, (node: Node, second: Tensor | undefined) => boolean>> = {
  [customGradientOperator]: () => true,
  Identity: () => true,
  Cast: () => true,
  Expand: () => true,
  // A shape that only running tells may be there for its timing: rematerialisation.
  Reshape: (_, shape) => shape !== undefined && shapeValuesOf(shape) !== undefined,
  Transpose: ({ attributes: { perm } }) => Array.isArray(perm) && perm.every((axis, i) => axis === i),
  Concat: ({ inputs }) => inputs.length === 1,
  Sum: ({ inputs }) => inputs.length === 1,
  Mul: (_, factor) => isAll(factor, 1),
  Div: (_, divisor) => isAll(divisor, 1),
  Sub: (_, subtrahend) => isAll(subtrahend, 0),
};

// x - 0 and x * 1 are x whatever x is; x + 0 is not where x is -0.
function isAll(tensor: Tensor | undefined, number: number): boolean {
  const value = tensor?.node.operator === constantOperator ? tensor.node.value : undefined;
  return value !== undefined && value.data.length === 1 && numbersOf(value)[0] === number;
}

/** Where the size behind a name can be read: an axis of an input. */
function sizeSources(inputs: readonly Tensor[]): ReadonlyMap<Dimension, { input: Tensor; axis: number }> {
  const sources = new Map<Dimension, { input: Tensor; axis: number }>();
  for (const input of inputs) {
    for (const [axis, size] of input.shape.entries()) {
      if (typeof size === 'string' && !sources.has(size)) sources.set(size, { input, axis });
    }
  }
  return sources;
}

function shapeFromInputs(
  node: Node,
  sources: ReadonlyMap<Dimension, { input: Tensor; axis: number }>,
  share: (node: Node) => readonly Tensor[],
): Tensor | undefined {
  const values = shapeValuesOf(node.outputs[0]);
  const [from] = node.inputs;
  if (!values || !from || !isOperation(from.node)) return undefined;
  if (!values.every((size) => typeof size === 'number' || sources.has(size))) return undefined;
  const parts = values.map((size) => {
    const source = sources.get(size);
    if (!source) return integers([Number(size)]);
    const read = applyOne(movement.Shape, [source.input], { start: source.axis, end: source.axis + 1 });
    return share(read.node)[0];
  });
  return parts.length === 1 ? parts[0] : share(concat(parts, 0).node)[0];
}

/** Equal for nodes that compute the same; `undefined` for those that are never shared. */
function keyOf(node: Node): string | undefined {
  if (node.operator === constantOperator) {
    if (!node.value || node.value.data.length > 64) return undefined;
    return `constant ${formatValue(node.value)}`;
  }
  if (node.foreign) return undefined;
  const inputs = node.inputs.map((tensor) => (tensor ? `${tensor.node.id}.${tensor.index}` : '-'));
  const attributes = Object.entries(node.attributes)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${formatAttribute(value as AttributeValue)}`);
  return [node.operator, ...inputs, ...attributes].join(' ');
}

function formatAttribute(value: AttributeValue): string {
  return typeof value === 'object' && 'data' in value ? formatValue(value) : JSON.stringify(value);
}

function formatValue({ dtype, shape, data }: TensorData): string {
  // NaNs and negative zeros must not be taken for other numbers.
  const elements = Array.from(data as ArrayLike<unknown>, (one) => (Object.is(one, -0) ? '-0' : String(one)));
  return `${dtype}[${shape}]{${elements}}`;
}
