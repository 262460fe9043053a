import { describe, it } from 'vitest';
import {
  abs,
  add,
  clip,
  div,
  exp,
  less,
  log,
  max,
  min,
  mul,
  pow,
  sqrt,
  sub,
  where,
} from '../../graph/operators/elementwise.ts';
import { einsum, gemm, matMul } from '../../graph/operators/linearAlgebra.ts';
import { concat, expand, reshape, split, tile, transpose } from '../../graph/operators/movement.ts';
import { reduceL2, reduceMax, reduceMean, reduceProd } from '../../graph/operators/reduction.ts';
import { checkGradient } from '../testing/checkGradient.ts';

describe('gradients', () => {
  it('arithmetic', () =>
    checkGradient([[2, 3], [3]], (a, b) => div(mul(add(a, b), sub(a, 2)), add(mul(b, b), 1))));
  it('powers', () => checkGradient([[4], [4]], (a, b) => pow(add(abs(a), 0.1), b)));
  it('min max', () => checkGradient([[4], [1]], (a, b) => add(min(a, b), max(a, mul(b, 2), 0.1))));
  it('clip where', () => checkGradient([[4], []], (a, b) => where(less(a, 0), clip(a, b), mul(a, b))));
  it('logs', () => checkGradient([[5]], (a) => log(add(exp(a), sqrt(add(mul(a, a), 1))))));
  it('prod', () =>
    checkGradient([[2, 3]], (a) => reduceProd(a, { axes: [-1] }), { values: [[0, 2, 3, 1.5, 2, -1]] }));
  it('mean', () => checkGradient([[2, 3]], (a) => mul(reduceMean(a, { axes: [0] }), reduceMax(a))));
  it('l2', () => checkGradient([[2, 3]], (a) => reduceL2(a, { axes: [0] })));
  it('matmul', () =>
    checkGradient(
      [
        [2, 3, 4],
        [4, 5],
      ],
      matMul,
    ));
  it('matmul vec', () => checkGradient([[3], [3, 4]], matMul));
  it('matmul vec2', () => checkGradient([[2, 2, 3], [3]], matMul));
  it('matmul batch', () =>
    checkGradient(
      [
        [2, 1, 3, 4],
        [5, 4, 2],
      ],
      matMul,
    ));
  for (const transA of [true, false])
    for (const transB of [true, false])
      it(`gemm ${transA} ${transB}`, () =>
        checkGradient([transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4], [4]], (a, b, c) =>
          gemm(a, b, c, { transA, transB, alpha: 0.5, beta: 2 }),
        ));
  it('einsum', () => checkGradient([[2, 3, 4], [4, 5], [2]], (a, b, c) => einsum('bij,jk,b->kb', a, b, c)));
  it('einsum dots', () =>
    checkGradient(
      [
        [2, 3, 4],
        [2, 4],
      ],
      (a, b) => einsum('...ij,...j->i...', a, b),
    ));
  it('movement', () =>
    checkGradient(
      [
        [2, 3],
        [2, 1],
      ],
      (a, b) => tile(transpose(concat([a, expand(b, [2, 2])], 1)), [2, 1]),
    ));
  it('split', () =>
    checkGradient([[5, 2]], (a) => {
      const [x, y] = split(a, [2, 3]);
      return mul(reshape(x, [4]), reshape(split(y, [1, 2])[1], [-1]));
    }));
});
