import { usageError } from '../../core/errors.ts';
import { streamKey } from '../../core/random.ts';
import type { Dimension, Shape } from '../dimension.ts';
import { applyOne, integers } from '../operator.ts';
import { constant, formatType, type Tensor } from '../tensor.ts';
import { add, cast, div, greaterOrEqual, mul } from './elementwise.ts';
import { concat, countTo, movement, reshape, shapeTensor, unsqueeze } from './movement.ts';
import { bitsOf, type PhiloxWords, philoxWords } from './philox.ts';

/** How {@link dropout} draws. */
export interface DropoutOptions {
  /** Probability of an element to become 0: from 0 up to, not including, 1, drawn to the nearest 2^-16. */
  readonly rate: number;
  /** Which dropout of the model this is: those of other names draw otherwise. */
  readonly name: string;
  /**
   * What to draw by, int64. Either a key for each sample, `[batch]`: samples then draw the same in whatever batch they
   * come. Or one for all, such as the number of the update; then a sample's place in the batch counts too.
   */
  readonly keys: Tensor;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Axes along which elements share a draw: `[2, 3]` drops whole channels, `[1, 2, 3]` whole samples. Default none. */
  readonly sharedAxes?: readonly number[] | undefined;
}

/**
 * Dropout (Srivastava et al. 2014): random elements become 0, the others grow so that the mean stays. The draws are a
 * function of seed, name, key and place alone, computed in the graph by standard operators: they are the same on every
 * machine and in an exported training step.
 *
 * @param x `[batch, …]`
 * @throws TrainyardError of kind `usage` for a rate outside of 0 to 1, or keys that do not fit.
 * @example
 * const y = dropout(x, { rate: 0.5, name: 'head', keys: input('update', 'int64', []) });
 */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  const { rate } = options;
  if (!(rate >= 0 && rate < 1)) {
    throw usageError(`invalid dropout rate ${rate}; expected a number from 0 up to, not including, 1`);
  }
  const threshold = Math.min(Math.round(rate * 65536), 65535);
  if (threshold === 0) return x;
  const kept = cast(greaterOrEqual(draws(x, options), threshold), x.dtype);
  return mul(x, mul(kept, 1 / (1 - rate)));
}

/** A number of 16 bits for each element, as int64 with size 1 along shared axes. */
function draws(x: Tensor, { seed = 0, name, keys, sharedAxes = [] }: DropoutOptions): Tensor {
  const shared = sharedAxes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  const shape = x.shape.map((size, axis) => (shared.includes(axis) ? 1 : size));
  const isKeyed = keys.shape.length > 0;
  // Axes whose places count, the last in blocks of eight: so many numbers Philox draws at once.
  const counted = x.shape.filter((_, axis) => !shared.includes(axis) && !(axis === 0 && isKeyed));
  const last = counted.pop() ?? 1;
  const fits = shape.length > 0 && (!isKeyed || String(keys.shape) === String(shape.slice(0, 1)));
  if (keys.dtype !== 'int64' || !fits) {
    throw usageError(
      `cannot drop elements of ${formatType(x)} by keys ${formatType(keys)}`,
      'expected [batch, …], and int64 keys, one for all or one for each of the batch',
    );
  }
  // Each word of the counter runs along axes of its own, so that the first rounds are computed for these alone.
  const key = isKeyed ? unsqueeze(keys, [1, ...counted.map((_, i) => i + 2)]) : keys;
  const counter: PhiloxWords = [
    countEighths(last, x),
    bitsOf(key, 0, 32),
    unsqueeze(countOver(counted, x), [-1]),
    bitsOf(key, 32, 32),
  ];
  const words = philoxWords(counter, streamKey(seed, 'dropout', name));
  const numbers = words.flatMap((word) => [bitsOf(word, 0, 16), bitsOf(word, 16, 16)]);
  const blocks = concat(
    numbers.map((one) => unsqueeze(one, [-1])),
    -1,
  );
  const rows = numbers[0].shape.slice(0, -1);
  const flat = reshape(blocks, shapeTensor([...rows, -1], [x]));
  const end = shapeTensor([last], [x]);
  const cut = applyOne(movement.Slice, [flat, integers([0]), end, integers([rows.length])]);
  return reshape(cut, shapeTensor(shape, [x]));
}

/** 0, 1, … as many as an axis of a size needs if eight of its elements share one. */
function countEighths(size: Dimension, x: Tensor): Tensor {
  if (typeof size === 'number') return countTo(Math.ceil(size / 8), x);
  const count = div(add(reshape(shapeTensor([size], [x]), []), 7), 8);
  return applyOne(movement.Range, [constant(0, 'int64'), count, constant(1, 'int64')]);
}

/** 0, 1, … over axes, the last fastest. */
function countOver(sizes: Shape, x: Tensor): Tensor {
  return sizes.reduce<Tensor>(
    (index, size) => {
      const factor = typeof size === 'number' ? size : shapeTensor([size], [x]);
      return add(mul(unsqueeze(index, [-1]), factor), countTo(size, x));
    },
    constant(0, 'int64'),
  );
}
