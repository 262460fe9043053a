import { evaluateDimension, type Shape } from '../graph/dimension.ts';
import { activation } from '../graph/operators/activation.ts';
import { elementwise } from '../graph/operators/elementwise.ts';
import { reduction } from '../graph/operators/reduction.ts';
import type { Node, Tensor } from '../graph/tensor.ts';

/**
 * Arithmetic of a node: two for each multiplication with its addition, one for each element of other results, one for
 * each element that is reduced or lies under a pooling window. Moving data counts nothing.
 *
 * @param sizes What names stand for.
 */
export function flopsOf(node: Node, sizes: ReadonlyMap<string, number>): number {
  const count = (shape: Shape) =>
    shape.reduce<number>((product, size) => product * (evaluateDimension(size, sizes) ?? 1), 1);
  return rules[node.operator]?.(node, count) ?? 0;
}

type FlopsRule = (node: Node, count: (shape: Shape) => number) => number;

const result: FlopsRule = ({ outputs: [output] }, count) => count(output.shape);
const operand: FlopsRule = (node, count) => count(first(node).shape);
const window: FlopsRule = (node, count) =>
  result(node, count) * count((node.attributes.kernel_shape ?? [1]) as readonly number[]);

const rules: Readonly<Record<string, FlopsRule>> = {
  ...named([...Object.keys(elementwise), ...Object.keys(activation)], result),
  ...named(Object.keys(reduction), operand),
  ...named(['Cast', 'CastLike', 'Identity', 'Where'], () => 0),
  ...named(['MaxPool', 'AveragePool', 'LpPool'], window),
  ...named(['GlobalAveragePool', 'GlobalMaxPool', 'Softmax', 'LogSoftmax'], operand),
  // A trained model's: one factor and one summand an element.
  ...named(
    ['BatchNormalization', 'LayerNormalization', 'InstanceNormalization'],
    (node, count) => 2 * result(node, count),
  ),

  Conv: (node, count) => 2 * result(node, count) * count(second(node).shape.slice(1)),
  ConvTranspose: (node, count) => 2 * operand(node, count) * count(second(node).shape.slice(1)),
  MatMul: (node, count) => 2 * result(node, count) * count(first(node).shape.slice(-1)),
  Gemm: (node, count) => {
    const [rows, columns] = first(node).shape;
    return 2 * result(node, count) * count([node.attributes.transA ? rows : columns]);
  },
};

function named(operators: readonly string[], rule: FlopsRule): Record<string, FlopsRule> {
  return Object.fromEntries(operators.map((operator) => [operator, rule]));
}

function first({ inputs }: Node): Tensor {
  return inputs[0] as Tensor;
}

function second({ inputs }: Node): Tensor {
  return inputs[1] as Tensor;
}
