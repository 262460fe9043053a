import { usageError } from '../../core/errors.ts';
import { sigmoid } from '../../graph/operators/activation.ts';
import { add, cast, clip, div, equal, max, mul, not, sub, where } from '../../graph/operators/elementwise.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { countedTarget, type Loss, meanLoss, type WeightOptions } from './loss.ts';

/** Options of {@link softFBeta}. */
export interface SoftFBetaOptions extends WeightOptions {
  /** How much more recall counts than precision. Default 1. */
  readonly beta?: number | undefined;
  /**
   * Over what scores are taken: of each sample over its labels (`samples`), of each label over the batch (`macro`), or
   * one over everything (`micro`). The mean of the scores is what is trained. Default `macro`.
   */
  readonly average?: 'samples' | 'macro' | 'micro' | undefined;
  /** What the predictions are. Default `logits`. */
  readonly from?: 'logits' | 'probabilities' | undefined;
  /**
   * `counts`: `(1 + beta^2) TP / (beta^2 positives + predicted)`. `precisionRecall`: precision and recall first, each
   * with `epsilon` in its denominator, and the score kept within `epsilon` and `1 - epsilon`. Default `counts`.
   */
  readonly form?: 'counts' | 'precisionRecall' | undefined;
  /**
   * What a score without any positive target is, in the form `counts`: left out of the mean (`skip`), or 0 or 1. Such
   * a score has no derivative, whatever is predicted. Default `zero`.
   */
  readonly empty?: 'zero' | 'one' | 'skip' | undefined;
  /** Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/**
 * 1 minus the F-score of probabilities in place of decisions. `macro` and `micro` do not decompose over samples: their
 * gradient for a batch is not the mean of those of its parts, and `sum` and `count` do not add up over batches.
 *
 * @param prediction `[batch, labels]`
 * @param target 0 or 1, `[batch, labels]`
 * @param options `weights`, here `[batch, 1]`: how much each sample counts.
 * @throws TrainyardError of kind `usage` for predictions that are no matrix.
 */
export function softFBeta(prediction: Tensor, target: Tensor, options: SoftFBetaOptions = {}): Loss {
  const { weights, beta = 1, average = 'macro', from = 'logits', form = 'counts', empty = 'zero' } = options;
  const { epsilon = 1e-7 } = options;
  if (prediction.shape.length !== 2) {
    throw usageError(`softFBeta of ${prediction.shape.length} axes; expected [batch, labels]`);
  }
  const known = countedTarget(target, weights);
  const probability = from === 'logits' ? sigmoid(prediction) : prediction;
  const axes = { samples: [1], macro: [0], micro: [0, 1] }[average];
  const total = (x: Tensor) => reduceSum(weights && average !== 'samples' ? mul(x, weights) : x, { axes });
  const hits = total(mul(probability, known));
  const positives = total(known);
  const predicted = total(probability);
  const square = beta * beta;
  const counted = weights && average === 'samples' ? reduceSum(weights, { axes: [1] }) : undefined;

  if (form === 'precisionRecall') {
    const precision = div(hits, add(predicted, epsilon));
    const recall = div(hits, add(positives, epsilon));
    const below = add(add(mul(precision, square), recall), epsilon);
    const score = div(mul(mul(precision, recall), 1 + square), below);
    return meanLoss(sub(1, clip(score, epsilon, 1 - epsilon)), counted);
  }
  const below = max(add(mul(positives, square), predicted), epsilon);
  const score = div(mul(hits, 1 + square), below);
  const isEmpty = equal(positives, 0);
  if (empty === 'skip') {
    const kept = cast(not(isEmpty), prediction.dtype);
    return meanLoss(sub(1, score), counted ? mul(counted, kept) : kept);
  }
  return meanLoss(sub(1, empty === 'one' ? where(isEmpty, 1, score) : score), counted);
}
