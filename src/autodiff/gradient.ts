import { usageError } from '../core/errors.ts';
import { isFloat } from '../graph/dataType.ts';
import { formatShape } from '../graph/dimension.ts';
import { nodesOf } from '../graph/graph.ts';
import { sum } from '../graph/operators/elementwise.ts';
import { full } from '../graph/operators/movement.ts';
import { constant, formatType, type Node, type Tensor } from '../graph/tensor.ts';
import { leavesOf, mapTree, type TensorTree } from '../graph/tensorTree.ts';
import { userLine } from '../graph/userLine.ts';
import type { GradientRule } from './gradientRule.ts';
import { gradientTable } from './gradientTable.ts';

/**
 * The gradient of a scalar with respect to tensors that it was computed from, as further tensors: reverse-mode
 * differentiation by graph rewriting. The gradients can be differentiated again.
 *
 * @param loss A scalar of floats.
 * @param parameters A tensor, a list, or a tree of tensors by name; the result has the same form. Tensors that the
 * loss does not hang on have gradients of zeros.
 * @throws TrainyardError of kind `usage` for a loss that is no scalar, or an operator without a gradient rule.
 * @example
 * const weight = input('weight', 'float32', [3, 1]);
 * const loss = reduceMean(matMul(x, weight));
 * const slope = gradient(loss, weight);
 */
export function gradient<Form extends TensorTree>(loss: Tensor, parameters: Form): Form {
  if (loss.shape.length > 0 || !isFloat(loss.dtype)) {
    throw usageError(
      `cannot take the gradient of ${formatType(loss)}; expected a scalar of floats`,
      'reduce it first: reduceMean(loss)',
    );
  }
  const leaves = leavesOf(parameters).map(([, tensor]) => tensor);
  const gradients = vectorJacobianProduct([loss], [constant(1, loss.dtype)], leaves);
  let next = 0;
  return mapTree(parameters, () => gradients[next++]);
}

/** A loss and its gradient; see {@link gradient}. */
export function valueAndGradient<Form extends TensorTree>(
  loss: Tensor,
  parameters: Form,
): { readonly value: Tensor; readonly gradient: Form } {
  return { value: loss, gradient: gradient(loss, parameters) };
}

/**
 * The general form: for outputs y of x and a cotangent for each y, the sum of cotangent times dy/dx, for each x.
 *
 * @param cotangents Of the outputs' types.
 */
export function vectorJacobianProduct(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  parameters: readonly Tensor[],
): Tensor[] {
  const received = new Map<Tensor, Tensor[]>();
  const give = (tensor: Tensor, cotangent: Tensor) => {
    const sofar = received.get(tensor);
    if (sofar) sofar.push(cotangent);
    else received.set(tensor, [cotangent]);
  };
  const total = (tensor: Tensor): Tensor | undefined => {
    const parts = received.get(tensor);
    return parts && sum(...parts);
  };
  for (const [i, output] of outputs.entries()) give(output, cotangents[i]);

  const wanted = new Set(parameters);
  for (const node of nodesBetween(parameters, outputs).reverse()) {
    const arriving = node.outputs.map(total);
    for (const [i, tensor] of node.outputs.entries()) {
      // Summed once, for the rule here and for the caller below.
      const sumOfAll = arriving[i];
      if (sumOfAll && wanted.has(tensor)) received.set(tensor, [sumOfAll]);
    }
    if (arriving.every((one) => one === undefined)) continue;
    const leaving = cotangentsOf(node, arriving);
    for (const [i, cotangent] of leaving.entries()) {
      const tensor = node.inputs[i];
      if (tensor && cotangent && isFloat(tensor.dtype)) give(tensor, cotangent);
    }
  }
  return parameters.map((tensor) => total(tensor) ?? full(tensor.shape, 0, tensor));
}

/** Nodes that outputs need and that need one of the parameters, in the order they were made. */
function nodesBetween(parameters: readonly Tensor[], outputs: readonly Tensor[]): Node[] {
  const depends = new Set<Tensor>(parameters);
  return nodesOf(outputs).filter((node) => {
    if (!node.inputs.some((tensor) => tensor && depends.has(tensor))) return false;
    for (const output of node.outputs) depends.add(output);
    return true;
  });
}

function cotangentsOf(
  node: Node,
  arriving: readonly (Tensor | undefined)[],
): readonly (Tensor | undefined)[] {
  const own = node.rule;
  const rule: GradientRule | undefined = own
    ? (g, { inputs: [, ...inputs] }) => [undefined, ...own(g, inputs)]
    : gradientTable[node.operator];
  if (node.foreign) {
    const { message, reason } = node.foreign;
    throw usageError(
      `node ${message.name || node.name} of the ONNX file has no gradient: ${reason}`,
      'use stopGradient on its result',
    );
  }
  if (!rule) {
    const where = userLine(node.place.stack);
    throw usageError(
      `${node.operator} has no gradient rule${where ? `, at ${where}` : ''}`,
      'use stopGradient on its result, or give it one with customGradient',
    );
  }
  // Rules that look at the first cotangent only would lose the others.
  const lost = rule.length < 3 ? arriving.findIndex((cotangent, i) => i > 0 && cotangent) : -1;
  if (lost > 0) {
    throw usageError(
      `${node.operator} has no gradient for its output ${lost}`,
      'use stopGradient on that output, or compute it by other operators',
    );
  }
  const first = arriving[0] ?? full(node.outputs[0].shape, 0, node.outputs[0]);
  const leaving = rule(first, { ...node, inputs: node.inputs as readonly Tensor[] }, arriving);
  for (const [i, cotangent] of leaving.entries()) {
    const tensor = node.inputs[i];
    if (!tensor || !cotangent) continue;
    if (cotangent.dtype !== tensor.dtype || String(cotangent.shape) !== String(tensor.shape)) {
      throw new Error(
        `gradient rule of ${node.operator} gave ${formatType(cotangent)} for input ${i}, ${tensor.dtype}${formatShape(tensor.shape)}`,
      );
    }
  }
  return leaving;
}
