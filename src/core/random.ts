/**
 * A stream of random numbers that is a pure function of its keys: the same keys give the same stream on any
 * machine, thread or order of evaluation. Counter-based Philox4x32-10 (Salmon et al. 2011, "Parallel random
 * numbers: as easy as 1, 2, 3").
 */
export interface RandomStream {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Uniform integer in [0, bound), without modulo bias; `bound` is 1 to 2^32. */
  integer(bound: number): number;
}

/**
 * Opens the stream of a seed and any number of keys, for instance `randomStream(seed, epoch, sample)`.
 * Keys are 32-bit unsigned integers or strings; the order of keys matters.
 *
 * @example
 * const noise = randomStream(42, 'simulate', stationIndex);
 * const value = noise.normal();
 */
export function randomStream(seed: number, ...keys: (number | string)[]): RandomStream {
  const [key0, key1] = streamKey(seed, ...keys);
  const counter = new Uint32Array(4);
  const block = new Uint32Array(4);
  let position = 4;
  let spareNormal = Number.NaN;

  function next(): number {
    if (position === 4) {
      philox(counter, key0, key1, block);
      position = 0;
      counter[0]++;
      if (counter[0] === 0) counter[1]++;
    }
    return block[position++];
  }

  function uniform(): number {
    const high = next() >>> 5;
    const low = next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  function normal(): number {
    if (!Number.isNaN(spareNormal)) {
      const value = spareNormal;
      spareNormal = Number.NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  function integer(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let value = next();
    while (value >= limit) value = next();
    return value % bound;
  }

  return { uniform, normal, integer };
}

/**
 * Philox4x32-10: ten rounds over a 128-bit counter under a 64-bit key, written to `out`.
 *
 * @internal
 */
export function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let c0 = counter[0];
  let c1 = counter[1];
  let c2 = counter[2];
  let c3 = counter[3];
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/**
 * The Philox key of a stream, two words of 32 bits. Absorbs the keys one Philox block at a time, so that no two key
 * lists share a stream by accident.
 *
 * @internal
 */
export function streamKey(...keys: (number | string)[]): [number, number] {
  const state = new Uint32Array(4);
  let key0 = 0x7261696e;
  let key1 = 0x79617264;
  for (const key of keys) {
    for (const [tag, word] of wordsOf(key)) {
      state.set([word, tag, 0, 0]);
      philox(state, key0, key1, state);
      key0 = state[0];
      key1 = state[1];
    }
  }
  return [key0, key1];
}

function* wordsOf(key: number | string): Generator<[number, number]> {
  if (typeof key === 'number') {
    yield [1, key >>> 0];
    yield [2, Math.floor(key / 4294967296) >>> 0];
    return;
  }
  yield [3, key.length];
  for (let i = 0; i < key.length; i++) yield [4, key.charCodeAt(i)];
}
