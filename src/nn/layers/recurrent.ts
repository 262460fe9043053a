import { concat, reshape, shapeTensor, split, transpose, unsqueeze } from '../../graph/operators/movement.ts';
import { gru, lstm, type RecurrentResult, type RecurrentWeights } from '../../graph/operators/recurrent.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { glorotUniform, type Initialiser, orthogonal, zeros } from '../initialisers.ts';
import { type ParameterPlan, type Parameters, planned } from '../parameters.ts';

/** Parameters of {@link lstmLayer} and {@link gruLayer}, by direction. */
export type RecurrentParameters = {
  readonly forward: DirectionParameters;
  readonly backward?: DirectionParameters | undefined;
};

/** Gates lie one behind the other in PyTorch's order: of LSTM input, forget, cell, output; of GRU reset, update, new. */
type DirectionParameters = {
  /** `[gates hidden, inputs]` */
  readonly inputWeight: ParameterPlan;
  /** `[gates hidden, hidden]` */
  readonly hiddenWeight: ParameterPlan;
  /** `[gates hidden]`, both. */
  readonly inputBias: ParameterPlan;
  readonly hiddenBias: ParameterPlan;
};

/** What a recurrent layer gives; of both directions side by side. */
export interface RecurrentOutput {
  /** After each step, `[batch, steps, directions hidden]`. */
  readonly y: Tensor;
  /** After the last step, `[batch, directions hidden]`. */
  readonly last: Tensor;
}

/** Plans an {@link lstmLayer}. Forget gates start open: their bias is 1. */
export function lstmParameters(
  inputs: number,
  hidden: number,
  { bidirectional = false }: { bidirectional?: boolean } = {},
): RecurrentParameters {
  const openForget: Initialiser = ([size]) => new Float32Array(size).fill(1, hidden, 2 * hidden);
  return bothWays(bidirectional, () => directionParameters(4, inputs, hidden, openForget));
}

/** Plans a {@link gruLayer}. */
export function gruParameters(
  inputs: number,
  hidden: number,
  { bidirectional = false }: { bidirectional?: boolean } = {},
): RecurrentParameters {
  return bothWays(bidirectional, () => directionParameters(3, inputs, hidden, zeros()));
}

/**
 * Long short-term memory over sequences (Hochreiter and Schmidhuber 1997), as in PyTorch; in both directions if planned.
 *
 * @param x `[batch, steps, inputs]`; for its gradient the number of steps must be known.
 * @param options `lengths`: steps of each sequence, int32 `[batch]`.
 */
export function lstmLayer(
  parameters: Parameters<RecurrentParameters>,
  x: Tensor,
  { lengths }: { lengths?: Tensor | undefined } = {},
): RecurrentOutput {
  // ONNX has input, output, forget, cell.
  const weights = weightsOf(parameters, ([i, f, c, o]) => [i, o, f, c]);
  const direction = parameters.backward ? 'bidirectional' : 'forward';
  return batchFirst(lstm(transpose(x, [1, 0, 2]), weights, { direction, lengths }));
}

/** Gated recurrent units over sequences (Cho et al. 2014), as in PyTorch; otherwise like {@link lstmLayer}. */
export function gruLayer(
  parameters: Parameters<RecurrentParameters>,
  x: Tensor,
  { lengths }: { lengths?: Tensor | undefined } = {},
): RecurrentOutput {
  // ONNX has update, reset, new.
  const weights = weightsOf(parameters, ([r, z, n]) => [z, r, n]);
  const direction = parameters.backward ? 'bidirectional' : 'forward';
  return batchFirst(gru(transpose(x, [1, 0, 2]), weights, { direction, lengths, linearBeforeReset: true }));
}

function batchFirst({ y, hidden }: RecurrentResult): RecurrentOutput {
  const [steps, directions, batch, size] = y.shape;
  const both = Number(directions) * Number(size);
  return {
    y: reshape(transpose(y, [2, 0, 1, 3]), shapeTensor([batch, steps, both], [y])),
    last: reshape(transpose(hidden, [1, 0, 2]), shapeTensor([batch, both], [hidden])),
  };
}

/** The weights as the operator takes them: gates in its order, directions along a first axis. */
function weightsOf(
  { forward, backward }: Parameters<RecurrentParameters>,
  inOrder: (gates: readonly Tensor[]) => readonly Tensor[],
): RecurrentWeights {
  const directions = backward ? [forward, backward] : [forward];
  const gates = Number(forward.hiddenWeight.shape[0]) / Number(forward.hiddenWeight.shape[1]);
  const ordered = (tensor: Tensor) => concat(inOrder(split(tensor, gates)), 0);
  const stack = (of: (direction: Parameters<DirectionParameters>) => Tensor) =>
    concat(
      directions.map((direction) => unsqueeze(of(direction), [0])),
      0,
    );
  return {
    input: stack(({ inputWeight }) => ordered(inputWeight)),
    recurrent: stack(({ hiddenWeight }) => ordered(hiddenWeight)),
    bias: stack(({ inputBias, hiddenBias }) => concat([ordered(inputBias), ordered(hiddenBias)], 0)),
  };
}

function bothWays(isBoth: boolean, plan: () => DirectionParameters): RecurrentParameters {
  return isBoth ? { forward: plan(), backward: plan() } : { forward: plan() };
}

function directionParameters(
  gates: number,
  inputs: number,
  hidden: number,
  inputBias: Initialiser,
): DirectionParameters {
  return {
    inputWeight: planned([gates * hidden, inputs], glorotUniform()),
    hiddenWeight: planned([gates * hidden, hidden], orthogonal()),
    inputBias: planned([gates * hidden], inputBias),
    hiddenBias: planned([gates * hidden], zeros()),
  };
}
