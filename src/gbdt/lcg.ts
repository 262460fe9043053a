/**
 * LightGBM's random number generator: a linear congruential generator modulo 2^32. It is a poor generator and is
 * here only because identical trees need identical draws; anything of our own uses `core/random.ts`.
 *
 * Source: LightGBM `utils/random.h`.
 */
export interface Lcg {
  /** A float in [0, 1) with 15 bits. */
  nextFloat(): number;
  /** An integer in [low, high), from 15 bits. */
  nextShort(low: number, high: number): number;
  /** An integer in [low, high), from 31 bits. */
  nextInt(low: number, high: number): number;
  /** `count` of the integers 0 to total - 1 in ascending order. */
  sample(total: number, count: number): Int32Array;
}

/** Opens the stream of a seed. */
export function lcg(seed: number): Lcg {
  let state = seed | 0;

  function advance(): number {
    state = (Math.imul(state, 214013) + 2531011) | 0;
    return state;
  }

  function nextFloat(): number {
    return ((advance() >>> 16) & 0x7fff) / 32768;
  }

  function nextShort(low: number, high: number): number {
    return (((advance() >>> 16) & 0x7fff) % (high - low)) + low;
  }

  function nextInt(low: number, high: number): number {
    return ((advance() & 0x7fffffff) % (high - low)) + low;
  }

  function sample(total: number, count: number): Int32Array {
    if (count > total || count <= 0) return new Int32Array(0);
    if (count === total) return Int32Array.from({ length: total }, (_, i) => i);
    if (count > 1 && count > total / Math.log2(count)) return walk(total, count);
    return floyd(total, count);
  }

  // Takes each integer in turn with the probability that the rest still needs.
  function walk(total: number, count: number): Int32Array {
    const taken = new Int32Array(count);
    let size = 0;
    for (let i = 0; i < total; i++) {
      if (nextFloat() < (count - size) / (total - i)) taken[size++] = i;
    }
    return size === count ? taken : taken.slice(0, size);
  }

  function floyd(total: number, count: number): Int32Array {
    const taken = new Set<number>();
    for (let last = total - count; last < total; last++) {
      const drawn = nextInt(0, last + 1);
      taken.add(taken.has(drawn) ? last : drawn);
    }
    return Int32Array.from(taken).sort();
  }

  return { nextFloat, nextShort, nextInt, sample };
}
