import { isStatic } from '../../graph/dimension.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { einsum, einsumTerms, gemm, matMul } from '../../graph/operators/linearAlgebra.ts';
import { expand, reshape, shapeTensor, transpose, unsqueeze } from '../../graph/operators/movement.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, type RuleNode, reshapeLike, sumTo } from '../gradientRule.ts';

export const linearAlgebraGradients: Readonly<Record<string, GradientRule>> = {
  MatMul: matMulGradient,
  Gemm: gemmGradient,
  Einsum: einsumGradient,
};

// da = g b', db = a' g, vectors taken as matrices of one row or column.
function matMulGradient(g: Tensor, { inputs: [a, b] }: RuleNode): Tensor[] {
  const left = a.shape.length === 1 ? unsqueeze(a, [0]) : a;
  const right = b.shape.length === 1 ? unsqueeze(b, [1]) : b;
  const rows = a.shape.length === 1 ? unsqueeze(g, [b.shape.length === 1 ? 0 : -2]) : g;
  const cotangent = b.shape.length === 1 ? unsqueeze(rows, [-1]) : rows;
  if (right.shape.length === 2)
    return onMatrix(cotangent, left, right).map((d, i) => reshapeLike(d, [a, b][i]));
  const byLeft = sumTo(left, matMul(cotangent, swapLast(right)));
  const byRight = sumTo(right, matMul(swapLast(left), cotangent));
  return [reshapeLike(byLeft, a), reshapeLike(byRight, b)];
}

// A stack of matrices times one matrix is one tall matrix times it: one Gemm each way instead of a batch and a sum.
function onMatrix(g: Tensor, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const tall = a.shape.length === 2 ? a : asRows(a);
  const tallG = g.shape.length === 2 ? g : asRows(g);
  return [gemm(tallG, b, undefined, { transB: true }), gemm(tall, tallG, undefined, { transA: true })];
}

function asRows(x: Tensor): Tensor {
  const width = x.shape[x.shape.length - 1];
  if (isStatic(x.shape) || typeof width === 'string') return reshape(x, shapeTensor([-1, width], [x]));
  return reshape(x, shapeTensor([-1, width], [x]));
}

function gemmGradient(g: Tensor, { inputs: [a, b, c], attributes }: RuleNode): (Tensor | undefined)[] {
  const { alpha = 1, beta = 1 } = attributes as { alpha?: number; beta?: number };
  const [transA, transB] = [Boolean(attributes.transA), Boolean(attributes.transB)];
  return [
    transA
      ? gemm(b, g, undefined, { alpha, transA: transB, transB: true })
      : gemm(g, b, undefined, { alpha, transB: !transB }),
    transB
      ? gemm(g, a, undefined, { alpha, transA: true, transB: transA })
      : gemm(a, g, undefined, { alpha, transA: !transA }),
    c && sumTo(c, beta === 1 ? g : mul(g, beta)),
  ];
}

// The cotangent takes the place of the operand: of 'ij,jk->ik', the first operand's is 'ik,jk->ij'.
function einsumGradient(g: Tensor, node: RuleNode): Tensor[] {
  const { operands, output } = einsumTerms(node);
  const spell = speller([...operands.flat(), ...output]);
  return node.inputs.map((x, i) => {
    const others = node.inputs.filter((_, k) => k !== i);
    const otherLetters = operands.filter((_, k) => k !== i);
    const known = new Set([...output, ...otherLetters.flat()]);
    // Letters that this operand alone had were summed away: their cotangent is the same all along.
    const found = operands[i].filter((letter) => known.has(letter));
    const equation = `${[output, ...otherLetters].map(spell).join(',')}->${spell(found)}`;
    const partial = einsum(equation, g, ...others);
    const missing = operands[i].flatMap((letter, axis) => (known.has(letter) ? [] : [axis]));
    if (missing.length === 0) return sumTo(x, partial);
    return expand(sumTo(x, unsqueeze(partial, missing)), shapeTensor(x.shape, [x]));
  });
}

function speller(letters: readonly string[]): (word: readonly string[]) => string {
  const used = new Set(letters.filter((letter) => letter.length === 1));
  const free = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter(
    (letter) => !used.has(letter),
  );
  const names = new Map<string, string>();
  for (const letter of letters) {
    if (!names.has(letter)) names.set(letter, letter.length === 1 ? letter : (free.shift() ?? letter));
  }
  return (word) => word.map((letter) => names.get(letter)).join('');
}

function swapLast(x: Tensor): Tensor {
  const perm = x.shape.map((_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  return transpose(x, perm);
}
