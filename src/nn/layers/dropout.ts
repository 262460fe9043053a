import { usageError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { add, less, mul, where } from '../../graph/operators/elementwise.ts';
import { reshape } from '../../graph/operators/movement.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { positionsAlong } from '../positions.ts';
import type { TrainingPass } from '../trainingPass.ts';

/**
 * Sets elements to 0 with probability `rate` and scales the rest by `1 / (1 - rate)` (Srivastava et al. 2014); only in
 * a training pass.
 *
 * Which elements is a function of the sample's key, the layer's name and the element's place, computed in the graph:
 * the same however a batch is split, and in exported graphs.
 *
 * @param x `[batch, …]`
 * @param rate From 0 up to, not including, 1.
 * @param name Layers of different names drop different elements.
 */
export function dropout(x: Tensor, rate: number, name: string, training: TrainingPass | undefined): Tensor {
  if (!(rate >= 0 && rate < 1))
    throw usageError(`invalid dropout rate: ${rate}; expected 0 or more, less than 1`);
  if (!training || rate === 0) return x;
  if (!training.keys) {
    throw usageError(
      `dropout ${name} needs keys of the samples`,
      "give them to the pass: trainingPass({ keys: input('keys', 'int64', ['batch']) })",
    );
  }
  const limit = BigInt(Math.round((rate - 0.5) * 2 ** 53)) << 11n;
  const isDropped = less(mixed(placeKeys(x, training.keys, name)), integer(limit));
  return where(isDropped, 0, mul(x, 1 / (1 - rate)));
}

/** A 64-bit number for each element: the sample's key, plus for each axis a step of the layer's own times the place. */
function placeKeys(x: Tensor, keys: Tensor, name: string): Tensor {
  const random = randomStream(0, 'dropout', name);
  const start = add(keys, integer(oddInteger(random)));
  const rest = x.shape.slice(1).map((_, i) => mul(positionsAlong(x, i + 1), integer(oddInteger(random))));
  const column = reshape(start, [x.shape[0], ...x.shape.slice(1).map(() => 1)]);
  // Small ones first: only the last addition is of the full size.
  return rest.length === 0 ? column : add(column, rest.reduce(add));
}

/**
 * Scrambles 64-bit numbers with multiplications alone, which ONNX Runtime does at memory speed: upper bits of a product
 * hang on all lower bits of its factors, and only upper bits are looked at.
 */
function mixed(key: Tensor): Tensor {
  const once = mul(key, add(key, integer(0x5851f42d4c957f2dn)));
  return mul(once, add(once, integer(0x14057b7ef767814fn)));
}

function oddInteger(random: { integer(bound: number): number }): bigint {
  return (BigInt(random.integer(2 ** 32)) << 32n) | BigInt(random.integer(2 ** 32)) | 1n;
}

function integer(value: bigint): Tensor {
  return constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt.asIntN(64, value)) });
}
