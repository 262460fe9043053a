import type { Node, Tensor } from './tensor.ts';
import { constantOperator, inputOperator } from './tensor.ts';

/** What to compute: named outputs, and what they are computed from. */
export interface Graph {
  readonly name: string;
  /** Inputs that are fed, then parameters, in the order that they are fed and exported in. */
  readonly inputs: readonly Tensor[];
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly details?: ModelDetails | undefined;
}

/** What an ONNX file says of a model besides what it computes: kept from reading to writing. */
export interface ModelDetails {
  readonly producerName?: string | undefined;
  readonly producerVersion?: string | undefined;
  readonly domain?: string | undefined;
  readonly modelVersion?: bigint | undefined;
  readonly description?: string | undefined;
  readonly graphDescription?: string | undefined;
  /** Texts by key, free to use. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Parameters that users of the file may feed in place of their values. */
  readonly overridable?: readonly string[] | undefined;
  /** Names of sizes in the file, by what they are called here, where that is not the same. */
  readonly sizeNames?: Readonly<Record<string, string>> | undefined;
}

/**
 * The graph of some outputs. Inputs that no output needs are left out, unless they are given in `inputs`, which also
 * sets their order.
 *
 * @example
 * const graph = graphOf({ loss });
 */
export function graphOf(
  outputs: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  {
    name = 'trainyard',
    inputs = [],
    details,
  }: { name?: string; inputs?: readonly Tensor[]; details?: ModelDetails | undefined } = {},
): Graph {
  const named = outputs instanceof Map ? outputs : new Map(Object.entries(outputs));
  const reached = nodesOf(named.values())
    .filter(({ operator }) => operator === inputOperator)
    .map((node) => node.outputs[0]);
  return { name, inputs: [...new Set([...inputs, ...reached])], outputs: named, details };
}

/** All nodes that some tensors need, in an order in which they can run: as they were made. */
export function nodesOf(tensors: Iterable<Tensor>): Node[] {
  const found = new Set<Node>();
  const open = [...tensors].map(({ node }) => node);
  for (let node = open.pop(); node; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    for (const tensor of node.inputs) if (tensor && !found.has(tensor.node)) open.push(tensor.node);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** Inputs that have a value: what training changes. */
export function parametersOf({ inputs }: Graph): Tensor[] {
  return inputs.filter(({ node }) => node.value !== undefined);
}

/** Whether a node computes something, rather than being fed or constant. */
export function isOperation({ operator }: Node): boolean {
  return operator !== inputOperator && operator !== constantOperator;
}
