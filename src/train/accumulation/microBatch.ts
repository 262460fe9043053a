import { usageError } from '../../core/errors.ts';
import type { AccumulatedStep } from './accumulatedStep.ts';

/** A split of an effective batch. */
export interface MicroBatchPlan {
  readonly microBatchSize: number;
  /** Micro-batches of a window. */
  readonly accumulate: number;
  /** Bytes as planned. */
  readonly memory: number;
}

/**
 * The largest micro-batch that fits into memory. The update is the same whatever it is, so nothing is tried out: the
 * graph says what each size takes.
 *
 * @param effectiveBatchSize Samples of an update.
 * @param maxMemory Bytes.
 * @throws TrainyardError of kind `usage` where not even one sample fits.
 */
export function fitMicroBatch(
  step: Pick<AccumulatedStep, 'memory'>,
  effectiveBatchSize: number,
  maxMemory: number,
): MicroBatchPlan {
  const planned = (size: number) => step.memory(size, effectiveBatchSize);
  if (planned(1) > maxMemory) {
    throw usageError(
      `one sample takes ${gibibytes(planned(1))}; at most ${gibibytes(maxMemory)} are allowed`,
      'allow more, rematerialise blocks of the model, or make it or its inputs smaller',
    );
  }
  let fits = 1;
  let tooLarge = effectiveBatchSize + 1;
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (planned(middle) <= maxMemory) fits = middle;
    else tooLarge = middle;
  }
  // Micro-batches of even sizes, for the same number of them.
  const accumulate = Math.ceil(effectiveBatchSize / fits);
  const microBatchSize = Math.ceil(effectiveBatchSize / accumulate);
  return { microBatchSize, accumulate, memory: planned(microBatchSize) };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
