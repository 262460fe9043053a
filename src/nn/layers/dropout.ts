import { usageError } from '../../core/errors.ts';
import { dropout as drop } from '../../graph/operators/dropout.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { TrainingPass } from '../trainingPass.ts';

/**
 * Sets elements to 0 with probability `rate` and scales the rest by `1 / (1 - rate)` (Srivastava et al. 2014); only in
 * a training pass.
 *
 * Which elements is a function of the sample's key, the layer's name and the element's place, computed in the graph:
 * the same however a batch is split, and in exported graphs.
 *
 * @param x `[batch, …]`
 * @param rate From 0 up to, not including, 1, drawn to the nearest 2^-16.
 * @param name Layers of different names drop different elements.
 */
export function dropout(x: Tensor, rate: number, name: string, training: TrainingPass | undefined): Tensor {
  if (!(rate >= 0 && rate < 1))
    throw usageError(`invalid dropout rate: ${rate}; expected 0 or more, less than 1`);
  if (!training || rate === 0) return x;
  const { keys } = training;
  if (!keys) {
    throw usageError(
      `dropout ${name} needs keys of the samples`,
      "give them to the pass: trainingPass({ keys: input('keys', 'int64', ['batch']) })",
    );
  }
  return drop(x, { rate, name, keys });
}
