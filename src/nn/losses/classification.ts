import { usageError } from '../../core/errors.ts';
import { isFloat } from '../../graph/dataType.ts';
import { formatShape } from '../../graph/dimension.ts';
import { softplus } from '../../graph/operators/activation.ts';
import { add, cast, equal, exp, mul, neg, not, sub, where } from '../../graph/operators/elementwise.ts';
import { gather, gatherElements } from '../../graph/operators/indexing.ts';
import { squeeze, unsqueeze } from '../../graph/operators/movement.ts';
import { logSoftmax } from '../../graph/operators/normalization.ts';
import { reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { countedTarget, type Loss, meanLoss, ratioLoss, type WeightOptions } from './loss.ts';

/** Options of {@link binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions extends WeightOptions {
  /** Factors on the loss of positives, one or one a label, against rare labels. Default 1. */
  readonly positiveWeights?: Tensor | number | undefined;
}

/**
 * Cross-entropy of yes or no, from logits: `-y log(s) - (1 - y) log(1 - s)` with the sigmoid `s`. Exact for logits of
 * any size: `-log(s)` is computed as softplus of the opposite logit.
 *
 * @param logits `[batch, labels]`, or any shape.
 * @param target 0 to 1, like the logits.
 */
export function binaryCrossEntropy(
  logits: Tensor,
  target: Tensor,
  { weights, positiveWeights = 1 }: BinaryCrossEntropyOptions = {},
): Loss {
  const known = countedTarget(target, weights);
  const yes = mul(mul(known, positiveWeights), softplus(neg(logits)));
  return meanLoss(add(yes, mul(sub(1, known), softplus(logits))), weights);
}

/** Options of {@link focalLoss}. */
export interface FocalOptions extends WeightOptions {
  /** How much less what is already right counts. Default 2. */
  readonly gamma?: number | undefined;
  /** Weight of positives; negatives get `1 - alpha`. Default 0.25. */
  readonly alpha?: number | undefined;
}

/**
 * Focal loss (Lin et al. 2017), from logits: binary cross-entropy times the power `gamma` of the probability of being
 * wrong.
 */
export function focalLoss(
  logits: Tensor,
  target: Tensor,
  { weights, gamma = 2, alpha = 0.25 }: FocalOptions = {},
): Loss {
  const known = countedTarget(target, weights);
  const opposite = neg(logits);
  // The probability of being wrong is exp(-softplus) of the logit that speaks for being right.
  const part = (right: Tensor, wrong: Tensor) => mul(exp(mul(softplus(right), -gamma)), softplus(wrong));
  const yes = mul(mul(known, alpha), part(logits, opposite));
  const no = mul(mul(sub(1, known), 1 - alpha), part(opposite, logits));
  return meanLoss(add(yes, no), weights);
}

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends WeightOptions {
  /** Share of the target that is spread over all classes. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** How much items of each class count, `[classes]`. Default 1. */
  readonly classWeights?: Tensor | readonly number[] | undefined;
  /** Class of items that do not count. */
  readonly ignoreIndex?: number | undefined;
  /** Axis of the classes. Default the last. */
  readonly axis?: number | undefined;
}

/**
 * Cross-entropy of the softmax with one right class, from logits; as PyTorch's, class weights divide too.
 *
 * @param logits `[batch, classes]`, or with more axes.
 * @param target int64, the class of each item: the logits' shape without the axis of classes.
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  {
    weights,
    labelSmoothing = 0,
    classWeights,
    ignoreIndex,
    axis = logits.shape.length - 1,
  }: CrossEntropyOptions = {},
): Loss {
  if (isFloat(target.dtype) || target.shape.length !== logits.shape.length - 1) {
    throw usageError(
      `target of the cross-entropy is ${target.dtype}${formatShape(target.shape)}; expected whole numbers of shape ${formatShape(logits.shape.toSpliced(axis, 1))}`,
      'give the class of each item: argMax turns shares into classes',
    );
  }
  const counts =
    ignoreIndex === undefined ? undefined : not(equal(target, constant(ignoreIndex, target.dtype)));
  const known = counts ? where(counts, target, constant(0, target.dtype)) : target;
  const logs = logSoftmax(logits, { axis });
  const classes =
    classWeights && ('node' in classWeights ? classWeights : constant(classWeights, logits.dtype));
  const own = squeeze(gatherElements(logs, unsqueeze(known, [axis]), { axis }), [axis]);

  const factors = [weights, counts && cast(counts, logits.dtype), classes && gather(classes, known)].filter(
    (factor) => factor !== undefined,
  );
  const factor = factors.length > 0 ? factors.reduce(mul) : undefined;
  const right = meanLoss(neg(own), factor);
  if (labelSmoothing === 0) return right;

  // PyTorch weighs the spread part by the weights of the classes it is spread over, not of the right one.
  const besides = [weights, counts && cast(counts, logits.dtype)].filter((one) => one !== undefined);
  const each = classes ? mul(logs, alongAxis(classes, logs, axis)) : logs;
  const spread = neg(reduceMean(each, { axes: [axis] }));
  const spreadSum = reduceSum(besides.length > 0 ? mul(spread, besides.reduce(mul)) : spread);
  const sum = add(mul(right.sum, 1 - labelSmoothing), mul(spreadSum, labelSmoothing));
  return ratioLoss(sum, right.count);
}

function alongAxis(values: Tensor, like: Tensor, axis: number): Tensor {
  const behind = like.shape.length - 1 - axis;
  return behind === 0
    ? values
    : unsqueeze(
        values,
        Array.from({ length: behind }, (_, i) => i + 1),
      );
}
