import {
  abs,
  add,
  and,
  cast,
  cos,
  div,
  equal,
  exp,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  mul,
  neg,
  or,
  pow,
  sign,
  sin,
  sqrt,
  sub,
  sum,
  where,
} from '../../graph/operators/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type GradientRule, noGradient, type RuleNode, sumTo } from '../gradientRule.ts';

export const elementwiseGradients: Readonly<Record<string, GradientRule>> = {
  Add: (g, { inputs: [a, b] }) => [sumTo(a, g), sumTo(b, g)],
  Sub: (g, { inputs: [a, b] }) => [sumTo(a, g), sumTo(b, neg(g))],
  Mul: (g, { inputs: [a, b] }) => [sumTo(a, mul(g, b)), sumTo(b, mul(g, a))],
  Div: (g, { inputs: [a, b], outputs: [y] }) => [sumTo(a, div(g, b)), sumTo(b, neg(div(mul(g, y), b)))],
  Pow: power,
  Mod: (g, { inputs: [a, b] }) => [sumTo(a, g), sumTo(b, neg(mul(g, truncate(div(a, b)))))],
  Min: shared,
  Max: shared,
  Sum: (g, { inputs }) => inputs.map((x) => sumTo(x, g)),
  Mean: (g, { inputs }) => inputs.map((x) => sumTo(x, div(g, inputs.length))),

  Neg: (g) => [neg(g)],
  Abs: (g, { inputs: [x] }) => [mul(g, sign(x))],
  Identity: (g) => [g],
  Reciprocal: (g, { outputs: [y] }) => [neg(mul(g, mul(y, y)))],
  Sqrt: (g, { outputs: [y] }) => [div(mul(g, 0.5), y)],
  Exp: (g, { outputs: [y] }) => [mul(g, y)],
  Log: (g, { inputs: [x] }) => [div(g, x)],
  Erf: (g, { inputs: [x] }) => [mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  Sin: (g, { inputs: [x] }) => [mul(g, cos(x))],
  Cos: (g, { inputs: [x] }) => [neg(mul(g, sin(x)))],
  Tan: (g, { outputs: [y] }) => [mul(g, add(mul(y, y), 1))],
  Asin: (g, { inputs: [x] }) => [div(g, sqrt(sub(1, mul(x, x))))],
  Acos: (g, { inputs: [x] }) => [neg(div(g, sqrt(sub(1, mul(x, x)))))],
  Atan: (g, { inputs: [x] }) => [div(g, add(mul(x, x), 1))],
  // cosh(x) = sqrt(1 + sinh(x)^2), and |x| > 0 decides the sign the other way round.
  Sinh: (g, { outputs: [y] }) => [mul(g, sqrt(add(mul(y, y), 1)))],
  Cosh: (g, { inputs: [x] }) => [mul(g, mul(sub(exp(x), exp(neg(x))), 0.5))],
  Asinh: (g, { inputs: [x] }) => [div(g, sqrt(add(mul(x, x), 1)))],
  Acosh: (g, { inputs: [x] }) => [div(g, mul(sqrt(sub(x, 1)), sqrt(add(x, 1))))],
  Atanh: (g, { inputs: [x] }) => [div(g, sub(1, mul(x, x)))],

  Clip: clipped,
  Where: (g, { inputs: [condition, a, b] }) => [
    undefined,
    sumTo(a, where(condition, g, 0)),
    sumTo(b, where(condition, 0, g)),
  ],
  Cast: (g, { inputs: [x] }) => [cast(g, x.dtype)],
  CastLike: (g, { inputs: [x] }) => [cast(g, x.dtype)],

  Sign: noGradient,
  Floor: noGradient,
  Ceil: noGradient,
  Round: noGradient,
  Equal: noGradient,
  Less: noGradient,
  LessOrEqual: noGradient,
  Greater: noGradient,
  GreaterOrEqual: noGradient,
  And: noGradient,
  Or: noGradient,
  Xor: noGradient,
  Not: noGradient,
  IsNaN: noGradient,
  IsInf: noGradient,
  BitShift: noGradient,
  BitwiseAnd: noGradient,
  BitwiseOr: noGradient,
  BitwiseXor: noGradient,
  BitwiseNot: noGradient,
};

// Limits where the plain formulas give 0 * infinity: x^0 is flat, and so is 0^b in b.
function power(g: Tensor, { inputs: [a, b], outputs: [y] }: RuleNode): Tensor[] {
  const exponent = cast(b, a.dtype);
  const byBase = where(equal(exponent, 0), 0, mul(exponent, pow(a, sub(exponent, 1))));
  const byExponent = where(greater(a, 0), mul(y, log(where(greater(a, 0), a, 1))), 0);
  return [sumTo(a, mul(g, byBase)), cast(sumTo(b, mul(g, byExponent)), b.dtype)];
}

// Operands that tie for the extreme get equal shares.
function shared(g: Tensor, { inputs, outputs: [y] }: RuleNode): Tensor[] {
  const hits = inputs.map((x) => cast(equal(x, y), g.dtype));
  const share = div(g, sum(...hits));
  return inputs.map((x, i) => sumTo(x, mul(share, hits[i])));
}

// Inside the bounds, bounds included, the value moves; outside, the bound does.
function clipped(g: Tensor, { inputs: [x, lower, upper] }: RuleNode): (Tensor | undefined)[] {
  const above = lower && greaterOrEqual(x, lower);
  const below = upper && lessOrEqual(x, upper);
  const inside = above && below ? and(above, below) : (above ?? below);
  return [
    inside ? where(inside, g, 0) : g,
    lower &&
      sumTo(lower, where(upper ? and(less(x, lower), lessOrEqual(lower, upper)) : less(x, lower), g, 0)),
    upper &&
      sumTo(upper, where(lower ? or(greater(x, upper), greater(lower, upper)) : greater(x, upper), g, 0)),
  ];
}

function truncate(x: Tensor): Tensor {
  return mul(sign(x), cast(cast(abs(x), 'int64'), x.dtype));
}
