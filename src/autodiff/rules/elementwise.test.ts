import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { applyOne } from '../../graph/operator.ts';
import {
  abs,
  add,
  and,
  cast,
  clip,
  cos,
  div,
  elementwise,
  erf,
  exp,
  greater,
  identity,
  less,
  log,
  max,
  min,
  mul,
  neg,
  pow,
  reciprocal,
  sin,
  sqrt,
  sub,
  sum,
  where,
} from '../../graph/operators/elementwise.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { constant, input, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';
import { checkGradient } from '../testing/checkGradient.ts';

/** Slopes of the sum of f at some points, one input after the other. */
async function slopesAt(f: (...inputs: Tensor[]) => Tensor, ...points: (readonly number[])[]) {
  const inputs = points.map((point, i) => input(`x${i}`, 'float64', [point.length]));
  const slopes = gradient(reduceSum(f(...inputs)), inputs);
  const program = await compile(graphOf(new Map(slopes.map((slope, i) => [`d${i}`, slope])), { inputs }));
  const feeds = points.map((point, i) => [`x${i}`, tensorData('float64', point)]);
  const results = await program.run(Object.fromEntries(feeds));
  await program.release();
  return inputs.map((_, i) => [...numbersOf(results[`d${i}`])]);
}

describe('gradients of arithmetic', () => {
  it('agree with differences, broadcast either way', async () => {
    for (const f of [add, sub, mul, (a: Tensor, b: Tensor) => div(a, add(mul(b, b), 1))]) {
      await checkGradient([[2, 3], [3]], f);
      await checkGradient(
        [
          [1, 3],
          [2, 1],
        ],
        f,
      );
      await checkGradient([[], [2, 2]], f);
    }
  });

  it('agree with differences where nothing is there to differentiate', () =>
    checkGradient([[0, 3], [3]], (a, b) => mul(a, b)));

  it('add up over many operands', () => checkGradient([[2, 3], [3], []], (a, b, c) => sum(a, mul(b, c), c)));

  it('of Mean and Mod agree with differences', async () => {
    await checkGradient([[2], [2]], (a, b) => applyOne(elementwise.Mean, [a, b]), {
      dtype: 'float32',
    });
    const remainder = (a: Tensor, b: Tensor) => applyOne(elementwise.Mod, [a, b], { fmod: 1 });
    await checkGradient([[4], [4]], remainder, {
      values: [
        [7.3, -7.3, 7.3, -7.3],
        [2, 2, -2, -2],
      ],
    });
  });

  it('of powers agree with differences', async () => {
    await checkGradient([[4], [4]], (a, b) => pow(add(abs(a), 0.1), b));
    await checkGradient([[3]], (a) => pow(a, 3), { values: [[-2, 0, 1.5]] });
  });

  it('of powers have their limits at 0', async () => {
    expect(await slopesAt(pow, [0, 0, 0, 2, -2], [0, 1, 2, 0, 2])).toEqual([
      [0, 1, 0, 0, -4],
      [0, 0, 0, Math.LN2, 0],
    ]);
  });
});

describe('gradients of functions', () => {
  it('agree with differences', async () => {
    const { Tan, Asin, Acos, Atan, Sinh, Cosh, Asinh, Atanh } = elementwise;
    for (const rule of [Tan, Asin, Acos, Atan, Sinh, Cosh, Asinh, Atanh]) {
      // ONNX Runtime has some of these in float32 only.
      const f = (x: Tensor) => applyOne(rule, [x]);
      await checkGradient([[5]], f, { dtype: 'float32', values: [[-0.7, -0.2, 0, 0.3, 0.8]] });
    }
    await checkGradient([[3]], (x) => applyOne(elementwise.Acosh, [x]), {
      dtype: 'float32',
      values: [[1.5, 2, 9]],
    });
    for (const f of [neg, exp, sin, cos]) await checkGradient([[5]], f);
    await checkGradient([[5]], erf, { dtype: 'float32' });
    for (const f of [sqrt, log, reciprocal]) await checkGradient([[3]], f, { values: [[0.1, 1, 30]] });
  });

  it('of absolute values is 0 at 0', async () => {
    expect(await slopesAt(abs, [-2, 0, 3])).toEqual([[-1, 0, 1]]);
  });

  it('pass a cast to another float type and stop at whole numbers', async () => {
    const [through] = await slopesAt((x) => cast(mul(cast(x, 'float32'), 3), 'float64'), [1, 2]);
    expect(through).toEqual([3, 3]);
    const [like] = await slopesAt(
      (x) => {
        const narrow = applyOne(elementwise.CastLike, [x, constant(1, 'float32')]);
        return cast(mul(identity(narrow), 3), 'float64');
      },
      [1, 2],
    );
    expect(like).toEqual([3, 3]);
    const [stopped] = await slopesAt((x) => mul(cast(cast(x, 'int64'), 'float64'), x), [1.5, 2.5]);
    expect(stopped).toEqual([1, 2]);
  });
});

describe('gradients of choices', () => {
  it('agree with differences', async () => {
    await checkGradient([[4], [1]], (a, b) => add(min(a, b), max(a, mul(b, 2), 0.1)));
    await checkGradient([[4], []], (a, b) => where(less(a, 0), clip(a, b), mul(a, b)));
    await checkGradient([[3, 1], [4]], (a, b) => where(and(less(a, b), greater(b, 0)), a, mul(b, b)));
  });

  it('share a tie equally', async () => {
    expect(await slopesAt((a, b) => max(a, b), [1, 2], [1, 0])).toEqual([
      [0.5, 1],
      [0.5, 0],
    ]);
    expect(await slopesAt((a) => min(a, a, 5), [3])).toEqual([[1]]);
  });

  it('hold on the bounds of a clip and stop beyond', async () => {
    expect(await slopesAt((x) => clip(x, 0, 6), [-1, 0, 3, 6, 7])).toEqual([[0, 1, 1, 1, 0]]);
  });

  it('go to the bound that binds', async () => {
    const lower = input('lower', 'float64', []);
    const upper = input('upper', 'float64', []);
    const x = input('x', 'float64', [5]);
    const [byLower, byUpper] = gradient(reduceSum(clip(x, lower, upper)), [lower, upper]);
    const program = await compile(graphOf({ byLower, byUpper }));
    const feed = (from: number, to: number) => ({
      x: tensorData('float64', [-1, 0, 3, 6, 7]),
      lower: tensorData('float64', [from], []),
      upper: tensorData('float64', [to], []),
    });
    const inOrder = await program.run(feed(0, 6));
    expect([numbersOf(inOrder.byLower)[0], numbersOf(inOrder.byUpper)[0]]).toEqual([1, 1]);
    // Where the bounds cross, the upper one has the last word.
    const crossed = await program.run(feed(6, 0));
    expect([numbersOf(crossed.byLower)[0], numbersOf(crossed.byUpper)[0]]).toEqual([0, 5]);
    await program.release();
  });

  it('do not let the branch not taken spoil the other', async () => {
    expect(await slopesAt((x) => where(greater(x, 0), log(where(greater(x, 0), x, 1)), 0), [0, 2])).toEqual([
      [0, 0.5],
    ]);
  });
});
