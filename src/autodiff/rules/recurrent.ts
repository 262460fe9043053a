import { usageError } from '../../core/errors.ts';
import { applyOne } from '../../graph/operator.ts';
import { sigmoid, tanh } from '../../graph/operators/activation.ts';
import { add, cast, less, mul, sub, sum } from '../../graph/operators/elementwise.ts';
import { gemm } from '../../graph/operators/linearAlgebra.ts';
import { concat, countTo, full, reshape, slice, split, unsqueeze } from '../../graph/operators/movement.ts';
import { recurrent, reverseSequence } from '../../graph/operators/recurrent.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { GradientRule, RuleNode } from '../gradientRule.ts';
import { reshapeLike } from '../gradientRule.ts';

export const recurrentGradients: Readonly<Record<string, GradientRule>> = {
  LSTM: (_, node, all) => inAllDirections(node, all, throughLstm),
  GRU: (_, node, all) => {
    const linearBeforeReset = Boolean(node.attributes.linear_before_reset);
    return inAllDirections(node, all, linearBeforeReset ? throughGruOfPyTorch : throughGru);
  },
  ReverseSequence: (g, { inputs: [, lengths], attributes }) => [
    applyOne(recurrent.ReverseSequence, [g, lengths], attributes),
  ],
};

/**
 * One direction of a layer, its steps in the order in which they are taken. What there is for all steps is a matrix
 * with the rows of one step after those of the step before: `[steps batch, …]`.
 *
 * All hidden states are known from the forward run. So the gates of all steps are computed again at once, by large
 * products of matrices; only what hangs on the step behind it goes step by step.
 */
interface Run {
  readonly steps: number;
  /** `[steps batch, inputs]` */
  readonly input: Tensor;
  /** Hidden state before each step. */
  readonly previous: Tensor;
  /** `[gates hidden, inputs]` and `[gates hidden, hidden]` */
  readonly weight: Tensor;
  readonly ofHidden: Tensor;
  /** `[gates hidden]`, for inputs and for the hidden state. */
  readonly biases: readonly Tensor[] | undefined;
  /** `[batch, hidden]` */
  readonly initialCell: Tensor;
  /** Cotangents of the hidden state after each step, and of the states after the last. */
  readonly arriving: readonly Tensor[];
  readonly lastHidden: Tensor;
  readonly lastCell: Tensor;
  /** `[steps batch, 1]`: 1 within the sequence, 0 behind its end, where states stay as they are. */
  readonly within: Tensor | undefined;
}

/** Cotangents of a direction. */
interface RunCotangents {
  /** Of what the gates get from the input, `[steps batch, gates hidden]`. */
  readonly gates: Tensor;
  /** The same from the hidden state, for the bias. */
  readonly gatesOfHidden: Tensor;
  readonly ofHidden: Tensor;
  readonly initialHidden: Tensor;
  readonly initialCell: Tensor;
}

// c = f c' + i g, h = o tanh(c), with i, o, f = sigmoid and g = tanh of W x + R h' + b.
function throughLstm(run: Run): RunCotangents {
  const { steps, input, previous, weight, ofHidden, biases, initialCell, within } = run;
  const fromInput = gemm(input, weight, biases && add(biases[0], biases[1]), { transB: true });
  const [zi, zo, zf, zg] = split(gemm(previous, ofHidden, fromInput, { transB: true }), 4, 1);
  const [i, o, f, g] = [sigmoid(zi), sigmoid(zo), sigmoid(zf), tanh(zg)];
  const forget = split(f, steps);
  const gained = split(mul(i, g), steps);
  const cells = [initialCell];
  for (let t = 0; t < steps; t++) cells.push(add(mul(forget[t], cells[t]), gained[t]));
  const tanhCell = tanh(concat(cells.slice(1), 0));

  // Derivatives of c by h; of i, f and g by c and of o by h, side by side.
  const ofCell = mulBy(within, mul(o, slopeOfTanh(tanhCell)));
  const ofGates = mulBy(
    within,
    concat(
      [
        mul(g, slopeOfSigmoid(i)),
        mul(tanhCell, slopeOfSigmoid(o)),
        mul(concat(cells.slice(0, -1), 0), slopeOfSigmoid(f)),
        mul(i, slopeOfTanh(g)),
      ],
      1,
    ),
  );
  const [cellSlopes, gateSlopes] = [split(ofCell, steps), split(ofGates, steps)];
  const kept = split(keptBehind(within, f), steps);
  const behind = behindEnd(run);
  const gates: Tensor[] = [];
  let [hidden, cell] = [run.lastHidden, run.lastCell];
  for (let t = steps - 1; t >= 0; t--) {
    const dh = add(run.arriving[t], hidden);
    const dc = add(mul(dh, cellSlopes[t]), cell);
    gates[t] = mul(concat([dc, dh, dc, dc], 1), gateSlopes[t]);
    hidden = gemm(gates[t], ofHidden, behind && mul(hidden, behind[t]));
    cell = mul(dc, kept[t]);
  }
  const all = concat(gates, 0);
  return {
    gates: all,
    gatesOfHidden: all,
    ofHidden: gemm(all, previous, undefined, { transA: true }),
    initialHidden: hidden,
    initialCell: cell,
  };
}

