import { isFloat } from '../dataType.ts';
import {
  apply,
  applyOne,
  assertFloat,
  axisOf,
  callError,
  inputOf,
  numberOf,
  type OperatorCall,
  operatorFamily,
} from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import { withinBatch } from '../withinBatch.ts';
import { add, div, mul, sqrt, sub } from './elementwise.ts';
import { reshape } from './movement.ts';
import { reduceMean } from './reduction.ts';

/** Values brought to a common scale along axes. */
export const normalization = operatorFamily({
  Softmax: { inputs: [1, 1], attributes: { axis: 'int' }, infer: alongAxis },
  LogSoftmax: { inputs: [1, 1], attributes: { axis: 'int' }, infer: alongAxis },
  Hardmax: { inputs: [1, 1], attributes: { axis: 'int' }, infer: alongAxis },
  LayerNormalization: {
    inputs: [2, 3],
    attributes: { axis: 'int', epsilon: 'float', stash_type: 'int' },
    leastOutputs: 1,
    infer: layerNormTypes,
  },
  BatchNormalization: {
    inputs: [5, 5],
    attributes: { epsilon: 'float', momentum: 'float', training_mode: 'int' },
    infer: batchNormTypes,
  },
  InstanceNormalization: { inputs: [3, 3], attributes: { epsilon: 'float' }, infer: perChannel },
  LRN: {
    inputs: [1, 1],
    attributes: { alpha: 'float', beta: 'float', bias: 'float', size: 'int' },
    infer: (call) => [inputOf(call, 0)],
  },
  Dropout: { inputs: [1, 3], attributes: { seed: 'int' }, leastOutputs: 1, infer: dropoutTypes },
});

/** `exp(x)` over its sum along an axis */
export function softmax(x: Tensor, { axis = -1 }: { axis?: number } = {}): Tensor {
  return applyOne(normalization.Softmax, [x], { axis });
}

/** Logarithm of the softmax, safe from overflow */
export function logSoftmax(x: Tensor, { axis = -1 }: { axis?: number } = {}): Tensor {
  return applyOne(normalization.LogSoftmax, [x], { axis });
}

/**
 * Layer normalisation (Ba et al. 2016): over the axes from `axis` on, mean 0 and variance 1, then `scale` and `bias`.
 *
 * @param scale Of the shape of those axes; so is `bias`.
 */
export function layerNormalization(
  x: Tensor,
  scale: Tensor,
  bias?: Tensor,
  { axis = -1, epsilon = 1e-5 }: { axis?: number; epsilon?: number } = {},
): Tensor {
  return apply(normalization.LayerNormalization, bias ? [x, scale, bias] : [x, scale], { axis, epsilon })[0];
}

/**
 * Batch normalisation by given statistics, one of each a channel (axis 1): what a trained model does.
 */
export function batchNormalization(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  mean: Tensor,
  variance: Tensor,
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): Tensor {
  return applyOne(normalization.BatchNormalization, [x, scale, bias, mean, variance], { epsilon });
}

/** A batch normalised by its own statistics, and these: what a model in training does. */
export interface BatchStatistics {
  readonly y: Tensor;
  /** `[channels]` */
  readonly mean: Tensor;
  /** `[channels]`, over the count of values, as used to normalise. */
  readonly variance: Tensor;
}

/**
 * Batch normalisation by the batch's own mean and variance a channel (Ioffe and Szegedy 2015), in plain operators:
 * ONNX Runtime has no kernel for training it.
 *
 * @param x `[batch, channels, …]`
 */
export function batchNormalizationTraining(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): BatchStatistics {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const channels = x.shape[1];
  const column = (tensor: Tensor) => reshape(tensor, [channels, ...axes.slice(1).map(() => 1)]);
  const mean = reduceMean(withinBatch(x), { axes, keepDims: true });
  const centred = sub(x, mean);
  const variance = reduceMean(withinBatch(mul(centred, centred)), { axes, keepDims: true });
  const factor = div(column(scale), sqrt(add(variance, epsilon)));
  const y = add(mul(centred, factor), column(bias));
  return { y, mean: reshape(mean, [channels]), variance: reshape(variance, [channels]) };
}

/**
 * First of the axes that layer normalisation runs over.
 *
 * @internal
 */
export function firstNormalizedAxis(call: OperatorCall): number {
  return axisOf(call, numberOf(call, 'axis', -1), inputOf(call, 0).shape.length);
}

function alongAxis(call: OperatorCall): TensorType[] {
  assertFloat(call);
  const x = inputOf(call, 0);
  axisOf(call, numberOf(call, 'axis', -1), x.shape.length);
  return [x];
}

function layerNormTypes(call: OperatorCall): TensorType[] {
  assertFloat(call);
  const { dtype, shape } = inputOf(call, 0);
  const axis = firstNormalizedAxis(call);
  for (const index of [1, 2]) {
    const given = call.inputs[index];
    if (given && String(given.shape) !== String(shape.slice(axis))) {
      throw callError(call, `${index === 1 ? 'scale' : 'bias'} must be [${shape.slice(axis).join(', ')}]`);
    }
  }
  const reduced = shape.map((size, i) => (i < axis ? size : 1));
  // ONNX keeps the statistics in 32 bits whatever the input.
  return [
    { dtype, shape },
    { dtype: 'float32', shape: reduced },
    { dtype: 'float32', shape: reduced },
  ];
}

function perChannel(call: OperatorCall): TensorType[] {
  assertFloat(call);
  const x = inputOf(call, 0);
  if (x.shape.length < 2) throw callError(call, 'expected [batch, channels, …]');
  for (const [i, tensor] of call.inputs.entries()) {
    if (i === 0 || !tensor || String(tensor.shape) === String([x.shape[1]])) continue;
    throw callError(call, `input ${i} must be [${x.shape[1]}], one value a channel`);
  }
  return [x];
}

function batchNormTypes(call: OperatorCall): TensorType[] {
  if (numberOf(call, 'training_mode', 0)) {
    throw callError(call, 'no runtime trains it', 'use batchNormalizationTraining');
  }
  return perChannel(call);
}

// The operator itself is used on trained models only, where it changes nothing.
function dropoutTypes(call: OperatorCall): TensorType[] {
  const x = inputOf(call, 0);
  if (!isFloat(x.dtype)) throw callError(call, 'expected floats');
  return [x, { dtype: 'bool', shape: x.shape }];
}
