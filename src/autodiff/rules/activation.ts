import { sigmoid, softplus, tanh } from '../../graph/operators/activation.ts';
import {
  abs,
  add,
  and,
  div,
  erf,
  exp,
  greater,
  less,
  min,
  mul,
  sign,
  sub,
  where,
} from '../../graph/operators/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, type RuleNode, sumTo } from '../gradientRule.ts';

export const activationGradients: Readonly<Record<string, GradientRule>> = {
  // y is 0 or positive, so its sign is the derivative.
  Relu: (g, { outputs: [y] }) => [mul(g, sign(y))],
  LeakyRelu: (g, node) => [belowZero(node, g, mul(g, number(node, 'alpha', 0.01)))],
  PRelu: (g, { inputs: [x, slope] }) => [
    where(less(x, 0), mul(g, slope), g),
    sumTo(slope, mul(g, min(x, 0))),
  ],
  ThresholdedRelu: (g, node) => [where(greater(node.inputs[0], number(node, 'alpha', 1)), g, 0)],
  Elu: (g, node) => [belowZero(node, g, mul(g, add(node.outputs[0], number(node, 'alpha', 1))))],
  Celu: (g, node) => {
    const alpha = number(node, 'alpha', 1);
    return [belowZero(node, g, mul(g, add(div(node.outputs[0], alpha), 1)))];
  },
  Selu: (g, node) => {
    const [alpha, gamma] = [
      number(node, 'alpha', 1.6732631921768188),
      number(node, 'gamma', 1.0507010221481323),
    ];
    return [belowZero(node, mul(g, gamma), mul(g, add(node.outputs[0], alpha * gamma)))];
  },
  Gelu: (g, node) => [mul(g, geluSlope(node))],
  Mish: (g, { inputs: [x] }) => {
    const t = tanh(softplus(x));
    return [mul(g, add(t, mul(mul(x, sigmoid(x)), sub(1, mul(t, t)))))];
  },
  Sigmoid: (g, { outputs: [y] }) => [mul(g, mul(y, sub(1, y)))],
  HardSigmoid: (g, node) => {
    const [y] = node.outputs;
    return [where(and(greater(y, 0), less(y, 1)), mul(g, number(node, 'alpha', 0.2)), 0)];
  },
  HardSwish: (g, { inputs: [x] }) => [
    where(less(abs(x), 3), mul(g, add(div(x, 3), 0.5)), where(greater(x, 0), g, 0)),
  ],
  Softplus: (g, { inputs: [x] }) => [mul(g, sigmoid(x))],
  Softsign: (g, { inputs: [x] }) => {
    const scale = add(abs(x), 1);
    return [div(g, mul(scale, scale))];
  },
  Tanh: (g, { outputs: [y] }) => [mul(g, sub(1, mul(y, y)))],
};

function belowZero({ inputs: [x] }: RuleNode, above: Tensor, below: Tensor): Tensor {
  return where(less(x, 0), below, above);
}

// x Phi(x) has the derivative Phi(x) + x phi(x); the tanh form is differentiated as it is written.
function geluSlope({ inputs: [x], attributes }: RuleNode): Tensor {
  if (attributes.approximate !== 'tanh') {
    const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return add(mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5), mul(x, density));
  }
  const scale = Math.sqrt(2 / Math.PI);
  const square = mul(x, x);
  const t = tanh(mul(x, mul(add(mul(square, 0.044715), 1), scale)));
  const inner = mul(add(mul(square, 3 * 0.044715), 1), scale);
  return add(mul(add(t, 1), 0.5), mul(mul(mul(x, 0.5), sub(1, mul(t, t))), inner));
}

function number({ attributes }: RuleNode, name: string, otherwise: number): number {
  const value = attributes[name];
  return typeof value === 'number' ? value : otherwise;
}
