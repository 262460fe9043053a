import { usageError } from '../../core/errors.ts';
import type { Shape } from '../dimension.ts';
import {
  type AttributeKind,
  apply,
  applyOne,
  assertFloat,
  axisOf,
  callError,
  inputOf,
  numberOf,
  type OperatorCall,
  operatorFamily,
  textOf,
} from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import { cast } from './elementwise.ts';

const cellAttributes = {
  activations: 'strings',
  activation_alpha: 'floats',
  activation_beta: 'floats',
  clip: 'float',
  direction: 'string',
  hidden_size: 'int',
  layout: 'int',
} as const satisfies Record<string, AttributeKind>;

/** Step after step along a sequence. */
export const recurrent = operatorFamily({
  LSTM: {
    inputs: [3, 8],
    leastOutputs: 1,
    attributes: { ...cellAttributes, input_forget: 'int' },
    infer: (call) => recurrentTypes(call, 4, 3),
  },
  GRU: {
    inputs: [3, 6],
    leastOutputs: 1,
    attributes: { ...cellAttributes, linear_before_reset: 'int' },
    infer: (call) => recurrentTypes(call, 3, 2),
  },
  ReverseSequence: {
    inputs: [2, 2],
    attributes: { batch_axis: 'int', time_axis: 'int' },
    infer: reverseTypes,
  },
});

/** Weights of a recurrent layer, in ONNX's layout: gates of LSTM in the order i, o, f, c, those of GRU z, r, h. */
export interface RecurrentWeights {
  /** `[directions, gates hidden, inputs]` */
  readonly input: Tensor;
  /** `[directions, gates hidden, hidden]` */
  readonly recurrent: Tensor;
  /** `[directions, 2 gates hidden]`, for the inputs and for the hidden state. Default: zeros. */
  readonly bias?: Tensor | undefined;
}

/** How a recurrent layer runs. */
export interface RecurrentOptions {
  /** Both directions at once have weights of their own. Default forward. */
  readonly direction?: 'forward' | 'reverse' | 'bidirectional' | undefined;
  /** Steps of each sequence, int32 `[batch]`: what is behind is not read, and 0 in the result. Default: all. */
  readonly lengths?: Tensor | undefined;
  /** `[directions, batch, hidden]`. Default: zeros. */
  readonly initialHidden?: Tensor | undefined;
}

/** What a recurrent layer gives. */
export interface RecurrentResult {
  /** The hidden state after each step, `[steps, directions, batch, hidden]`. */
  readonly y: Tensor;
  /** The hidden state after the last step, `[directions, batch, hidden]`. */
  readonly hidden: Tensor;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates).
 *
 * @param x `[steps, batch, inputs]`; its gradient needs the number of steps to be known.
 */
export function lstm(
  x: Tensor,
  weights: RecurrentWeights,
  { initialCell, ...options }: RecurrentOptions & { readonly initialCell?: Tensor | undefined } = {},
): RecurrentResult & { readonly cell: Tensor } {
  const { inputs, attributes } = cellCall(x, weights, options);
  const [y, hidden, cell] = apply(recurrent.LSTM, [...inputs, initialCell], attributes);
  return { y, hidden, cell };
}

/**
 * Gated recurrent unit (Cho et al. 2014).
 *
 * @param x `[steps, batch, inputs]`; its gradient needs the number of steps to be known.
 * @param options With `linearBeforeReset`, as in PyTorch, the reset gate scales the hidden state after its product
 * with the weights; without, which is ONNX's default, before.
 */
export function gru(
  x: Tensor,
  weights: RecurrentWeights,
  { linearBeforeReset = false, ...options }: RecurrentOptions & { readonly linearBeforeReset?: boolean } = {},
): RecurrentResult {
  const { inputs, attributes } = cellCall(x, weights, options);
  const [y, hidden] = apply(recurrent.GRU, inputs, {
    ...attributes,
    linear_before_reset: Number(linearBeforeReset),
  });
  return { y, hidden };
}

/** The first steps of each sequence of `x`, `[steps, batch, …]`, in reverse order; what is behind stays. */
export function reverseSequence(x: Tensor, lengths: Tensor): Tensor {
  return applyOne(recurrent.ReverseSequence, [x, cast(lengths, 'int64')], { batch_axis: 1, time_axis: 0 });
}

function cellCall(
  x: Tensor,
  { input, recurrent: ofHidden, bias }: RecurrentWeights,
  { direction = 'forward', lengths, initialHidden }: RecurrentOptions,
) {
  const hidden = ofHidden.shape[2];
  if (typeof hidden !== 'number') {
    throw usageError(`the number of hidden units, ${hidden}, must be known before the graph runs`);
  }
  return {
    inputs: [x, input, ofHidden, bias, lengths, initialHidden],
    attributes: { direction, hidden_size: hidden },
  };
}

function recurrentTypes(call: OperatorCall, gates: number, states: number): TensorType[] {
  assertFloat(call);
  if (numberOf(call, 'layout', 0))
    throw callError(call, 'layout 1, batches first, runs nowhere', 'transpose');
  const [x, ofHidden] = [inputOf(call, 0), inputOf(call, 2)];
  if (x.shape.length !== 3) throw callError(call, 'expected [steps, batch, inputs]');
  const known: Record<string, number | undefined> = { forward: 1, reverse: 1, bidirectional: 2 };
  const direction = textOf(call, 'direction', 'forward');
  const directions = known[direction];
  if (!directions) {
    throw callError(call, `unknown direction ${direction}; expected ${Object.keys(known).join(', ')}`);
  }
  const [steps, batch, width] = x.shape;
  const hidden = ofHidden.shape[2];
  const rows = Number(hidden) * gates;
  const expected: readonly (Shape | undefined)[] = [
    undefined,
    [directions, rows, width],
    [directions, rows, hidden],
    [directions, 2 * rows],
    [batch],
    [directions, batch, hidden],
    [directions, batch, hidden],
    [directions, 3 * Number(hidden)],
  ];
  for (const [i, shape] of expected.entries()) {
    const given = call.inputs[i];
    if (shape && given && String(given.shape) !== String(shape)) {
      throw callError(call, `input ${i} must be [${shape.join(', ')}]`);
    }
  }
  const state = { dtype: x.dtype, shape: [directions, batch, hidden] };
  return [
    { dtype: x.dtype, shape: [steps, directions, batch, hidden] },
    ...Array.from({ length: states - 1 }, () => state),
  ];
}

function reverseTypes(call: OperatorCall): TensorType[] {
  const x = inputOf(call, 0);
  const batch = axisOf(call, numberOf(call, 'batch_axis', 1), x.shape.length);
  axisOf(call, numberOf(call, 'time_axis', 0), x.shape.length);
  if (String(inputOf(call, 1).shape) !== String([x.shape[batch]])) {
    throw callError(call, `expected one length for each of ${x.shape[batch]} sequences`);
  }
  return [x];
}
