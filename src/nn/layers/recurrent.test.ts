import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { type TensorData, tensorData } from '../../graph/dataType.ts';
import { mul, sum } from '../../graph/operators/elementwise.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { initialise } from '../parameters.ts';
import { evaluate } from '../testing/evaluate.ts';
import { gruLayer, gruParameters, lstmLayer, lstmParameters } from './recurrent.ts';

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly kind: 'LSTM' | 'GRU';
  readonly bidirectional: boolean;
  readonly lengths: readonly number[] | null;
  readonly values: Readonly<Record<string, Stored>>;
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly outputs: Readonly<Record<string, Stored>>;
  readonly cotangents: Readonly<Record<string, Stored>>;
  readonly gradients: Readonly<Record<string, Stored>>;
}

const url = new URL('../../../fixtures/engine/recurrent.json', import.meta.url);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(url, 'utf8'));
const read = ({ shape, data }: Stored) => tensorData('float32', data, shape);
const readAll = (stored: Readonly<Record<string, Stored>>): Record<string, TensorData> =>
  Object.fromEntries(Object.entries(stored).map(([name, one]) => [name, read(one)]));

describe('recurrent layers do what PyTorch does, forward and backward', () => {
  const named = cases.map((one) => {
    const both = one.bidirectional ? ' in both directions' : '';
    return [`${one.kind}${both}${one.lengths ? ' of some lengths' : ''}`, one] as const;
  });

  it.each(named)('%s', async (_, { kind, bidirectional, lengths, ...stored }) => {
    const [steps, width, hidden] = [5, 3, 4];
    const plan = kind === 'LSTM' ? lstmParameters : gruParameters;
    const { parameters, trained } = initialise(plan(width, hidden, { bidirectional }), {
      values: readAll(stored.values),
    });
    const state = (name: string) => input(name, 'float32', [bidirectional ? 2 : 1, 'batch', hidden]);
    const x = input('x', 'float32', ['batch', steps, width]);
    const initialHidden = state('initialHidden');
    const initialCell = state('initialCell');
    const reading = { initialHidden, lengths: lengths ? input('lengths', 'int64', ['batch']) : undefined };
    const found =
      kind === 'LSTM'
        ? lstmLayer(parameters, x, { ...reading, initialCell })
        : gruLayer(parameters, x, reading);

    const outputs = Object.entries<Tensor>({ ...found });
    const loss = sum(
      ...outputs.map(([name, y]) => reduceSum(mul(y, input(`cotangent of ${name}`, 'float32', y.shape)))),
    );
    const wanted = { ...trained, x, initialHidden, ...(kind === 'LSTM' && { initialCell }) };
    const slopes = Object.entries(gradient(loss, wanted));
    const results: Record<string, number[]> = await evaluate(
      Object.fromEntries([...outputs, ...slopes.map(([name, slope]) => [`gradient of ${name}`, slope])]),
      {
        ...readAll(stored.inputs),
        ...(lengths && { lengths: tensorData('int64', lengths) }),
        ...Object.fromEntries(
          Object.entries(stored.cotangents).map(([name, one]) => [`cotangent of ${name}`, read(one)]),
        ),
      },
    );
    for (const [name, { data }] of Object.entries(stored.outputs)) close(results[name], data, name);
    for (const [name, { data }] of Object.entries(stored.gradients)) {
      close(results[`gradient of ${name}`], data, `gradient of ${name}`);
    }
  });

  it('have one set of weights a direction, and start with open forget gates', () => {
    expect(Object.keys(initialise(gruParameters(2, 3, { bidirectional: true })).trained)).toHaveLength(8);
    const { trained } = initialise(lstmParameters(2, 3), { seed: 1 });
    expect(Object.entries(trained).map(([name, { shape }]) => [name, shape])).toEqual([
      ['forward.inputWeight', [12, 2]],
      ['forward.hiddenWeight', [12, 3]],
      ['forward.inputBias', [12]],
      ['forward.hiddenBias', [12]],
    ]);
    const bias = trained['forward.inputBias'].node.value?.data;
    expect([...(bias as Float32Array)]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  });
});

/** To 2e-6 of the largest. */
function close(found: readonly number[], expected: readonly number[], what: string): void {
  expect(found.length, what).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  expect(worst / scale, what).toBeLessThan(2e-6);
}
