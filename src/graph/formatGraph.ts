import { numbersOf, type TensorData } from './dataType.ts';
import { formatShape } from './dimension.ts';
import { type Graph, isOperation, nodesOf } from './graph.ts';
import { type AttributeValue, constantOperator, formatType, type Node, type Tensor } from './tensor.ts';

/**
 * The graph as text, one node a line:
 *
 * ```
 * graph model(x: float32[batch, 2], weight: float32[2, 1] = …)
 *   %1 = MatMul(x, weight) : float32[batch, 1]
 *   y = Relu(%1) : float32[batch, 1]
 * ```
 */
export function formatGraph(graph: Graph): string {
  const nodes = nodesOf([...graph.outputs.values()]);
  const names = new Map<Tensor, string>(graph.inputs.map((tensor) => [tensor, tensor.node.name ?? '']));
  const aliases: string[] = [];
  for (const [name, tensor] of graph.outputs) {
    if (names.has(tensor) || !isOperation(tensor.node)) aliases.push(name);
    else names.set(tensor, name);
  }
  let counter = 0;
  const nameOf = (tensor: Tensor | undefined): string => {
    if (!tensor) return '-';
    const { node } = tensor;
    if (node.operator === constantOperator && node.value) return formatConstant(node.value);
    const name = names.get(tensor) ?? `%${++counter}`;
    names.set(tensor, name);
    return name;
  };
  const inputs = graph.inputs.map(
    (tensor) => `${nameOf(tensor)}: ${formatType(tensor)}${tensor.node.value ? ' = …' : ''}`,
  );
  const lines = nodes.filter(isOperation).map((node) => formatNode(node, nameOf));
  const copies = aliases.map((name) => `  ${name} = ${nameOf(graph.outputs.get(name))}`);
  return [`graph ${graph.name}(${inputs.join(', ')})`, ...lines, ...copies].join('\n');
}

/**
 * What an operation is applied to: its constants and attributes, other tensors by their types.
 *
 * @internal
 */
export function formatArguments(node: Node): string {
  return argumentsOf(node, (tensor) => {
    if (!tensor) return '-';
    const { operator, value } = tensor.node;
    return operator === constantOperator && value ? formatConstant(value) : formatType(tensor);
  });
}

function formatNode(node: Node, nameOf: (tensor: Tensor | undefined) => string): string {
  const operands = argumentsOf(node, nameOf);
  const results = node.outputs.map(nameOf).join(', ');
  const types = node.outputs.map(formatType).join(', ');
  return `  ${results} = ${node.operator}(${operands}) : ${types}`;
}

function argumentsOf(node: Node, nameOf: (tensor: Tensor | undefined) => string): string {
  const attributes = Object.entries(node.attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${formatAttribute(value)}`],
  );
  return [...node.inputs.map(nameOf), ...attributes].join(', ');
}

function formatAttribute(value: AttributeValue): string {
  if (typeof value === 'object' && 'data' in value) return formatConstant(value);
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

function formatConstant(value: TensorData): string {
  if (Array.isArray(value.data)) return `strings${formatShape(value.shape)}`;
  if (value.data.length > 8) return `${value.dtype}${formatShape(value.shape)}{…}`;
  const numbers = [...numbersOf(value)].join(', ');
  return value.shape.length === 0 ? numbers : `[${numbers}]`;
}
