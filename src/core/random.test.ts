import { describe, expect, it } from 'vitest';
import { philox, randomStream } from './random.ts';

describe('philox', () => {
  it.each([
    // Known answers of Random123's kat_vectors, philox4x32 10 rounds.
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('gives the published answer for counter %j', (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox(new Uint32Array(counter), key[0], key[1], out);
    expect([...out]).toEqual(expected);
  });
});

describe('randomStream', () => {
  it('repeats for the same keys and differs for others', () => {
    const draw = (...keys: (number | string)[]) => {
      const stream = randomStream(7, ...keys);
      return [stream.uniform(), stream.uniform(), stream.uniform()];
    };
    expect(draw('a', 1)).toEqual(draw('a', 1));
    expect(draw('a', 1)).not.toEqual(draw('a', 2));
    expect(draw('ab')).not.toEqual(draw('a', 'b'));
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32));
  });

  it('draws uniforms and normals with the right moments', () => {
    const stream = randomStream(1);
    const count = 200_000;
    let uniformSum = 0;
    let normalSum = 0;
    let normalSquares = 0;
    for (let i = 0; i < count; i++) {
      uniformSum += stream.uniform();
      const value = stream.normal();
      normalSum += value;
      normalSquares += value * value;
    }
    // Five standard errors.
    expect(Math.abs(uniformSum / count - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(normalSum / count)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(normalSquares / count - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  });

  it('draws integers evenly over a bound that is no power of two', () => {
    const stream = randomStream(3, 'integers');
    const counts = new Array(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[stream.integer(6)]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(10_000));
  });
});
