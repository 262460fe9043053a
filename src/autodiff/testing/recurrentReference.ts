import { sizeOf } from '../../graph/dataType.ts';
import type { Values } from './windowReference.ts';

/** A recurrent layer in float64, written as it is defined: unit by unit, step by step. */
export interface RecurrentCase {
  readonly kind: 'LSTM' | 'GRU' | 'GRU, linear before reset';
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  /** Steps of each sequence. Default: all. */
  readonly lengths?: readonly number[] | undefined;
}

/** All outputs one after the other: y, the last hidden state and, of an LSTM, the last cell state. */
export function referenceRecurrent(
  { kind, direction, lengths }: RecurrentCase,
  [x, weight, recurrent, bias, initialHidden, initialCell]: readonly (Values | undefined)[],
): Values {
  if (!x || !weight || !recurrent) throw new Error('a recurrent layer needs inputs and weights');
  const [steps, batch, width] = x.shape;
  const [directions, , units] = recurrent.shape;
  const y = empty([steps, directions, batch, units]);
  const [lastHidden, lastCell] = [empty([directions, batch, units]), empty([directions, batch, units])];
  for (let d = 0; d < directions; d++) {
    for (let n = 0; n < batch; n++) {
      const at = (d * batch + n) * units;
      let hidden = Array.from({ length: units }, (_, u) => initialHidden?.data[at + u] ?? 0);
      let cell = Array.from({ length: units }, (_, u) => initialCell?.data[at + u] ?? 0);
      const length = lengths?.[n] ?? steps;
      for (let step = 0; step < length; step++) {
        const t = direction === 'reverse' || d === 1 ? length - 1 - step : step;
        const input = x.data.subarray((t * batch + n) * width, (t * batch + n + 1) * width);
        const rows = recurrent.shape[1];
        /** What a gate of a unit gets from the input, and from a hidden state. */
        const fromInput = (gate: number, u: number) => {
          const row = d * rows + gate * units + u;
          return (
            dot(weight.data.subarray(row * width), input) + (bias?.data[d * 2 * rows + gate * units + u] ?? 0)
          );
        };
        const fromHidden = (gate: number, u: number, state: readonly number[]) => {
          const row = d * rows + gate * units + u;
          return (
            dot(recurrent.data.subarray(row * units), state) +
            (bias?.data[d * 2 * rows + rows + gate * units + u] ?? 0)
          );
        };
        const before = hidden;
        const both = (gate: number, u: number) => fromInput(gate, u) + fromHidden(gate, u, before);
        if (kind === 'LSTM') {
          cell = cell.map((c, u) => sigmoid(both(2, u)) * c + sigmoid(both(0, u)) * Math.tanh(both(3, u)));
          hidden = cell.map((c, u) => sigmoid(both(1, u)) * Math.tanh(c));
        } else {
          const reset = before.map((_, u) => sigmoid(both(1, u)));
          const scaled = before.map((h, u) => h * reset[u]);
          hidden = before.map((h, u) => {
            const z = sigmoid(both(0, u));
            const ofHidden = kind === 'GRU' ? fromHidden(2, u, scaled) : reset[u] * fromHidden(2, u, before);
            return z * h + (1 - z) * Math.tanh(fromInput(2, u) + ofHidden);
          });
        }
        y.data.set(hidden, ((t * directions + d) * batch + n) * units);
      }
      lastHidden.data.set(hidden, at);
      lastCell.data.set(cell, at);
    }
  }
  const all = [y, lastHidden, ...(kind === 'LSTM' ? [lastCell] : [])].flatMap(({ data }) => [...data]);
  return { shape: [all.length], data: Float64Array.from(all) };
}

/** Of the shorter one's length. */
function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(b).reduce((total, value, i) => total + value * a[i], 0);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function empty(shape: readonly number[]): Values {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}
