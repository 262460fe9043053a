import { broadcastShapes } from '../broadcast.ts';
import {
  applyOne,
  callError,
  commonDataType,
  inputOf,
  numberOf,
  type OperatorCall,
  operatorFamily,
  textOf,
} from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import { type EinsumTerms, parseEinsum } from './einsumTerms.ts';

/** Products of matrices. */
export const linearAlgebra = operatorFamily({
  MatMul: { inputs: [2, 2], infer: matMulTypes },
  Gemm: {
    inputs: [2, 3],
    attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
    infer: gemmTypes,
  },
  Einsum: { inputs: [1, Number.POSITIVE_INFINITY], attributes: { equation: 'string' }, infer: einsumTypes },
});

/** Matrix product over the last two axes; axes before them are broadcast, vectors are allowed on either side. */
export function matMul(a: Tensor, b: Tensor): Tensor {
  return applyOne(linearAlgebra.MatMul, [a, b]);
}

/** `alpha a b + beta c` of matrices, either transposed first; `c` is broadcast. */
export function gemm(
  a: Tensor,
  b: Tensor,
  c?: Tensor,
  {
    alpha = 1,
    beta = 1,
    transA = false,
    transB = false,
  }: { alpha?: number; beta?: number; transA?: boolean; transB?: boolean } = {},
): Tensor {
  return applyOne(linearAlgebra.Gemm, c ? [a, b, c] : [a, b], {
    alpha,
    beta,
    transA: Number(transA),
    transB: Number(transB),
  });
}

/** Sums of products written with letters for axes: `einsum('bij,bjk->bik', a, b)`. */
export function einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
  return applyOne(linearAlgebra.Einsum, tensors, { equation });
}

/**
 * The letters of an Einsum node.
 *
 * @internal
 */
export function einsumTerms(call: OperatorCall): EinsumTerms {
  return parseEinsum(
    textOf(call, 'equation', ''),
    call.inputs.map((_, i) => inputOf(call, i).shape.length),
    (problem) => callError(call, problem),
  );
}

function matMulTypes(call: OperatorCall): TensorType[] {
  const [a, b] = [inputOf(call, 0), inputOf(call, 1)];
  const dtype = commonDataType(call);
  if (a.shape.length === 0 || b.shape.length === 0) throw callError(call, 'a scalar is no matrix', 'use mul');
  const inner = a.shape[a.shape.length - 1];
  const other = b.shape[Math.max(0, b.shape.length - 2)];
  if (inner !== other) {
    throw callError(call, `the last axis of the first is ${inner}, the matching axis of the second ${other}`);
  }
  const batch = broadcastShapes(call, [a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const rows = a.shape.length > 1 ? [a.shape[a.shape.length - 2]] : [];
  const columns = b.shape.length > 1 ? [b.shape[b.shape.length - 1]] : [];
  return [{ dtype, shape: [...batch, ...rows, ...columns] }];
}

function gemmTypes(call: OperatorCall): TensorType[] {
  const [a, b] = [inputOf(call, 0), inputOf(call, 1)];
  const c = call.inputs[2];
  const dtype = commonDataType(call);
  if (a.shape.length !== 2 || b.shape.length !== 2) throw callError(call, 'expected two matrices');
  const [rows, inner] = numberOf(call, 'transA', 0) ? [a.shape[1], a.shape[0]] : a.shape;
  const [other, columns] = numberOf(call, 'transB', 0) ? [b.shape[1], b.shape[0]] : b.shape;
  if (inner !== other) throw callError(call, `inner sizes ${inner} and ${other} differ`);
  const shape = [rows, columns];
  if (c && String(broadcastShapes(call, [shape, c.shape])) !== String(shape)) {
    throw callError(call, `the third does not fit into the product, [${shape.join(', ')}]`);
  }
  return [{ dtype, shape }];
}

function einsumTypes(call: OperatorCall): TensorType[] {
  const dtype = commonDataType(call);
  const { operands, output } = einsumTerms(call);
  const sizes = new Map<string, TensorType['shape'][number]>();
  for (const [i, letters] of operands.entries()) {
    for (const [axis, letter] of letters.entries()) {
      const size = inputOf(call, i).shape[axis];
      const known = sizes.get(letter) ?? 1;
      if (size !== 1 && known !== 1 && size !== known) {
        throw callError(call, `axis ${letter} is ${known} in one place and ${size} in another`);
      }
      if (known === 1) sizes.set(letter, size);
    }
  }
  return [{ dtype, shape: output.map((letter) => sizes.get(letter) ?? 1) }];
}