// h = (1 - z) n + z h', n = tanh(W x + r (R h' + b)): all cotangents are multiples of that of h.
function throughGruOfPyTorch(run: Run): RunCotangents {
  const { steps, input, previous, weight, ofHidden, biases, within } = run;
  const [xz, xr, xn] = split(gemm(input, weight, biases?.[0], { transB: true }), 3, 1);
  const [hz, hr, hn] = split(gemm(previous, ofHidden, biases?.[1], { transB: true }), 3, 1);
  const [z, r] = [sigmoid(add(xz, hz)), sigmoid(add(xr, hr))];
  const n = tanh(add(xn, mul(r, hn)));
  const ofN = mulBy(within, mul(sub(1, z), slopeOfTanh(n)));
  const ofZ = mulBy(within, mul(sub(previous, n), slopeOfSigmoid(z)));
  const ofR = mul(ofN, mul(hn, slopeOfSigmoid(r)));
  const slopes = split(concat([ofZ, ofR, mul(ofN, r)], 1), steps);
  const kept = split(keptBehind(within, z), steps);
  const hiddens: Tensor[] = [];
  const gates: Tensor[] = [];
  let hidden = run.lastHidden;
  for (let t = steps - 1; t >= 0; t--) {
    hiddens[t] = add(run.arriving[t], hidden);
    gates[t] = mul(concat([hiddens[t], hiddens[t], hiddens[t]], 1), slopes[t]);
    hidden = gemm(gates[t], ofHidden, mul(hiddens[t], kept[t]));
  }
  const gatesOfHidden = concat(gates, 0);
  const [dz, dr] = split(gatesOfHidden, 3, 1);
  return {
    gates: concat([dz, dr, mul(concat(hiddens, 0), ofN)], 1),
    gatesOfHidden,
    ofHidden: gemm(gatesOfHidden, previous, undefined, { transA: true }),
    initialHidden: hidden,
    initialCell: run.lastCell,
  };
}

// h = (1 - z) n + z h', n = tanh(W x + R (r h') + b).
function throughGru(run: Run): RunCotangents {
  const { steps, input, previous, weight, ofHidden, biases, within } = run;
  const [xz, xr, xn] = split(
    gemm(input, weight, biases && add(biases[0], biases[1]), { transB: true }),
    3,
    1,
  );
  const units = Number(ofHidden.shape[1]);
  const [ofZr, ofN] = split(ofHidden, [2 * units, units]);
  const [hz, hr] = split(gemm(previous, ofZr, undefined, { transB: true }), 2, 1);
  const [z, r] = [sigmoid(add(xz, hz)), sigmoid(add(xr, hr))];
  const scaled = mul(r, previous);
  const n = tanh(gemm(scaled, ofN, xn, { transB: true }));
  const nSlopes = split(mulBy(within, mul(sub(1, z), slopeOfTanh(n))), steps);
  const zSlopes = split(mulBy(within, mul(sub(previous, n), slopeOfSigmoid(z))), steps);
  const rSlopes = split(mul(previous, slopeOfSigmoid(r)), steps);
  const resets = split(r, steps);
  const kept = split(keptBehind(within, z), steps);
  const [zrGates, nGates]: [Tensor[], Tensor[]] = [[], []];
  let hidden = run.lastHidden;
  for (let t = steps - 1; t >= 0; t--) {
    const dh = add(run.arriving[t], hidden);
    nGates[t] = mul(dh, nSlopes[t]);
    const byScaled = gemm(nGates[t], ofN);
    zrGates[t] = concat([mul(dh, zSlopes[t]), mul(byScaled, rSlopes[t])], 1);
    hidden = gemm(zrGates[t], ofZr, add(mul(dh, kept[t]), mul(byScaled, resets[t])));
  }
  const [dzr, dn] = [concat(zrGates, 0), concat(nGates, 0)];
  const gates = concat([dzr, dn], 1);
  return {
    gates,
    gatesOfHidden: gates,
    ofHidden: concat(
      [gemm(dzr, previous, undefined, { transA: true }), gemm(dn, scaled, undefined, { transA: true })],
      0,
    ),
    initialHidden: hidden,
    initialCell: run.lastCell,
  };
}

