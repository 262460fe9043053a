import { describe, expect, it } from 'vitest';
import { tensorData } from './dataType.ts';
import { formatGraph } from './formatGraph.ts';
import { graphOf } from './graph.ts';
import { relu } from './operators/activation.ts';
import { add, div, exp, identity, mul, sqrt, sub } from './operators/elementwise.ts';
import { matMul } from './operators/linearAlgebra.ts';
import { expand, reshape, shapeOf, transpose } from './operators/movement.ts';
import { reduceMean } from './operators/reduction.ts';
import { simplify } from './simplify.ts';
import { constant, input, parameter, type Tensor } from './tensor.ts';

const x = input('x', 'float32', ['batch', 2]);
const simplified = (y: Tensor) =>
  formatGraph(simplify(graphOf({ y })))
    .split('\n')
    .slice(1)
    .map((line) => line.trim());

describe('formatGraph', () => {
  it('shows a graph a line a node', () => {
    const weight = parameter('weight', tensorData('float32', [1, 2], [2, 1]));
    const hidden = relu(matMul(x, weight));
    expect(
      formatGraph(graphOf({ y: reduceMean(mul(hidden, 2), { axes: [0] }), hidden }, { name: 'model' })),
    ).toBe(
      [
        'graph model(x: float32[batch, 2], weight: float32[2, 1] = …)',
        '  %1 = MatMul(x, weight) : float32[batch, 1]',
        '  hidden = Relu(%1) : float32[batch, 1]',
        '  %2 = Mul(hidden, 2) : float32[batch, 1]',
        '  y = ReduceMean(%2, [0], keepdims=0) : float32[1]',
      ].join('\n'),
    );
  });

  it('shows outputs that are inputs or constants', () => {
    expect(formatGraph(graphOf({ y: x, z: constant(3) }))).toBe(
      'graph trainyard(x: float32[batch, 2])\n  y = x\n  z = 3',
    );
  });
});

describe('simplify', () => {
  it('shares common subexpressions', () => {
    expect(simplified(add(exp(mul(x, 2)), exp(mul(x, 2))))).toEqual([
      '%1 = Mul(x, 2) : float32[batch, 2]',
      '%2 = Exp(%1) : float32[batch, 2]',
      'y = Add(%2, %2) : float32[batch, 2]',
    ]);
  });

  it('keeps apart what only looks the same', () => {
    expect(simplified(add(mul(x, 0), mul(x, -0)))).toHaveLength(3);
    expect(
      simplified(add(reduceMean(x, { axes: [0] }), reduceMean(x, { axes: [1] }).shape.length ? 1 : 2)),
    ).toHaveLength(2);
  });

  it('folds constants, rounding as the graph would', () => {
    const half = div(constant(1), sqrt(constant(2)));
    expect(simplified(mul(x, half))).toEqual([
      `y = Mul(x, ${Math.fround(1 / Math.fround(Math.SQRT2))}) : float32[batch, 2]`,
    ]);
    const row = add(constant([1, 2]), reshape(constant([10, 20]), [2, 1]));
    expect(simplified(row)).toEqual(['y = [11, 12, 21, 22]']);
  });

  it('drops what changes nothing, but not an added zero, which makes -0 a 0', () => {
    expect(simplified(identity(sub(div(mul(transpose(x, [0, 1]), 1), 1), 0)))).toEqual(['y = x']);
    expect(simplified(add(x, 0))).toHaveLength(1);
    expect(simplified(mul(reshape(x, shapeOf(x)), constant([1])))).toEqual(['y = x']);
  });

  it('reads shapes off the inputs, so that no activation is kept for its shape', () => {
    const late = exp(x);
    const spread = expand(reduceMean(late, { axes: [1], keepDims: true }), shapeOf(late));
    expect(simplified(spread)).toEqual([
      '%1 = Exp(x) : float32[batch, 2]',
      '%2 = ReduceMean(%1, [1], keepdims=1) : float32[batch, 1]',
      '%3 = Shape(x, start=0, end=1) : int64[1]',
      '%4 = Concat(%3, [2], axis=0) : int64[2]',
      'y = Expand(%2, %4) : float32[batch, 2]',
    ]);
  });

  it('leaves the graph that it is given alone', () => {
    const graph = graphOf({ y: add(exp(x), exp(x)) });
    const before = formatGraph(graph);
    simplify(graph);
    expect(formatGraph(graph)).toBe(before);
  });
});
