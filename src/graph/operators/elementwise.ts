import { broadcastShapes } from '../broadcast.ts';
import { type DataType, dataTypeOfCode, dataTypes } from '../dataType.ts';
import {
  apply,
  applyOne,
  assertFloat,
  callError,
  commonDataType,
  inputOf,
  numberOf,
  type OperatorCall,
  type OperatorRule,
  operands,
  operatorFamily,
  type TensorLike,
} from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';

/** Element by element, with broadcasting where there are several operands. */
export const elementwise = operatorFamily({
  Add: { inputs: [2, 2], infer: broadcast },
  Sub: { inputs: [2, 2], infer: broadcast },
  Mul: { inputs: [2, 2], infer: broadcast },
  Div: { inputs: [2, 2], infer: broadcast },
  Pow: { inputs: [2, 2], infer: (call) => [{ dtype: inputOf(call, 0).dtype, shape: allShapes(call) }] },
  Mod: { inputs: [2, 2], attributes: { fmod: 'int' }, infer: broadcast },
  Min: { inputs: [1, Number.POSITIVE_INFINITY], infer: broadcast },
  Max: { inputs: [1, Number.POSITIVE_INFINITY], infer: broadcast },
  Sum: { inputs: [1, Number.POSITIVE_INFINITY], infer: broadcast },
  Mean: { inputs: [1, Number.POSITIVE_INFINITY], infer: broadcast },

  Equal: { inputs: [2, 2], infer: compare },
  Less: { inputs: [2, 2], infer: compare },
  LessOrEqual: { inputs: [2, 2], infer: compare },
  Greater: { inputs: [2, 2], infer: compare },
  GreaterOrEqual: { inputs: [2, 2], infer: compare },
  And: { inputs: [2, 2], infer: logical },
  Or: { inputs: [2, 2], infer: logical },
  Xor: { inputs: [2, 2], infer: logical },
  Not: { inputs: [1, 1], infer: logical },
  IsNaN: { inputs: [1, 1], infer: toBool },
  IsInf: { inputs: [1, 1], attributes: { detect_negative: 'int', detect_positive: 'int' }, infer: toBool },

  BitShift: { inputs: [2, 2], attributes: { direction: 'string' }, infer: broadcast },
  BitwiseAnd: { inputs: [2, 2], infer: broadcast },
  BitwiseOr: { inputs: [2, 2], infer: broadcast },
  BitwiseXor: { inputs: [2, 2], infer: broadcast },
  BitwiseNot: { inputs: [1, 1], infer: same },

  Neg: { inputs: [1, 1], infer: same },
  Abs: { inputs: [1, 1], infer: same },
  Sign: { inputs: [1, 1], infer: same },
  Identity: { inputs: [1, 1], infer: same },
  Reciprocal: { inputs: [1, 1], infer: sameFloat },
  Floor: { inputs: [1, 1], infer: sameFloat },
  Ceil: { inputs: [1, 1], infer: sameFloat },
  Round: { inputs: [1, 1], infer: sameFloat },
  Sqrt: { inputs: [1, 1], infer: sameFloat },
  Exp: { inputs: [1, 1], infer: sameFloat },
  Log: { inputs: [1, 1], infer: sameFloat },
  Erf: { inputs: [1, 1], infer: sameFloat },
  Sin: { inputs: [1, 1], infer: sameFloat },
  Cos: { inputs: [1, 1], infer: sameFloat },
  Tan: { inputs: [1, 1], infer: sameFloat },
  Asin: { inputs: [1, 1], infer: sameFloat },
  Acos: { inputs: [1, 1], infer: sameFloat },
  Atan: { inputs: [1, 1], infer: sameFloat },
  Sinh: { inputs: [1, 1], infer: sameFloat },
  Cosh: { inputs: [1, 1], infer: sameFloat },
  Asinh: { inputs: [1, 1], infer: sameFloat },
  Acosh: { inputs: [1, 1], infer: sameFloat },
  Atanh: { inputs: [1, 1], infer: sameFloat },

  Clip: { inputs: [1, 3], infer: same },
  Where: { inputs: [3, 3], infer: choose },
  Cast: { inputs: [1, 1], attributes: { to: 'int', saturate: 'int' }, infer: convert },
  CastLike: {
    inputs: [2, 2],
    attributes: { saturate: 'int' },
    infer: (call) => [{ dtype: inputOf(call, 1).dtype, shape: inputOf(call, 0).shape }],
  },
});

