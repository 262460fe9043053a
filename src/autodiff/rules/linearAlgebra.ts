import { mul } from '../../graph/operators/elementwise.ts';
import { einsum, einsumTerms, gemm, matMul } from '../../graph/operators/linearAlgebra.ts';
import { expand, reshape, shapeTensor, transpose, unsqueeze } from '../../graph/operators/movement.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, type RuleNode, reshapeLike, sumTo } from '../gradientRule.ts';
import { identityMatrix } from './alongAxis.ts';

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
  return reshape(x, shapeTensor([-1, x.shape[x.shape.length - 1]], [x]));
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
    // A letter that comes twice takes a diagonal, which gets the cotangent first.
    const letters = [...new Set(operands[i])];
    const read =
      letters.length < operands[i].length ? einsum(`${spell(operands[i])}->${spell(letters)}`, x) : x;
    // Letters that this operand alone had were summed away: their cotangent is the same all along.
    const found = letters.filter((letter) => known.has(letter));
    const equation = `${[output, ...otherLetters].map(spell).join(',')}->${spell(found)}`;
    const partial = einsum(equation, g, ...others);
    const missing = letters.flatMap((letter, axis) => (known.has(letter) ? [] : [axis]));
    const whole =
      missing.length === 0
        ? sumTo(read, partial)
        : expand(sumTo(read, unsqueeze(partial, missing)), shapeTensor(read.shape, [read]));
    return ontoDiagonals(whole, operands[i], x);
  });
}

// Zeros beside the diagonals: each axis that repeats a letter is put in, and multiplied by an identity matrix.
function ontoDiagonals(diagonal: Tensor, letters: readonly string[], x: Tensor): Tensor {
  const axes = letters.map((_, axis) => axis);
  const repeats = axes.filter((axis) => letters.indexOf(letters[axis]) < axis);
  return repeats.reduce(
    (sofar, axis) => {
      const others = axes.filter((one) => one !== axis && one !== letters.indexOf(letters[axis]));
      return mul(sofar, unsqueeze(identityMatrix(x.shape[axis], x, x.dtype), others));
    },
    repeats.length > 0 ? unsqueeze(diagonal, repeats) : diagonal,
  );
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
