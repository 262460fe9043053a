import { usageError } from '../../core/errors.ts';
import { add, div, exp, mul, neg, pow, sqrt, sub } from '../../graph/operators/elementwise.ts';
import { reshape, shapeTensor } from '../../graph/operators/movement.ts';
import { firstNormalizedAxis } from '../../graph/operators/normalization.ts';
import { averagePool } from '../../graph/operators/pooling.ts';
import { reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { type GradientRule, noGradient, type RuleNode, reshapeLike, sumTo } from '../gradientRule.ts';

export const normalizationGradients: Readonly<Record<string, GradientRule>> = {
  Softmax: (g, node) => {
    const [y] = node.outputs;
    return [mul(y, sub(g, sumAlong(mul(g, y), node)))];
  },
  LogSoftmax: (g, node) => [sub(g, mul(exp(node.outputs[0]), sumAlong(g, node)))],
  LayerNormalization: layerNorm,
  BatchNormalization: batchNorm,
  InstanceNormalization: instanceNorm,
  LRN: localResponseNorm,
  Dropout: dropped,
  Hardmax: noGradient,
};

// Trained models only: what the operator draws in training is not ours to know.
function dropped(g: Tensor, { inputs: [, , training] }: RuleNode): Tensor[] {
  if (training && training.node.value?.data[0] !== 0) {
    throw usageError(
      'Dropout in training mode has no gradient rule',
      'use dropout(x, …), which draws by a seed, in its place',
    );
  }
  return [g];
}

function sumAlong(x: Tensor, { attributes: { axis = -1 } }: RuleNode): Tensor {
  return reduceSum(x, { axes: [Number(axis)], keepDims: true });
}

// With z = (x - mean) inverse and h = g scale: dx = inverse (h - mean(h) - z mean(h z)). The
// statistics are computed again: the operator's own have 32 bits, and no derivative of theirs.
function layerNorm(g: Tensor, node: RuleNode): Tensor[] {
  const [x, scale, bias] = node.inputs;
  const first = firstNormalizedAxis(node);
  const axes = x.shape.map((_, axis) => axis).slice(first);
  const { z, inverse } = standardised(x, axes, epsilonOf(node.attributes));
  const h = mul(g, scale);
  const slope = standardisedGradient(h, z, inverse, axes);
  return bias ? [slope, sumTo(scale, mul(g, z)), sumTo(bias, g)] : [slope, sumTo(scale, mul(g, z))];
}

function batchNorm(g: Tensor, { inputs, attributes }: RuleNode): Tensor[] {
  const [x, scale, , mean, variance] = inputs;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const column = (t: Tensor) => reshape(t, [x.shape[1], ...axes.slice(1).map(() => 1)]);
  const inverse = div(constant(1, x.dtype), sqrt(add(variance, epsilonOf(attributes))));
  const factor = mul(scale, inverse);
  const total = reduceSum(g, { axes });
  const byZ = reduceSum(mul(g, sub(x, column(mean))), { axes });
  return [
    mul(g, column(factor)),
    mul(byZ, inverse),
    total,
    neg(mul(total, factor)),
    mul(byZ, mul(mul(scale, -0.5), pow(inverse, 3))),
  ];
}

function instanceNorm(g: Tensor, { inputs: [x, scale], attributes }: RuleNode): Tensor[] {
  const axes = x.shape.map((_, axis) => axis).slice(2);
  const column = (t: Tensor) => reshape(t, [x.shape[1], ...axes.map(() => 1)]);
  const { z, inverse } = standardised(x, axes, epsilonOf(attributes));
  return [
    standardisedGradient(mul(g, column(scale)), z, inverse, axes),
    reduceSum(mul(g, z), { axes: [0, ...axes] }),
    reduceSum(g, { axes: [0, ...axes] }),
  ];
}

// y = x s^-beta with s = bias + alpha / size * (sum of x² over neighbouring channels). A channel gets back from those that
// it is a neighbour of.
function localResponseNorm(g: Tensor, { inputs: [x], attributes }: RuleNode): Tensor[] {
  const { size, alpha = 1e-4, beta = 0.75, bias = 1 } = attributes as Record<string, number>;
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const s = add(mul(meanOfChannels(mul(x, x), before, after), alpha), bias);
  const h = mul(g, pow(s, -beta));
  const shared = meanOfChannels(div(mul(h, x), s), after, before);
  return [sub(h, mul(mul(x, shared), 2 * alpha * beta))];
}

/** Means over so many channels before and after each and itself, zeros beyond the ends. */
function meanOfChannels(x: Tensor, before: number, after: number): Tensor {
  const [batch, channels] = x.shape;
  const rows = reshape(x, shapeTensor([batch, 1, channels, -1], [x]));
  const pads = [before, 0, after, 0];
  return reshapeLike(
    averagePool(rows, [before + 1 + after, 1], { strides: 1, pads, countIncludePad: true }),
    x,
  );
}

function standardised(x: Tensor, axes: readonly number[], epsilon: number): { z: Tensor; inverse: Tensor } {
  const average = (t: Tensor) => reduceMean(t, { axes, keepDims: true });
  const centred = sub(x, average(x));
  const inverse = div(constant(1, x.dtype), sqrt(add(average(mul(centred, centred)), epsilon)));
  return { z: mul(centred, inverse), inverse };
}

function standardisedGradient(h: Tensor, z: Tensor, inverse: Tensor, axes: readonly number[]): Tensor {
  const average = (t: Tensor) => reduceMean(t, { axes, keepDims: true });
  return mul(inverse, sub(sub(h, average(h)), mul(z, average(mul(h, z)))));
}

function epsilonOf({ epsilon }: RuleNode['attributes']): number {
  return typeof epsilon === 'number' ? epsilon : 1e-5;
}
