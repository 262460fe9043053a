import { cast } from '../../graph/operators/elementwise.ts';
import { concat, reshape, shapeTensor, split, transpose, unsqueeze } from '../../graph/operators/movement.ts';
import { gru, lstm, type RecurrentOptions, type RecurrentWeights } from '../../graph/operators/recurrent.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { glorotUniform, type Initialiser, orthogonal, zeros } from '../initialisers.ts';
import { type ParameterPlan, type Parameters, planned } from '../parameters.ts';

/** Options of {@link lstmParameters} and {@link gruParameters}. */
export interface RecurrentLayerOptions {
  /** Whether a second set of weights reads from the end to the front. Default false. */
  readonly bidirectional?: boolean | undefined;
  /** Draws the weights of the inputs. Default `glorotUniform()`. */
  readonly initialiser?: Initialiser | undefined;
  /** Draws the weights of the hidden state. Default `orthogonal()`. */
  readonly hiddenInitialiser?: Initialiser | undefined;
}

/** Parameters of one direction, in PyTorch's layout and order of gates: i, f, g, o of LSTM; r, z, n of GRU. */
export type DirectionParameters = {
  /** `[gates hidden, inputs]`, PyTorch's `weight_ih_l0` */
  readonly inputWeight: ParameterPlan;
  /** `[gates hidden, hidden]`, PyTorch's `weight_hh_l0` */
  readonly hiddenWeight: ParameterPlan;
  /** `[gates hidden]`, PyTorch's `bias_ih_l0` */
  readonly inputBias: ParameterPlan;
  /** `[gates hidden]`, PyTorch's `bias_hh_l0` */
  readonly hiddenBias: ParameterPlan;
};

/** Parameters of {@link lstmLayer} and {@link gruLayer}. */
export type RecurrentParameters = {
  readonly forward: DirectionParameters;
  /** PyTorch's names end in `_reverse`. */
  readonly backward?: DirectionParameters | undefined;
};

/** How {@link lstmLayer} and {@link gruLayer} read. */
export type RecurrentReading = Pick<RecurrentOptions, 'lengths' | 'initialHidden'>;

/** What {@link gruLayer} gives. */
export interface RecurrentStates {
  /** The hidden state after each step, `[batch, steps, directions hidden]`. */
  readonly y: Tensor;
  /** The hidden state after the last step, `[directions, batch, hidden]`. */
  readonly hidden: Tensor;
}

/** Plans an {@link lstmLayer}. Forget gates start open: their bias is 1. */
export function lstmParameters(
  inputs: number,
  hidden: number,
  options: RecurrentLayerOptions = {},
): RecurrentParameters {
  const openForget: Initialiser = ([size]) => new Float32Array(size).fill(1, hidden, 2 * hidden);
  return planDirections(4, inputs, hidden, openForget, options);
}

/** Plans a {@link gruLayer}. */
export function gruParameters(
  inputs: number,
  hidden: number,
  options: RecurrentLayerOptions = {},
): RecurrentParameters {
  return planDirections(3, inputs, hidden, zeros(), options);
}

/**
 * Long short-term memory over a sequence, as PyTorch's `nn.LSTM` of one layer.
 *
 * @param x `[batch, steps, inputs]`; to train, the number of steps must be known.
 */
export function lstmLayer(
  parameters: Parameters<RecurrentParameters>,
  x: Tensor,
  { initialCell, ...reading }: RecurrentReading & { readonly initialCell?: Tensor | undefined } = {},
): RecurrentStates & { readonly cell: Tensor } {
  const options = { ...optionsOf(parameters, reading), initialCell };
  const weights = weightsOf(parameters, ([i, f, g, o]) => [i, o, f, g]);
  const { y, hidden, cell } = lstm(transpose(x, [1, 0, 2]), weights, options);
  return { y: batchFirst(y, x), hidden, cell };
}

/**
 * Gated recurrent unit over a sequence, as PyTorch's `nn.GRU` of one layer.
 *
 * @param x `[batch, steps, inputs]`; to train, the number of steps must be known.
 */
export function gruLayer(
  parameters: Parameters<RecurrentParameters>,
  x: Tensor,
  reading: RecurrentReading = {},
): RecurrentStates {
  const options = { ...optionsOf(parameters, reading), linearBeforeReset: true };
  const weights = weightsOf(parameters, ([r, z, n]) => [z, r, n]);
  const { y, hidden } = gru(transpose(x, [1, 0, 2]), weights, options);
  return { y: batchFirst(y, x), hidden };
}

function planDirections(
  gates: number,
  inputs: number,
  hidden: number,
  inputBias: Initialiser,
  {
    bidirectional = false,
    initialiser = glorotUniform(),
    hiddenInitialiser = orthogonal(),
  }: RecurrentLayerOptions,
): RecurrentParameters {
  const plan = (): DirectionParameters => ({
    inputWeight: planned([gates * hidden, inputs], initialiser),
    hiddenWeight: planned([gates * hidden, hidden], hiddenInitialiser),
    inputBias: planned([gates * hidden], inputBias),
    hiddenBias: planned([gates * hidden], zeros()),
  });
  return bidirectional ? { forward: plan(), backward: plan() } : { forward: plan() };
}

function optionsOf(
  { backward }: Parameters<RecurrentParameters>,
  { lengths, initialHidden }: RecurrentReading,
): RecurrentOptions {
  return {
    direction: backward ? 'bidirectional' : 'forward',
    lengths: lengths && cast(lengths, 'int32'),
    initialHidden,
  };
}

/** The weights as the operator has them: directions stacked, gates in ONNX's order. */
function weightsOf(
  { forward, backward }: Parameters<RecurrentParameters>,
  reorder: (gates: readonly Tensor[]) => readonly Tensor[],
): RecurrentWeights {
  const directions = backward ? [forward, backward] : [forward];
  const gates = Number(forward.inputWeight.shape[0]) / Number(forward.hiddenWeight.shape[1]);
  const ordered = (tensor: Tensor) => concat(reorder(split(tensor, gates)), 0);
  const stacked = (tensors: readonly Tensor[]) =>
    concat(
      tensors.map((tensor) => unsqueeze(tensor, [0])),
      0,
    );
  return {
    input: stacked(directions.map(({ inputWeight }) => ordered(inputWeight))),
    recurrent: stacked(directions.map(({ hiddenWeight }) => ordered(hiddenWeight))),
    bias: stacked(
      directions.map(({ inputBias, hiddenBias }) => concat([ordered(inputBias), ordered(hiddenBias)], 0)),
    ),
  };
}

/** From `[steps, directions, batch, hidden]` to `[batch, steps, directions hidden]`. */
function batchFirst(y: Tensor, x: Tensor): Tensor {
  const [, directions, , hidden] = y.shape;
  const shape = [x.shape[0], x.shape[1], Number(directions) * Number(hidden)];
  return reshape(transpose(y, [2, 0, 1, 3]), shapeTensor(shape, [x]));
}
