import type { Dimension } from '../dimension.ts';
import {
  applyOne,
  assertFloat,
  axisOf,
  callError,
  inputOf,
  integers,
  numberOf,
  type OperatorCall,
  type OperatorRule,
  operatorFamily,
} from '../operator.ts';
import { integersOf } from '../shapeValues.ts';
import type { Tensor, TensorType } from '../tensor.ts';

const overAxes = { keepdims: 'int', noop_with_empty_axes: 'int' } as const;

/** Along axes: one value from many. */
export const reduction = operatorFamily({
  ReduceSum: { inputs: [1, 2], attributes: overAxes, infer: reduce },
  ReduceMean: { inputs: [1, 2], attributes: overAxes, infer: reduceFloat },
  ReduceMax: { inputs: [1, 2], attributes: overAxes, infer: reduce },
  ReduceMin: { inputs: [1, 2], attributes: overAxes, infer: reduce },
  ReduceProd: { inputs: [1, 2], attributes: overAxes, infer: reduce },
  ReduceL1: { inputs: [1, 2], attributes: overAxes, infer: reduce },
  ReduceL2: { inputs: [1, 2], attributes: overAxes, infer: reduceFloat },
  ReduceSumSquare: { inputs: [1, 2], attributes: overAxes, infer: reduce },
  ReduceLogSum: { inputs: [1, 2], attributes: overAxes, infer: reduceFloat },
  ReduceLogSumExp: { inputs: [1, 2], attributes: overAxes, infer: reduceFloat },
  ArgMax: {
    inputs: [1, 1],
    attributes: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
    infer: arg,
  },
  ArgMin: {
    inputs: [1, 1],
    attributes: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
    infer: arg,
  },
  CumSum: {
    inputs: [2, 2],
    attributes: { exclusive: 'int', reverse: 'int' },
    infer: (call) => [{ dtype: inputOf(call, 0).dtype, shape: inputOf(call, 0).shape }],
  },
});

/** Over which axes, and whether they stay with size 1. */
export interface ReduceOptions {
  /** Default: all. Negative ones count from the back. */
  readonly axes?: readonly number[] | undefined;
  /** Default false. */
  readonly keepDims?: boolean | undefined;
}

/** Sum over axes */
export const reduceSum = reducer(reduction.ReduceSum);
/** Mean over axes */
export const reduceMean = reducer(reduction.ReduceMean);
/** Largest over axes; where several are, they share the derivative equally */
export const reduceMax = reducer(reduction.ReduceMax);
/** Smallest over axes; where several are, they share the derivative equally */
export const reduceMin = reducer(reduction.ReduceMin);
/** Product over axes */
export const reduceProd = reducer(reduction.ReduceProd);
/** Sum of absolute values over axes */
export const reduceL1 = reducer(reduction.ReduceL1);
/** Root of the sum of squares over axes; its derivative where all are 0 is 0 */
export const reduceL2 = reducer(reduction.ReduceL2);
/** Sum of squares over axes */
export const reduceSumSquare = reducer(reduction.ReduceSumSquare);
/** Logarithm of the sum over axes */
export const reduceLogSum = reducer(reduction.ReduceLogSum);
/** `log(sum(exp(x)))` over axes, safe from overflow */
export const reduceLogSumExp = reducer(reduction.ReduceLogSumExp);

/** Index of the largest along an axis, as int64 */
export function argMax(
  x: Tensor,
  { axis = 0, keepDims = false }: { axis?: number; keepDims?: boolean } = {},
): Tensor {
  return applyOne(reduction.ArgMax, [x], { axis, keepdims: Number(keepDims) });
}

/** Sums of all elements up to each, along an axis */
export function cumSum(
  x: Tensor,
  {
    axis = 0,
    exclusive = false,
    reverse = false,
  }: { axis?: number; exclusive?: boolean; reverse?: boolean } = {},
): Tensor {
  const along = integers([axis]);
  return applyOne(reduction.CumSum, [x, along], { exclusive: Number(exclusive), reverse: Number(reverse) });
}

/**
 * Axes that a reduction runs over, counted from the front, ascending.
 *
 * @internal
 */
export function reducedAxes(call: OperatorCall): readonly number[] {
  const { shape } = inputOf(call, 0);
  const all = shape.map((_, axis) => axis);
  const given = call.inputs[1];
  if (!given) return numberOf(call, 'noop_with_empty_axes', 0) ? [] : all;
  const axes = integersOf(given);
  if (!axes) throw callError(call, 'axes are not known before the graph runs', 'give them as constants');
  if (axes.length === 0) return numberOf(call, 'noop_with_empty_axes', 0) ? [] : all;
  const counted = axes.map((axis) => axisOf(call, axis, shape.length));
  if (new Set(counted).size < counted.length)
    throw callError(call, `an axis is given twice: ${axes.join(', ')}`);
  return counted.sort((a, b) => a - b);
}

function reducer(rule: OperatorRule): (x: Tensor, options?: ReduceOptions) => Tensor {
  return (x, { axes, keepDims = false } = {}) =>
    axes?.length === 0
      ? applyOne(rule, [x, integers([])], { keepdims: Number(keepDims), noop_with_empty_axes: 1 })
      : applyOne(rule, axes ? [x, integers(axes)] : [x], { keepdims: Number(keepDims) });
}

function reduce(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  return [{ dtype, shape: withoutAxes(shape, reducedAxes(call), numberOf(call, 'keepdims', 1) !== 0) }];
}

function reduceFloat(call: OperatorCall): TensorType[] {
  assertFloat(call);
  return reduce(call);
}

function arg(call: OperatorCall): TensorType[] {
  const { shape } = inputOf(call, 0);
  const axis = axisOf(call, numberOf(call, 'axis', 0), shape.length);
  return [{ dtype: 'int64', shape: withoutAxes(shape, [axis], numberOf(call, 'keepdims', 1) !== 0) }];
}

function withoutAxes(
  shape: readonly Dimension[],
  axes: readonly number[],
  keep: boolean,
): readonly Dimension[] {
  if (keep) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !axes.includes(axis));
}
