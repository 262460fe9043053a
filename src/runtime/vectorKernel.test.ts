import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import {
  abs,
  add,
  div,
  type Expression,
  evaluateFormula,
  type Formula,
  max,
  min,
  mul,
  neg,
  sqrt,
  sub,
  vectorKernel,
} from './vectorKernel.ts';

const memory = new WebAssembly.Memory({ initial: 1 });

/** Arrays of one length, one after the other, in the kernel's memory and apart from it. */
function twins<Name extends string>(length: number, names: readonly Name[], special: readonly number[] = []) {
  const random = randomStream(3, 'twins', length);
  const inMemory = {} as Record<Name, Float32Array>;
  const apart = {} as Record<Name, Float32Array>;
  for (const [i, name] of names.entries()) {
    inMemory[name] = new Float32Array(memory.buffer, 4 * i * length, length);
    for (let k = 0; k < length; k++)
      inMemory[name][k] = special[(k + i) % (special.length + 3)] ?? random.normal();
    apart[name] = inMemory[name].slice();
  }
  return { inMemory, apart };
}

const formula: Formula<'a' | 'b' | 'c', 's' | 't'> = {
  arrays: ['a', 'b', 'c'],
  scalars: ['s', 't'],
  update: ({ a, b, c }, { s, t }) => {
    const shared = add(mul(a, s), b);
    return { a: sub(shared, div(c, add(sqrt(abs(b)), 0.5))), b: mul(shared, t) };
  },
};

describe('vectorKernel', () => {
  it('does what the formula says, at any length', () => {
    const kernel = vectorKernel(memory, formula);
    for (const length of [0, 1, 3, 4, 5, 17, 1000]) {
      const { inMemory, apart } = twins(length, formula.arrays);
      kernel(inMemory, { s: 0.1, t: -3 });
      evaluateFormula(formula, apart, { s: 0.1, t: -3 });
      expect(inMemory).toEqual(apart);
    }
  });

  it('handles infinities, NaNs and zeros as arithmetic does', () => {
    const special = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e-42, 3e38];
    const kernel = vectorKernel(memory, formula);
    const { inMemory, apart } = twins(70, formula.arrays, special);
    kernel(inMemory, { s: 1, t: 2 });
    evaluateFormula(formula, apart, { s: 1, t: 2 });
    expect(inMemory).toEqual(apart);
  });

  it('leaves what lies beside the arrays alone', () => {
    const all = new Float32Array(memory.buffer).fill(7);
    const array = all.subarray(5, 11);
    vectorKernel(memory, { arrays: ['a'], scalars: [], update: ({ a }) => ({ a: neg(a) }) })(
      { a: array },
      {},
    );
    expect([...all.subarray(3, 14)]).toEqual([7, 7, -7, -7, -7, -7, -7, -7, 7, 7, 7]);
  });

  it('refuses arrays of another memory or length', () => {
    const kernel = vectorKernel(memory, { arrays: ['a'], scalars: [], update: ({ a }) => ({ a }) });
    expect(() => kernel({ a: new Float32Array(4) }, {})).toThrow("array a is not in the kernel's memory");
  });

  it('agrees with plain code on random formulas', () => {
    const binary = [add, sub, mul, div, min, max];
    const unary = [sqrt, abs, neg];
    const step = fc.record({ kind: fc.nat(), left: fc.nat(), right: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const random: Formula<'a' | 'b', 's'> = {
          arrays: ['a', 'b'],
          scalars: ['s'],
          update: ({ a, b }, { s }) => {
            const made: Expression[] = [a, b, s];
            for (const { kind, left, right } of steps) {
              const choice = kind % (binary.length + unary.length);
              const [x, y] = [made[left % made.length], made[right % made.length]];
              made.push(choice < binary.length ? binary[choice](x, y) : unary[choice - binary.length](x));
            }
            return { b: made[made.length - 1], a: made[made.length >> 1] };
          },
        };
        const { inMemory, apart } = twins(13, random.arrays, [0, 1, -2]);
        vectorKernel(memory, random)(inMemory, { s: 0.3 });
        evaluateFormula(random, apart, { s: 0.3 });
        expect(inMemory).toEqual(apart);
      }),
      { seed: 9, numRuns: 60 },
    );
  });
});
