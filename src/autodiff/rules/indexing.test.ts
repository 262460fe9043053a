import { describe, expect, it } from 'vitest';
import { tensorData } from '../../graph/dataType.ts';
import { applyOne } from '../../graph/operator.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import {
  gather,
  gatherElements,
  gatherNd,
  indexing,
  oneHot,
  scatterElements,
  scatterNd,
  topK,
} from '../../graph/operators/indexing.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { constant, input } from '../../graph/tensor.ts';
import { gradient } from '../gradient.ts';
import { checkGradient } from '../testing/checkGradient.ts';

const indices = (values: readonly number[], shape: readonly number[]) =>
  constant(tensorData('int64', values, shape));

describe('gradients of picking and putting', () => {
  it('agree with differences for slices, picked twice, from the back, along any axis', async () => {
    await checkGradient([[4, 2]], (x) => gather(x, indices([1, 3, 1, -1], [2, 2])));
    await checkGradient([[2, 3, 2]], (x) => gather(x, indices([2, 0, 2, 1], [4]), { axis: 1 }));
    await checkGradient([[2, 3]], (x) => gather(x, indices([-1], []), { axis: -1 }));
    await checkGradient([[3, 2]], (x) => gather(x, indices([], [0])));
  });

  it('agree with differences for single elements', async () => {
    const rows = indices([0, 1, 1, 2, 2, 2], [3, 2]);
    await checkGradient([[3, 2]], (x) => gatherElements(x, rows, { axis: 0 }));
    await checkGradient([[3, 2]], (x) =>
      gatherElements(x, indices([1, 1, 0, -1, 0, 0], [3, 2]), { axis: 1 }),
    );
    await checkGradient([[3, 2]], (x) => gatherNd(x, indices([0, 1, 2, 0, 0, 1], [3, 2])));
    await checkGradient([[3, 2]], (x) => gatherNd(x, indices([2, 2], [2, 1])));
    await checkGradient([[2, 3, 2]], (x) =>
      applyOne(indexing.GatherND, [x, indices([1, -1, 0, 0], [2, 2, 1])], { batch_dims: 1 }),
    );
    await checkGradient([[2, 3, 2]], (x) =>
      applyOne(indexing.GatherND, [x, indices([1, 1, 0, 1, 0, 0], [2, 3, 1])], { batch_dims: 2 }),
    );
  });

  it('agree with differences for what is put and what is added', async () => {
    const places = indices([2, 0, 1, 2], [2, 2]);
    for (const reduction of ['none', 'add'] as const) {
      await checkGradient(
        [
          [3, 2],
          [2, 2],
        ],
        (x, updates) => mul(scatterElements(x, places, updates, { reduction }), x),
      );
      await checkGradient(
        [
          [3, 2],
          [2, 2],
        ],
        (x, updates) => mul(scatterNd(x, indices([2, 0], [2, 1]), updates, { reduction }), x),
      );
    }
    const twice = indices([1, 1], [2, 1]);
    await checkGradient(
      [
        [3, 2],
        [2, 2],
      ],
      (x, updates) => scatterNd(x, twice, updates, { reduction: 'add' }),
    );
  });

  it('agree with differences for the largest and the smallest', async () => {
    await checkGradient([[2, 5]], (x) => topK(x, 3).values);
    await checkGradient([[5, 2]], (x) => topK(x, 2, { axis: 0, largest: false }).values);
  });

  it('agree with differences for triangles', () =>
    checkGradient([[3, 3]], (x) => applyOne(indexing.Trilu, [x], { upper: 0 }), { dtype: 'float32' }));

  it('are none for indices, and for a reduction by product', () => {
    const table = input('table', 'float32', [3, 2]);
    const hot = oneHot(indices([0, 2], [2]), 3);
    expect(hot.shape).toEqual([2, 3]);
    const product = scatterNd(table, indices([0], [1, 1]), input('u', 'float32', [1, 2]), {
      reduction: 'mul',
    });
    expect(() => gradient(reduceSum(product), table)).toThrow(
      'ScatterND with reduction mul has no gradient rule',
    );
  });
});
