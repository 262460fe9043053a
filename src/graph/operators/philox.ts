import { applyOne, operands } from '../operator.ts';
import { constant, type Tensor } from '../tensor.ts';
import { cast, elementwise, mul } from './elementwise.ts';

/** Four words of 32 bits, each a tensor of int64. They are broadcast together. */
export type PhiloxWords = readonly [Tensor, Tensor, Tensor, Tensor];

/**
 * Random bits when the graph runs: Philox4x32-10 (Salmon et al. 2011) of a counter under a key, in integer operators.
 * The same numbers as those of `core/random.ts`.
 *
 * @internal
 */
export function philoxWords(counter: PhiloxWords, [key0, key1]: readonly [number, number]): PhiloxWords {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = [key0, key1];
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = product(c0, 0xd2511f53);
    const [high1, low1] = product(c2, 0xcd9e8d57);
    [c0, c1] = [xor(xor(high1, c1), k0), low1];
    [c2, c3] = [xor(xor(high0, c3), k1), low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Some of the bits of a word: shifted to the right, then the lowest so many. */
export function bitsOf(word: Tensor, shift: number, count: number): Tensor {
  const shifted = shift === 0 ? word : shiftRight(word, shift);
  return applyOne(elementwise.BitwiseAnd, operands(shifted, 2 ** count - 1));
}

/** The words of a product of 64 bits; int64 wraps, which leaves all bits right. */
function product(word: Tensor, factor: number): [high: Tensor, low: Tensor] {
  const whole = mul(word, factor);
  return [shiftRight(whole, 32), bitsOf(whole, 0, 32)];
}

function xor(word: Tensor, other: Tensor | number): Tensor {
  return applyOne(elementwise.BitwiseXor, operands(word, other));
}

// ONNX shifts unsigned numbers only.
function shiftRight(word: Tensor, places: number): Tensor {
  const amount = constant(places, 'uint64');
  const shifted = applyOne(elementwise.BitShift, [cast(word, 'uint64'), amount], { direction: 'RIGHT' });
  return cast(shifted, 'int64');
}
