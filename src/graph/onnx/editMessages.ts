import type { Message } from '@bufbuild/protobuf';
import type { AttributeProto, GraphProto, NodeProto } from './onnxMessages.ts';

/** A message with some fields changed. Defaults of fields live in the prototype, where spreading leaves them behind. */
export function changed<M extends Message>(message: M, fields: Partial<M>): M {
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, fields);
}

/** A node with other names for tensors: of its inputs and outputs, and all through its subgraphs. */
export function renamedNode(node: NodeProto, rename: (name: string) => string): NodeProto {
  const rewritten = (name: string) => (name === '' ? '' : rename(name));
  const named = <M extends Message & { name: string }>(message: M): M =>
    changed(message, { name: rewritten(message.name) } as Partial<M>);
  return changed(node, {
    input: node.input.map(rewritten),
    output: node.output.map(rewritten),
    attribute: node.attribute.map((attribute) =>
      mapGraphs(attribute, (graph) =>
        changed(graph, {
          node: graph.node.map((one) => renamedNode(one, rename)),
          initializer: graph.initializer.map(named),
          sparseInitializer: graph.sparseInitializer.map((one) =>
            one.values ? changed(one, { values: named(one.values) }) : one,
          ),
          input: graph.input.map(named),
          output: graph.output.map(named),
          valueInfo: graph.valueInfo.map(named),
        }),
      ),
    ),
  });
}

/** An attribute with other subgraphs; the same one if it has none. */
export function mapGraphs(
  attribute: AttributeProto,
  change: (graph: GraphProto) => GraphProto,
): AttributeProto {
  const { g, graphs } = attribute;
  if (!g && graphs.length === 0) return attribute;
  return changed(attribute, { ...(g ? { g: change(g) } : {}), graphs: graphs.map(change) });
}

/** The subgraphs of a node. */
export function subgraphsOf({ attribute }: NodeProto): GraphProto[] {
  return attribute.flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs));
}

/** All names that a node's subgraphs give to tensors. */
export function subgraphNames(node: NodeProto): string[] {
  return subgraphsOf(node).flatMap((graph) => [
    ...ownNames(graph),
    ...graph.node.flatMap((one) => [...one.output, ...subgraphNames(one)]),
  ]);
}

/** Names that a node's subgraphs use of what is around them, each once. */
export function capturedNames(node: NodeProto): string[] {
  const captured = new Set<string>();
  for (const graph of subgraphsOf(node)) {
    const known = new Set([...ownNames(graph), ...graph.node.flatMap(({ output }) => output)]);
    const used = [
      ...graph.node.flatMap((one) => [...one.input, ...capturedNames(one)]),
      ...graph.output.map(({ name }) => name),
    ];
    for (const name of used) if (name !== '' && !known.has(name)) captured.add(name);
  }
  return [...captured];
}

function ownNames(graph: GraphProto): string[] {
  return [
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.sparseInitializer.map(({ values }) => values?.name ?? ''),
  ];
}
