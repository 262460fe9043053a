import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { applyOne, integers } from '../../graph/operator.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { depthToSpace, resize, resizing, spaceToDepth } from '../../graph/operators/resize.ts';
import { constant, input, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';
import { checkGradient } from '../testing/checkGradient.ts';

// The maps are linear, so that large steps give the slope up to rounding.
const linear = { dtype: 'float32', step: 1, tolerance: 1e-5 } as const;

describe('the gradient of Resize agrees with differences', () => {
  for (const coordinates of ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'] as const) {
    it(`for nearest elements by ${coordinates}, however they are rounded`, async () => {
      for (const rounding of ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const) {
        const options = { coordinates, rounding };
        await checkGradient([[1, 2, 4, 3]], (x) => resize(x, { scales: [1.5, 3], ...options }), linear);
        await checkGradient([[1, 2, 5, 3]], (x) => resize(x, { sizes: [2, 1], ...options }), linear);
      }
    });

    it(`for lines and cubics by ${coordinates}`, async () => {
      for (const mode of ['linear', 'cubic'] as const) {
        await checkGradient(
          [[1, 2, 4, 3]],
          (x) => resize(x, { scales: [1.5, 3], mode, coordinates }),
          linear,
        );
        await checkGradient([[1, 2, 5, 3]], (x) => resize(x, { sizes: [2, 1], mode, coordinates }), linear);
      }
    });
  }

  it('of an image of one element, and of none at all', async () => {
    await checkGradient([[2, 1, 1, 1]], (x) => resize(x, { scales: 3, mode: 'linear' }), linear);
    await checkGradient([[0, 1, 2, 2]], (x) => resize(x, { scales: 2 }), linear);
  });

  it('where all axes are given', async () => {
    const options = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    const scales = constant([1, 1, 2, 1.5]);
    await checkGradient(
      [[2, 2, 3, 4]],
      (x) => applyOne(resizing.Resize, [x, undefined, scales], options),
      linear,
    );
    const sizes = integers([2, 2, 5, 4]);
    await checkGradient(
      [[2, 2, 3, 4]],
      (x) => applyOne(resizing.Resize, [x, undefined, undefined, sizes], options),
      linear,
    );
  });

  it('for blocks of channels laid out, and put back', async () => {
    for (const mode of ['DCR', 'CRD'] as const) {
      await checkGradient([[2, 8, 2, 3]], (x) => depthToSpace(x, 2, { mode }));
    }
    await checkGradient([[2, 3, 4, 6]], (x) => spaceToDepth(x, 2));
    await checkGradient([[2, 1, 3, 6]], (x) => spaceToDepth(x, 3));
  });
});

describe('resizing', () => {
  it('takes sizes that are known only when the graph runs', async () => {
    const x = input('x', 'float32', ['batch', 4, 'height', 'width']);
    const y = resize(depthToSpace(x, 2, { mode: 'CRD' }), { scales: 2, mode: 'linear' });
    expect(y.shape).toEqual(['batch', 1, '4*height', '4*width']);
    const data = {
      x: tensorData(
        'float32',
        Array.from({ length: 24 }, (_, i) => i),
        [1, 4, 2, 3],
      ),
    };
    expect(await slopes(reduceSum(y), x, data)).toEqual(new Array(24).fill(4));
  });

  it('undoes blocks by blocks', async () => {
    const x = input('x', 'float32', [1, 4, 'height', 'width']);
    const data = tensorData(
      'float32',
      Array.from({ length: 24 }, (_, i) => i),
      [1, 4, 2, 3],
    );
    const there = spaceToDepth(depthToSpace(x, 2), 2);
    expect(there.shape).toEqual(x.shape);
    const program = await compile(graphOf({ there }));
    expect([...numbersOf((await program.run({ x: data })).there)]).toEqual([...data.data]);
  });

  it('names what does not fit', () => {
    const x = input('x', 'float32', [1, 3, 4, 5]);
    const scales = constant([2, 2]);
    expect(() => applyOne(resizing.Resize, [x, undefined, scales], { axes: [2, 3], antialias: 1 })).toThrow(
      /antialias is not supported/,
    );
    expect(() => resize(x, {})).toThrow(/either scales or sizes/);
    expect(() => resize(x, { scales: 2, sizes: [2, 2] })).toThrow(/either scales or sizes/);
    expect(() => resize(x, { scales: [2, 2, 2] })).toThrow(/3 scales or sizes for 2 axes/);
    expect(() => depthToSpace(x, 2)).toThrow(/do not divide 3 channels/);
    expect(() => spaceToDepth(x, 3)).toThrow(/do not divide the image/);
    expect(() => depthToSpace(x, 0)).toThrow(/a block size of 0/);
  });
});

async function slopes(loss: Tensor, x: Tensor, feeds: Record<string, ReturnType<typeof tensorData>>) {
  const program = await compile(graphOf({ slope: gradient(mul(loss, 1), x) }));
  const { slope } = await program.run(feeds);
  await program.release();
  return [...numbersOf(slope)];
}
