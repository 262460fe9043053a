import { describe, it } from 'vitest';
import { mul } from '../../graph/operators/elementwise.ts';
import {
  concat,
  expand,
  flatten,
  reshape,
  split,
  squeeze,
  tile,
  transpose,
  unsqueeze,
} from '../../graph/operators/movement.ts';
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
});
