import { usageError } from '../../core/errors.ts';
import { tensorData } from '../../graph/dataType.ts';
import { add, div, exp, mul, neg, pow, sqrt, sub } from '../../graph/operators/elementwise.ts';
import { matMul } from '../../graph/operators/linearAlgebra.ts';
import { reshape, transpose } from '../../graph/operators/movement.ts';
import { firstNormalizedAxis } from '../../graph/operators/normalization.ts';
import { reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { type GradientRule, type RuleNode, reshapeLike, sumTo } from '../gradientRule.ts';

export const normalizationGradients: Readonly<Record<string, GradientRule>> = {
  Softmax: (g, node) => {
    const [y] = node.outputs;
    return [mul(y, sub(g, sumAlong(mul(g, y), node)))];
  },
  LogSoftmax: (g, node) => [sub(g, mul(exp(node.outputs[0]), sumAlong(g, node)))],
  LayerNormalization: layerNorm,
  BatchNormalization: batchNorm,
  InstanceNormalization: instanceNorm,
  LRN: localResponse,
  // Trained models only.
  Dropout: (g) => [g],
};

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

// y = x b^-beta with b = bias + alpha / size * W x^2, where W adds up the channels around each: as a product of matrices.
function localResponse(g: Tensor, { inputs: [x], attributes }: RuleNode): Tensor[] {
  const { alpha = 1e-4, beta = 0.75, bias = 1, size = 1 } = attributes as Record<string, number | undefined>;
  const channels = x.shape[1];
  if (typeof channels !== 'number')
    throw usageError('LRN has a gradient only for a known number of channels');
  const band = new Float32Array(channels * channels);
  for (let row = 0; row < channels; row++) {
    const first = Math.max(0, row - Math.floor((size - 1) / 2));
    band.fill(
      1,
      row * channels + first,
      row * channels + Math.min(channels, row + Math.ceil((size - 1) / 2) + 1),
    );
  }
  const window = constant(tensorData(x.dtype, band, [channels, channels]));
  const around = (w: Tensor, t: Tensor) => reshapeLike(matMul(w, reshape(t, [x.shape[0], channels, -1])), x);
  const base = add(mul(around(window, mul(x, x)), alpha / size), bias);
  const back = around(transpose(window), mul(mul(g, x), pow(base, -beta - 1)));
  return [sub(mul(g, pow(base, -beta)), mul(mul(x, back), (2 * alpha * beta) / size))];
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