function inAllDirections(
  node: RuleNode,
  all: readonly (Tensor | undefined)[],
  through: (run: Run) => RunCotangents,
): (Tensor | undefined)[] {
  assertUsual(node);
  const [x, weight, , bias, lengths, hidden, cell] = node.inputs;
  const directions = Number(weight.shape[0]);
  const order = (sequence: Tensor, direction: number) =>
    node.attributes.direction === 'reverse' || direction === 1 ? reversed(sequence, lengths) : sequence;
  const runs = Array.from({ length: directions }, (_, d) => {
    const run = runOf(node, all, d, (sequence) => order(sequence, d));
    const { gates, gatesOfHidden, ...rest } = through(run);
    const total = (rows: Tensor) => reduceSum(rows, { axes: [0] });
    return {
      ...rest,
      x: order(reshapeLike(gemm(gates, run.weight), x), d),
      weight: gemm(gates, run.input, undefined, { transA: true }),
      bias: concat([total(gates), total(gatesOfHidden)], 0),
    };
  });
  const stacked = (part: 'weight' | 'ofHidden' | 'bias' | 'initialHidden' | 'initialCell') =>
    concat(
      runs.map((run) => unsqueeze(run[part], [0])),
      0,
    );
  return [
    sum(...runs.map((run) => run.x)),
    stacked('weight'),
    stacked('ofHidden'),
    bias && stacked('bias'),
    undefined,
    hidden && stacked('initialHidden'),
    cell && stacked('initialCell'),
  ];
}

function runOf(
  { inputs, outputs }: RuleNode,
  [gY, gHidden, gCell]: readonly (Tensor | undefined)[],
  direction: number,
  inOrder: (sequence: Tensor) => Tensor,
): Run {
  const [x, weight, ofHidden, bias, lengths, hidden, cell] = inputs;
  const [steps, batch] = x.shape;
  const units = Number(ofHidden.shape[2]);
  const pick = (tensor: Tensor, axis = 0) => {
    const picked = slice(tensor, [direction], [direction + 1], [axis]);
    return reshape(picked, tensor.shape.toSpliced(axis, 1));
  };
  const state = (tensor: Tensor | undefined) => (tensor ? pick(tensor) : full([batch, units], 0, x));
  const rows = (sequence: Tensor) => reshape(inOrder(sequence), [-1, sequence.shape[2]]);
  const y = rows(pick(outputs[0], 1));
  const initial = state(hidden);
  const time = unsqueeze(countTo(Number(steps), x), [1]);
  const within =
    lengths && reshape(cast(less(time, unsqueeze(cast(lengths, 'int64'), [0])), x.dtype), [-1, 1]);
  const arriving = gY ? mulBy(within, rows(pick(gY, 1))) : full(y.shape, 0, y);
  return {
    steps: Number(steps),
    input: rows(x),
    previous: concat([initial, ...split(y, Number(steps)).slice(0, -1)], 0),
    weight: pick(weight),
    ofHidden: pick(ofHidden),
    biases: bias && split(pick(bias), 2),
    initialCell: state(cell),
    arriving: split(arriving, Number(steps)),
    lastHidden: state(gHidden),
    lastCell: state(gCell),
    within,
  };
}

function reversed(sequence: Tensor, lengths: Tensor | undefined): Tensor {
  return lengths ? reverseSequence(sequence, lengths) : slice(sequence, [-1], [-(2 ** 31)], [0], [-1]);
}

/** The factor by which a state passes a step: 1 behind the end. */
function keptBehind(within: Tensor | undefined, factor: Tensor): Tensor {
  return within ? add(mul(factor, within), sub(1, within)) : factor;
}

/** For each step 1 where it lies behind the end of the sequence. */
function behindEnd({ within, steps }: Run): readonly Tensor[] | undefined {
  return within && split(sub(1, within), steps);
}

function mulBy(factor: Tensor | undefined, x: Tensor): Tensor {
  return factor ? mul(x, factor) : x;
}

function slopeOfSigmoid(y: Tensor): Tensor {
  return mul(y, sub(1, y));
}

function slopeOfTanh(y: Tensor): Tensor {
  return sub(1, mul(y, y));
}

function assertUsual({ operator, inputs, attributes }: RuleNode): void {
  const usual = operator === 'LSTM' ? ['Sigmoid', 'Tanh', 'Tanh'] : ['Sigmoid', 'Tanh'];
  const { activations, clip, input_forget } = attributes;
  const given = Array.isArray(activations) ? activations : usual;
  const problem =
    (given.some((name, i) => name !== usual[i % usual.length]) && `with activations ${given.join(', ')}`) ||
    (clip && 'with clip') ||
    (input_forget && 'with input_forget') ||
    (inputs[7] && 'with peepholes') ||
    (typeof inputs[0].shape[0] !== 'number' &&
      `of ${inputs[0].shape[0]} steps, not known before the graph runs,`);
  if (problem) throw usageError(`${operator} ${problem} has no gradient rule`);
}
