import { describe, it } from 'vitest';
import { mul } from '../../graph/operators/elementwise.ts';
import { einsum, gemm, matMul } from '../../graph/operators/linearAlgebra.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { gradient } from '../gradient.ts';
import { checkGradient } from '../testing/checkGradient.ts';

describe('gradients of matrix products', () => {
  it('agree with differences for matrices, vectors and stacks', async () => {
    const shapes = [
      [
        [2, 3],
        [3, 4],
      ],
      [[3], [3]],
      [[3], [3, 4]],
      [[2, 3], [3]],
      [
        [2, 2, 3],
        [3, 4],
      ],
      [[2, 2, 3], [3]],
      [[3], [2, 3, 4]],
      [
        [2, 1, 3, 4],
        [5, 4, 2],
      ],
      [
        [0, 3],
        [3, 4],
      ],
    ];
    for (const pair of shapes) await checkGradient(pair, matMul);
  });

  it('agree with differences however the operands lie', async () => {
    for (const transA of [true, false]) {
      for (const transB of [true, false]) {
        const shapes = [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4]];
        const options = { transA, transB, alpha: 0.5, beta: 2 };
        await checkGradient(shapes, (a, b) => gemm(a, b, undefined, options));
        for (const bias of [[4], [2, 1], [], [2, 4]]) {
          await checkGradient([...shapes, bias], (a, b, c) => gemm(a, b, c, options));
        }
      }
    }
  });

  it('agree with differences for sums written with letters', async () => {
    await checkGradient([[2, 3, 4], [4, 5], [2]], (a, b, c) => einsum('bij,jk,b->kb', a, b, c));
    await checkGradient(
      [
        [2, 3, 4],
        [2, 4],
      ],
      (a, b) => einsum('...ij,...j->i...', a, b),
    );
    await checkGradient([[2, 3]], (a) => einsum('ij->j', a));
    await checkGradient([[2, 3]], (a) => einsum('ij->', a));
    await checkGradient([[2, 3], [3]], (a, b) => einsum('ij,j', a, b));
  });

  it('agree with differences for diagonals', async () => {
    await checkGradient([[3, 3]], (a) => einsum('ii->i', a));
    await checkGradient([[3, 3]], (a) => einsum('ii', a));
    await checkGradient([[3, 2, 3, 2], [3]], (a, b) => einsum('ijij,i->j', a, b));
    await checkGradient([[2, 2, 2, 3]], (a) => einsum('iiij->ji', a));
    await checkGradient(
      [
        [2, 2],
        [3, 3],
      ],
      (a, b) => einsum('ii,jj->ij', a, b),
    );
  });

  it('of diagonals can be differentiated again', () =>
    checkGradient([[3, 3]], (a) => {
      const diagonal = einsum('ii->i', a);
      return gradient(reduceSum(mul(diagonal, mul(diagonal, diagonal))), a);
    }));
});
