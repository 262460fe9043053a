import { sizeOfShape } from '../../graph/dimension.ts';
import { applyOne } from '../../graph/operator.ts';
import { cast, div, mul, sub } from '../../graph/operators/elementwise.ts';
import { movement } from '../../graph/operators/movement.ts';
import { batchNormalization, batchNormalizationTraining } from '../../graph/operators/normalization.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { ones, zeros } from '../initialisers.ts';
import { type ParameterPlan, type Parameters, planned } from '../parameters.ts';
import type { TrainingPass } from '../trainingPass.ts';

/** Parameters of {@link batchNorm}, one of each a channel. The running statistics do not learn: they are state. */
export type BatchNormParameters = {
  readonly weight: ParameterPlan;
  readonly bias: ParameterPlan;
  readonly runningMean: ParameterPlan;
  readonly runningVariance: ParameterPlan;
};

/** Plans a {@link batchNorm}. */
export function batchNormParameters(channels: number): BatchNormParameters {
  const measured = { shape: [channels], isTrained: false };
  return {
    weight: planned([channels], ones()),
    bias: planned([channels], zeros()),
    runningMean: { ...measured, initialiser: zeros() },
    runningVariance: { ...measured, initialiser: ones() },
  };
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of each channel. In a training pass by the batch's own mean and
 * variance, which are noted in `training.statistics`; else by the running ones.
 *
 * @param x `[batch, channels, …]`
 * @param options `unbiased`: whether running variances are those over `count - 1`, as in PyTorch. Default true.
 */
export function batchNorm(
  { weight, bias, runningMean, runningVariance }: Parameters<BatchNormParameters>,
  x: Tensor,
  {
    epsilon = 1e-5,
    unbiased = true,
    training,
  }: { epsilon?: number; unbiased?: boolean; training?: TrainingPass | undefined } = {},
): Tensor {
  if (!training) return batchNormalization(x, weight, bias, runningMean, runningVariance, { epsilon });
  const { y, mean, variance } = batchNormalizationTraining(x, weight, bias, { epsilon });
  const count = countOfEach(x);
  training.statistics[runningMean.node.name ?? ''] = mean;
  training.statistics[runningVariance.node.name ?? ''] = unbiased
    ? mul(variance, div(count, sub(count, 1)))
    : variance;
  return y;
}

/** Values a channel has in a batch. */
function countOfEach(x: Tensor): Tensor {
  const known = sizeOfShape(x.shape.filter((_, axis) => axis !== 1));
  if (typeof known === 'number') return constant(known, x.dtype);
  return div(cast(applyOne(movement.Size, [x]), x.dtype), Number(x.shape[1]));
}
