import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../../graph/dataType.ts';
import type { Shape } from '../../graph/dimension.ts';
import { graphOf } from '../../graph/graph.ts';
import { applyOne, integers } from '../../graph/operator.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import {
  concat,
  expand,
  flatten,
  movement,
  pad,
  reshape,
  shapeOf,
  slice,
  split,
  squeeze,
  tile,
  transpose,
  unsqueeze,
} from '../../graph/operators/movement.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';
import { checkGradient } from '../testing/checkGradient.ts';

describe('gradients of movements', () => {
  it('agree with differences for other shapes of the same elements', async () => {
    await checkGradient([[2, 3]], (x) => reshape(x, [3, -1]));
    await checkGradient([[2, 3, 2]], (x) => flatten(x, { axis: 2 }));
    await checkGradient([[2, 1, 3]], (x) => squeeze(x));
    await checkGradient([[2, 3]], (x) => unsqueeze(x, [0, -1]));
    await checkGradient([[2, 3, 4]], (x) => transpose(x, [2, 0, 1]));
    await checkGradient([[2, 3]], (x) => transpose(x));
    await checkGradient([[0, 3]], (x) => reshape(x, [3, 0]));
  });

  it('agree with differences for repeats', async () => {
    await checkGradient([[2, 1]], (x) => expand(x, [3, 2, 4]));
    await checkGradient([[2, 3]], (x) => tile(x, [2, 3]));
    await checkGradient([[]], (x) => expand(x, [2]));
  });

  it('agree with differences for parts put together and taken apart', async () => {
    await checkGradient(
      [
        [2, 3],
        [2, 1],
      ],
      (a, b) => concat([a, b, a], -1),
    );
    await checkGradient([[5, 2]], (x) => {
      const [a, b] = split(x, [2, 3]);
      return mul(a, split(b, [1, 2])[1]);
    });
    await checkGradient([[2, 4]], (x) => mul(split(x, 2, 1)[1], 2));
  });

  it('agree with differences for cuts', async () => {
    await checkGradient([[5, 4]], (x) => slice(x, [1, 0], [4, 4]));
    await checkGradient([[5, 4]], (x) => slice(x, [-3], [-1], [-1]));
    await checkGradient([[7, 3]], (x) => slice(x, [1, 2], [6, -9], [0, 1], [2, -1]));
    await checkGradient([[7]], (x) => slice(x, [-2], [-99], [0], [-3]));
    await checkGradient([[2, 7, 2]], (x) => slice(x, [-99], [99], [1], [3]));
    await checkGradient([[4, 3]], (x) => slice(x, [3], [2]));
    await checkGradient([[4, 3]], (x) => slice(x, [3], [2], [0], [2]));
    await checkGradient([[0, 3]], (x) => slice(x, [1], [3], [1]));
  });

  it('agree with differences for borders', async () => {
    await checkGradient([[2, 3]], (x) => pad(x, [1, 0], [2, 3], { value: 4 }));
    await checkGradient([[3, 4]], (x) => pad(x, [-1, 2], [1, -2]));
    await checkGradient([[2, 3], []], (x, value) =>
      applyOne(movement.Pad, [x, integers([1, -1, 0, 2]), value]),
    );
    await checkGradient([[2, 3], [1]], (x, value) =>
      applyOne(movement.Pad, [x, integers([1, 2]), value, integers([-1])]),
    );
    for (const mode of ['reflect', 'edge', 'wrap'] as const) {
      await checkGradient([[4, 3, 5]], (x) => pad(x, [3, 0, 1], [2, 2, 4], { mode }));
      await checkGradient([[4, 5]], (x) => pad(x, [-1, 2], [1, -2], { mode }));
    }
    await checkGradient([[1, 3]], (x) => pad(x, [2, 0], [2, 0], { mode: 'edge' }));
  });

  it('hold for sizes that are known only when the graph runs', async () => {
    const named = (shape: Shape, f: (x: Tensor) => Tensor) => slopeOfSum(shape, f);
    expect(await named(['height', 2], (x) => slice(x, [1], [-1]))).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    expect(await named(['height', 2], (x) => slice(x, [0], [3]))).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    expect(await named(['height', 2], (x) => slice(x, [-1], [2 ** 31]))).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
    expect(await named(['height', 2], (x) => slice(x, [1], [2 ** 31], [0], [2]))).toEqual([
      0, 0, 1, 1, 0, 0, 1, 1,
    ]);
    expect(await named(['height', 2], (x) => slice(x, [-1], [-(2 ** 31)], [0], [-3]))).toEqual([
      1, 1, 0, 0, 0, 0, 1, 1,
    ]);
    expect(await named(['height', 2], (x) => pad(x, [1, 0], [1, 0], { mode: 'reflect' }))).toEqual([
      1, 1, 2, 2, 2, 2, 1, 1,
    ]);
    expect(await named(['height', 2], (x) => pad(x, [1, 0], [1, 0], { mode: 'edge' }))).toEqual([
      2, 2, 1, 1, 1, 1, 2, 2,
    ]);
    expect(await named(['height', 2], (x) => tile(x, [2, 1]))).toEqual(new Array(8).fill(2));
    expect(await named(['height', 2], (x) => applyOne(movement.Tile, [x, shapeOf(x)]))).toEqual(
      new Array(8).fill(8),
    );
  });
});

/** Of the sum of all results, for an `x` of 4 rows. */
async function slopeOfSum(shape: Shape, f: (x: Tensor) => Tensor): Promise<number[]> {
  const x = input('x', 'float32', shape);
  const program = await compile(graphOf({ slope: gradient(reduceSum(f(x)), x) }, { inputs: [x] }));
  const { slope } = await program.run({ x: tensorData('float32', [1, 2, 3, 4, 5, 6, 7, 8], [4, 2]) });
  await program.release();
  return [...numbersOf(slope)];
}
