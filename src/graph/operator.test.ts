import { describe, expect, it } from 'vitest';
import { relu } from './operators/activation.ts';
import { add, and, cast, clip, less, pow, where } from './operators/elementwise.ts';
import { einsum, gemm, matMul } from './operators/linearAlgebra.ts';
import {
  concat,
  expand,
  flatten,
  pad,
  reshape,
  shapeOf,
  slice,
  split,
  squeeze,
  tile,
  transpose,
  unsqueeze,
} from './operators/movement.ts';
import { argMax, reduceMean } from './operators/reduction.ts';
import { integersOf, shapeValuesOf } from './shapeValues.ts';
import { constant, formatType, input, type Tensor } from './tensor.ts';

const x = input('x', 'float32', ['batch', 3, 4]);
const matrix = input('matrix', 'float32', [4, 5]);

describe('types of results', () => {
  const cases: [string, () => Tensor, string][] = [
    ['broadcast', () => add(x, input('b', 'float32', [3, 1])), 'float32[batch, 3, 4]'],
    ['number operand', () => pow(x, 2), 'float32[batch, 3, 4]'],
    ['comparison', () => less(x, 0), 'bool[batch, 3, 4]'],
    ['choice', () => where(less(x, 0), 1, x), 'float32[batch, 3, 4]'],
    ['cast', () => cast(x, 'int64'), 'int64[batch, 3, 4]'],
    ['bounds', () => clip(x, 0), 'float32[batch, 3, 4]'],
    ['matrix product', () => matMul(x, matrix), 'float32[batch, 3, 5]'],
    ['einsum', () => einsum('bij,jk->bk', x, matrix), 'float32[batch, 5]'],
    ['mean', () => reduceMean(x, { axes: [-1] }), 'float32[batch, 3]'],
    ['mean of all', () => reduceMean(x), 'float32[]'],
    ['index of largest', () => argMax(x, { axis: -1, keepDims: true }), 'int64[batch, 3, 1]'],
    ['reshape with a name', () => reshape(x, ['batch', 12]), 'float32[batch, 12]'],
    ['reshape with an open size', () => reshape(x, [-1, 2]), 'float32[6*batch, 2]'],
    ['reshape by another shape', () => reshape(x, shapeOf(x)), 'float32[batch, 3, 4]'],
    ['flatten', () => flatten(x), 'float32[batch, 12]'],
    ['transpose', () => transpose(x, [2, 0, 1]), 'float32[4, batch, 3]'],
    ['unsqueeze', () => unsqueeze(x, [0, -1]), 'float32[1, batch, 3, 4, 1]'],
    ['squeeze', () => squeeze(input('s', 'float32', [1, 'n', 1])), 'float32[n]'],
    ['expand', () => expand(constant(1), ['batch', 2], [x]), 'float32[batch, 2]'],
    ['tile', () => tile(x, [2, 1, 1]), 'float32[2*batch, 3, 4]'],
    ['concat', () => concat([x, input('y', 'float32', ['other', 3, 4])], 0), 'float32[batch + other, 3, 4]'],
    ['split', () => split(x, 2, 2)[1], 'float32[batch, 3, 2]'],
    ['uneven split', () => split(matrix, 2, 1)[1], 'float32[4, 2]'],
    ['slice', () => slice(x, [1], [3], [2]), 'float32[batch, 3, 2]'],
    ['slice backwards', () => slice(x, [-1], [-9], [1], [-2]), 'float32[batch, 2, 4]'],
    ['slice of a named axis', () => slice(x, [1], [-1], [0]), 'float32[batch - 2, 3, 4]'],
    ['pad', () => pad(x, [0, 1, 0], [0, 0, -2]), 'float32[batch, 4, 2]'],
    ['gemm', () => gemm(matrix, matrix, undefined, { transB: true }), 'float32[4, 4]'],
  ];
  it.each(cases)('%s', (_, make, type) => {
    expect(formatType(make())).toBe(type);
  });

  it('know shapes before they are known', () => {
    expect(shapeValuesOf(shapeOf(x))).toEqual(['batch', 3, 4]);
    const parts = concat([slice(shapeOf(x), [0], [1]), constant([-1], 'int64')], 0);
    expect(shapeValuesOf(parts)).toEqual(['batch', -1]);
    expect(integersOf(parts)).toBeUndefined();
    expect(formatType(reshape(x, parts))).toBe('float32[batch, 12]');
  });
});

describe('calls that do not fit', () => {
  const cases: [string, () => unknown, string][] = [
    [
      'sizes',
      () => add(x, matrix),
      'Add of float32[batch, 3, 4] and float32[4, 5]: sizes 3 and 4 of axis -2 differ, at operator.test.ts:',
    ],
    [
      'a name against a number',
      () => add(input('a', 'float32', ['batch']), input('b', 'float32', [5])),
      'sizes batch and 5 of axis -1 differ',
    ],
    ['types', () => add(x, cast(x, 'float64')), 'element types differ'],
    [
      'inner sizes',
      () => matMul(matrix, matrix),
      'the last axis of the first is 5, the matching axis of the second 4',
    ],
    ['floats for logic', () => and(x, x), 'expected bools'],
    ['integers for floats', () => relu(cast(x, 'int32')), 'expected floats, not int32'],
    ['elements', () => reshape(matrix, [3, 7]), '[3, 7] has not as many elements'],
    ['elements with an open size', () => reshape(matrix, [3, -1]), '20 elements do not fill [3, -1]'],
    ['axes', () => reduceMean(x, { axes: [3] }), 'no axis 3; expected -3 to 2'],
    ['axes twice', () => reduceMean(x, { axes: [0, -3] }), 'an axis is given twice: 0, -3'],
    ['order of axes', () => transpose(x, [0, 1, 1]), '[0, 1, 1] is no order of 3 axes'],
    ['axis to squeeze', () => squeeze(x, [1]), 'axis 1 has size 3, not 1'],
    ['parts', () => concat([x, matrix], 0), 'input 1 differs in another axis than 0'],
    ['parts of a split', () => split(matrix, [1, 2]), 'parts of 1 + 2 do not make 4'],
    ['equation', () => einsum('ij,jk->iz', matrix, matrix), 'invalid output iz of ij,jk->iz'],
    ['operands of an equation', () => einsum('ij->i', x), 'ij of ij->i names 2 axes; operand 0 has 3'],
    [
      'a letter of two sizes',
      () => einsum('ij,jk->ik', matrix, matrix),
      'axis j is 5 in one place and 4 in another',
    ],
    ['input sizes', () => input('bad', 'float32', [-1]), 'invalid size -1 of input bad'],
  ];
  it.each(cases)('name the %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
