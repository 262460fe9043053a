import { nodesOf } from './graph.ts';
import { createNode, type Node, type Tensor } from './tensor.ts';

/** Tensors, or for inputs left out `undefined`. */
export type Operands = readonly (Tensor | undefined)[];

/**
 * Builds graphs anew, node by node in running order. What is not changed, and needs nothing that is, stays the same
 * nodes.
 *
 * @param outputs Tensors to build.
 * @param change Given a node and its new inputs, the tensors that take the place of its outputs; `undefined` to keep
 * the operator as it is.
 * @returns The new tensors, in order.
 */
export function rewrite(
  outputs: readonly Tensor[],
  change: (node: Node, inputs: Operands) => readonly Tensor[] | undefined,
): Tensor[] {
  const replaced = new Map<Tensor, Tensor>();
  const renew = (tensor: Tensor) => replaced.get(tensor) ?? tensor;
  for (const node of nodesOf(outputs)) {
    const inputs = node.inputs.map((tensor) => tensor && renew(tensor));
    const untouched = inputs.every((tensor, i) => tensor === node.inputs[i]);
    const results = change(node, inputs) ?? (untouched ? node.outputs : copyOf(node, inputs).outputs);
    for (const [i, output] of node.outputs.entries()) {
      if (results[i] !== output) replaced.set(output, results[i]);
    }
  }
  return outputs.map(renew);
}

/** The same node on other inputs of the same types. */
export function copyOf(node: Node, inputs: Operands): Node {
  return createNode({ ...node, inputs, types: node.outputs });
}