/** `a + b` */
export const add = binary(elementwise.Add);
/** `a - b` */
export const sub = binary(elementwise.Sub);
/** `a * b` */
export const mul = binary(elementwise.Mul);
/** `a / b` */
export const div = binary(elementwise.Div);
/** `a` to the power of `b` */
export const pow = binary(elementwise.Pow);
/** `a == b`, as bools */
export const equal = binary(elementwise.Equal);
/** `a < b`, as bools */
export const less = binary(elementwise.Less);
/** `a <= b`, as bools */
export const lessOrEqual = binary(elementwise.LessOrEqual);
/** `a > b`, as bools */
export const greater = binary(elementwise.Greater);
/** `a >= b`, as bools */
export const greaterOrEqual = binary(elementwise.GreaterOrEqual);
/** Both, of bools */
export const and = binary(elementwise.And);
/** Either, of bools */
export const or = binary(elementwise.Or);
/** The opposite of bools */
export const not = unary(elementwise.Not);
/** Whether an element is NaN */
export const isNan = unary(elementwise.IsNaN);

/** `-x` */
export const neg = unary(elementwise.Neg);
/** `|x|`; its derivative at 0 is 0 */
export const abs = unary(elementwise.Abs);
/** -1, 0 or 1; its derivative is 0 */
export const sign = unary(elementwise.Sign);
/** `1 / x` */
export const reciprocal = unary(elementwise.Reciprocal);
/** Largest whole number not above `x` */
export const floor = unary(elementwise.Floor);
/** Smallest whole number not below `x` */
export const ceil = unary(elementwise.Ceil);
/** Nearest whole number, halves to even */
export const round = unary(elementwise.Round);
/** Square root */
export const sqrt = unary(elementwise.Sqrt);
/** `e` to the power of `x` */
export const exp = unary(elementwise.Exp);
/** Natural logarithm */
export const log = unary(elementwise.Log);
/** Error function */
export const erf = unary(elementwise.Erf);
/** Sine */
export const sin = unary(elementwise.Sin);
/** Cosine */
export const cos = unary(elementwise.Cos);
/** The value itself */
export const identity = unary(elementwise.Identity);

/** The smallest of the operands */
export function min(...values: readonly TensorLike[]): Tensor {
  return applyOne(elementwise.Min, operands(...values));
}

/** The largest of the operands */
export function max(...values: readonly TensorLike[]): Tensor {
  return applyOne(elementwise.Max, operands(...values));
}

/** The sum of the operands */
export function sum(...values: readonly TensorLike[]): Tensor {
  return values.length === 1 ? operands(...values)[0] : applyOne(elementwise.Sum, operands(...values));
}

/** `x` kept between two bounds; either may be left out. */
export function clip(x: Tensor, lower?: TensorLike, upper?: TensorLike): Tensor {
  const bound = (value: TensorLike | undefined) => (value === undefined ? undefined : operands(x, value)[1]);
  return applyOne(elementwise.Clip, [x, bound(lower), bound(upper)]);
}

/** `a` where `condition` holds, else `b`. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return applyOne(elementwise.Where, [condition, ...operands(a, b)]);
}

/** The same values in another type; floats are cut towards 0 on the way to whole numbers. */
export function cast(x: Tensor, dtype: DataType): Tensor {
  return x.dtype === dtype ? x : applyOne(elementwise.Cast, [x], { to: dataTypes[dtype].code });
}

function binary(rule: OperatorRule): (a: TensorLike, b: TensorLike) => Tensor {
  return (a, b) => apply(rule, operands(a, b))[0];
}

function unary(rule: OperatorRule): (x: Tensor) => Tensor {
  return (x) => apply(rule, [x])[0];
}

function allShapes(call: OperatorCall) {
  return broadcastShapes(
    call,
    call.inputs.map((_, i) => inputOf(call, i).shape),
  );
}

function broadcast(call: OperatorCall): TensorType[] {
  return [{ dtype: commonDataType(call), shape: allShapes(call) }];
}

function compare(call: OperatorCall): TensorType[] {
  commonDataType(call);
  return [{ dtype: 'bool', shape: allShapes(call) }];
}

function logical(call: OperatorCall): TensorType[] {
  if (commonDataType(call) !== 'bool') throw callError(call, 'expected bools', 'compare first: less(x, y)');
  return [{ dtype: 'bool', shape: allShapes(call) }];
}

function toBool(call: OperatorCall): TensorType[] {
  return [{ dtype: 'bool', shape: inputOf(call, 0).shape }];
}

function same(call: OperatorCall): TensorType[] {
  const { shape } = inputOf(call, 0);
  return [{ dtype: commonDataType(call), shape }];
}

function sameFloat(call: OperatorCall): TensorType[] {
  assertFloat(call);
  return same(call);
}

function choose(call: OperatorCall): TensorType[] {
  const [condition, a, b] = [inputOf(call, 0), inputOf(call, 1), inputOf(call, 2)];
  if (condition.dtype !== 'bool') throw callError(call, 'the condition must be of bools');
  if (a.dtype !== b.dtype) throw callError(call, 'element types of the choices differ');
  return [{ dtype: a.dtype, shape: allShapes(call) }];
}

function convert(call: OperatorCall): TensorType[] {
  const code = numberOf(call, 'to', 0);
  const dtype = dataTypeOfCode(code);
  if (!dtype) throw callError(call, `unknown element type ${code}`);
  return [{ dtype, shape: inputOf(call, 0).shape }];
}
