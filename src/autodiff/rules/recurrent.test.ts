import { describe, expect, it } from 'vitest';
import { tensorData } from '../../graph/dataType.ts';
import type { Shape } from '../../graph/dimension.ts';
import { applyOne } from '../../graph/operator.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { concat, reshape } from '../../graph/operators/movement.ts';
import { gru, lstm, recurrent, reverseSequence } from '../../graph/operators/recurrent.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { constant, input, type Tensor } from '../../graph/tensor.ts';
import { gradient } from '../gradient.ts';
import { checkAgainstReference } from '../testing/checkAgainstReference.ts';
import { checkGradient } from '../testing/checkGradient.ts';
import { type RecurrentCase, referenceRecurrent } from '../testing/recurrentReference.ts';

const kinds = ['LSTM', 'GRU', 'GRU, linear before reset'] as const;
const directions = ['forward', 'reverse', 'bidirectional'] as const;
const [steps, batch, width, units] = [4, 3, 2, 3];

/** All outputs in a row, as the reference has them. */
function run(
  { kind, direction, lengths }: RecurrentCase,
  [x, weight, ofHidden, bias, initialHidden, initialCell]: readonly Tensor[],
): Tensor {
  const weights = { input: weight, recurrent: ofHidden, bias };
  const options = {
    direction,
    initialHidden,
    lengths: lengths && constant(tensorData('int32', lengths)),
  };
  const results =
    kind === 'LSTM'
      ? lstm(x, weights, { ...options, initialCell })
      : gru(x, weights, { ...options, linearBeforeReset: kind !== 'GRU' });
  return concat(
    Object.values(results).map((result: Tensor) => reshape(result, [-1])),
    0,
  );
}

function shapesOf({ kind, direction }: RecurrentCase): number[][] {
  const both = direction === 'bidirectional' ? 2 : 1;
  const rows = (kind === 'LSTM' ? 4 : 3) * units;
  return [
    [steps, batch, width],
    [both, rows, width],
    [both, rows, units],
    [both, 2 * rows],
    [both, batch, units],
    ...(kind === 'LSTM' ? [[both, batch, units]] : []),
  ];
}

function check(one: RecurrentCase, count = 6, named?: readonly Shape[]): Promise<void> {
  return checkAgainstReference({
    shapes: shapesOf(one).slice(0, count),
    named: named?.slice(0, count),
    run: (...inputs) => run(one, inputs),
    reference: (...inputs) => referenceRecurrent(one, inputs),
  });
}

describe.each(kinds)('%s', (kind) => {
  it.each(directions)('agrees with its definition, values and gradients: %s', async (direction) => {
    await check({ kind, direction });
    await check({ kind, direction, lengths: [4, 1, 2] });
  });

  it('does without bias and initial states', async () => {
    await check({ kind, direction: 'bidirectional' }, 3);
    await check({ kind, direction: 'reverse', lengths: [0, 3, 4] }, 4);
  });

  it('takes batches of any size', () => {
    const [, ...others] = shapesOf({ kind, direction: 'forward' });
    const named = [
      [steps, 'batch', width],
      ...others.map((shape) =>
        shape.map((size, axis) => (shape.length === 3 && size === batch && axis === 1 ? 'batch' : size)),
      ),
    ];
    return check({ kind, direction: 'forward' }, 6, named);
  });

  it('can be differentiated again', () => {
    const shapes = [[2, 1, 2], ...shapesOf({ kind, direction: 'forward' }).slice(1, 4)];
    return checkGradient(
      shapes,
      (...inputs) => {
        const y = run({ kind, direction: 'forward' }, inputs);
        return gradient(reduceSum(mul(y, y)), inputs[1]);
      },
      { dtype: 'float32' },
    );
  });
});

describe('recurrent layers', () => {
  it('turn back what is asked of a sequence only', async () => {
    const lengths = constant(tensorData('int32', [1, 3]));
    await checkGradient([[3, 2, 2]], (x) => reverseSequence(x, lengths));
  });

  it('name the input that does not fit', () => {
    const x = input('x', 'float32', [4, 'batch', 2]);
    const weights = (rows: number, hidden: number) => ({
      input: input('w', 'float32', [1, rows, 2]),
      recurrent: input('r', 'float32', [1, rows, hidden]),
    });
    expect(() => lstm(x, weights(9, 3))).toThrow('input 1 must be [1, 12, 2]');
    expect(() => gru(x, weights(9, 3), { direction: 'bidirectional' })).toThrow('input 1 must be [2, 9, 2]');
    expect(() => gru(x, weights(9, 3), { initialHidden: input('h', 'float32', [1, 'batch', 2]) })).toThrow(
      'input 5 must be [1, batch, 3]',
    );
    expect(() =>
      applyOne(recurrent.LSTM, [x, weights(12, 3).input, weights(12, 3).recurrent], { layout: 1 }),
    ).toThrow('layout 1');
  });

  it('say which forms have no gradient', () => {
    const long = input('x', 'float32', ['time', 1, 2]);
    const weights = {
      input: input('w', 'float32', [1, 12, 2]),
      recurrent: input('r', 'float32', [1, 12, 3]),
    };
    expect(() => gradient(reduceSum(lstm(long, weights).y), long)).toThrow(
      'LSTM of time steps, not known before the graph runs, has no gradient rule',
    );
    const x = input('x', 'float32', [2, 1, 2]);
    const clipped = applyOne(recurrent.LSTM, [x, weights.input, weights.recurrent], {
      hidden_size: 3,
      clip: 1,
    });
    expect(() => gradient(reduceSum(clipped), x)).toThrow('LSTM with clip has no gradient rule');
  });
});
