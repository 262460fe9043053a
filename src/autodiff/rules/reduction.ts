import { sizeOfShape } from '../../graph/dimension.ts';
import { applyOne } from '../../graph/operator.ts';
import {
  and,
  cast,
  div,
  equal,
  exp,
  mul,
  not,
  or,
  sign,
  sub,
  where,
} from '../../graph/operators/elementwise.ts';
import { expand, reshape, shapeTensor } from '../../graph/operators/movement.ts';
import { reducedAxes, reduceProd, reduceSum, reduction } from '../../graph/operators/reduction.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, noGradient, type RuleNode } from '../gradientRule.ts';

export const reductionGradients: Readonly<Record<string, GradientRule>> = {
  ReduceSum: (g, node) => [spread(g, node)],
  ReduceMean: (g, node) => [div(spread(g, node), cellCount(node))],
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceProd: product,
  ReduceL1: (g, node) => [mul(spread(g, node), sign(node.inputs[0]))],
  ReduceL2: (g, node) => {
    const length = spread(node.outputs[0], node);
    const isZero = equal(length, 0);
    return [where(isZero, 0, div(mul(spread(g, node), node.inputs[0]), where(isZero, 1, length)))];
  },
  ReduceSumSquare: (g, node) => [mul(spread(g, node), mul(node.inputs[0], 2))],
  ReduceLogSum: (g, node) => [spread(div(g, exp(node.outputs[0])), node)],
  ReduceLogSumExp: (g, node) => [
    mul(spread(g, node), exp(sub(node.inputs[0], spread(node.outputs[0], node)))),
  ],
  CumSum: (g, { inputs: [, axis], attributes: { exclusive = 0, reverse = 0 } }) => [
    applyOne(reduction.CumSum, [g, axis], { exclusive, reverse: 1 - Number(reverse) }),
  ],
  ArgMax: noGradient,
  ArgMin: noGradient,
};

/** What was reduced, repeated over the axes it was reduced along. */
function spread(reduced: Tensor, node: RuleNode): Tensor {
  const [x] = node.inputs;
  const target = shapeTensor(x.shape, [x]);
  const axes = axesOf(node);
  if (axes.length === 0) return reduced;
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return expand(reshape(reduced, shapeTensor(kept, [x])), target);
}

function cellCount(node: RuleNode): Tensor | number {
  const { shape, dtype } = node.inputs[0];
  const count = sizeOfShape(axesOf(node).map((axis) => shape[axis]));
  if (typeof count === 'number') return count;
  const sizes = axesOf(node).map((axis) => shape[axis]);
  return cast(reduceProd(shapeTensor(sizes, node.inputs)), dtype);
}

// Elements that tie for the extreme get equal shares.
function extreme(g: Tensor, node: RuleNode): Tensor[] {
  const [x] = node.inputs;
  const hits = cast(equal(x, spread(node.outputs[0], node)), x.dtype);
  const count = reduceSum(hits, { axes: axesOf(node), keepDims: true });
  return [mul(div(hits, count), spread(g, node))];
}

// The product of the others: all over oneself, unless there are zeros.
function product(g: Tensor, node: RuleNode): Tensor[] {
  const [x] = node.inputs;
  const axes = axesOf(node);
  const isZero = equal(x, 0);
  const nonZero = where(isZero, 1, x);
  const zeros = reduceSum(cast(isZero, x.dtype), { axes, keepDims: true });
  const others = div(reduceProd(nonZero, { axes, keepDims: true }), nonZero);
  const counts = or(and(isZero, equal(zeros, 1)), and(not(isZero), equal(zeros, 0)));
  return [mul(spread(g, node), where(counts, others, 0))];
}

function axesOf({ operator, inputs, attributes }: RuleNode): readonly number[] {
  return reducedAxes({ operator, inputs, attributes });
}
