import { multiplyDimensions, sizeOfShape } from '../../graph/dimension.ts';
import type { OperatorCall } from '../../graph/operator.ts';
import { activation } from '../../graph/operators/activation.ts';
import { elementwise } from '../../graph/operators/elementwise.ts';
import { einsumTerms } from '../../graph/operators/linearAlgebra.ts';
import { reducedAxes } from '../../graph/operators/reduction.ts';
import { integersOf } from '../../graph/shapeValues.ts';
import { customGradientOperator, type Node, type Tensor } from '../../graph/tensor.ts';

/**
 * What an operator does with the samples of a batch. Let a window of samples be cut into parts:
 * - `samples`: the result for the window is that of its parts, one after the other along the axis of the samples;
 * - `sum`: it is the sum of the parts' results;
 * - `mean`: it is their mean, weighted by the parts' sizes;
 * - `mixed`: neither, the operator has to see the whole window at once.
 */
export type SampleUse = 'samples' | 'sum' | 'mean' | 'mixed';

/** Which axes of a tensor have sizes that hang on the number of samples. */
export function sampleAxes({ shape }: Tensor, batch: string): number[] {
  const mentions = new RegExp(`\\b${batch}\\b`);
  return shape.flatMap((size, axis) => (typeof size === 'string' && mentions.test(size) ? [axis] : []));
}

/**
 * How a node uses the samples in its inputs.
 *
 * @param axes By input: the axis of the samples, or `undefined` for what is the same for all of them.
 */
export function sampleUse(node: Node, axes: readonly (number | undefined)[], batch: string): SampleUse {
  const outputAxes = node.outputs.map((output) => sampleAxes(output, batch));
  if (outputAxes.some((found) => found.length > 1)) return 'mixed';
  const use = rules[node.operator]?.(node, axes, batch) ?? 'mixed';
  // A rule that keeps samples apart has an axis for them in its outputs.
  if (use === 'samples' && outputAxes.some((found) => found.length === 0)) return 'mixed';
  return use;
}

type SampleRule = (node: Node, axes: readonly (number | undefined)[], batch: string) => SampleUse;

const apart: SampleRule = () => 'samples';
const firstAxis: SampleRule = (_, [data, ...others]) =>
  data === 0 && others.every((axis) => axis === undefined) ? 'samples' : 'mixed';

const rules: Readonly<Record<string, SampleRule>> = {
  ...Object.fromEntries(
    [...Object.keys(elementwise), ...Object.keys(activation)].map((name) => [name, apart]),
  ),
  [customGradientOperator]: apart,
  Dropout: apart,
  Transpose: apart,
  Squeeze: apart,
  Unsqueeze: apart,
  Expand: apart,
  ConstantOfShape: apart,
  Trilu: (_, [axis], __) => (axis === undefined ? 'mixed' : 'samples'),
  Reshape: keepsOrder,
  Flatten: keepsOrder,

  Softmax: besides(axisAttribute(-1)),
  LogSoftmax: besides(axisAttribute(-1)),
  Hardmax: besides(axisAttribute(-1)),
  ArgMax: besides(axisAttribute(0)),
  ArgMin: besides(axisAttribute(0)),
  TopK: besides(axisAttribute(-1)),
  Concat: besides(axisAttribute(0)),
  Split: besides(axisAttribute(0)),
  GatherElements: besides(axisAttribute(0)),
  ScatterElements: besides(axisAttribute(0)),
  OneHot: apart,
  CumSum: besides((node) => integerInput(node, 1)),
  Slice: besides((node) => (node.inputs[3] ? integerInput(node, 3) : [0, 1, 2, 3, 4, 5, 6, 7])),
  Pad: paddedBeside,
  Tile: tiledBeside,
  LayerNormalization: besides((node) => {
    const rank = node.outputs[0].shape.length;
    const [first] = axisAttribute(-1)(node) ?? [];
    return first === undefined ? undefined : Array.from({ length: rank }, (_, i) => first + i);
  }),
  Gather: (node, [data, indices]) => {
    const [axis] = axisAttribute(0)(node) ?? [];
    if (data !== undefined && indices !== undefined) return 'mixed';
    return data === undefined || counted(axis, node.inputs[0]) !== data ? 'samples' : 'mixed';
  },

  ReduceSum: reduced('sum'),
  ReduceMean: reduced('mean'),
  ReduceMax: reduced('mixed'),
  ReduceMin: reduced('mixed'),
  ReduceProd: reduced('mixed'),
  ReduceL1: reduced('sum'),
  ReduceL2: reduced('mixed'),
  ReduceSumSquare: reduced('sum'),
  ReduceLogSum: reduced('mixed'),
  ReduceLogSumExp: reduced('mixed'),

  MatMul: (node, axes) => product(node, axes, matMulLetters(node)),
  Gemm: (node, axes) => {
    const use = product(node, axes.slice(0, 2), gemmLetters(node));
    return use === 'sum' && node.inputs[2] ? 'mixed' : use;
  },
  Einsum: (node, axes) => {
    const { operands, output } = einsumTerms(callOf(node));
    return product(node, axes, { operands, output });
  },

  Conv: firstAxis,
  ConvTranspose: firstAxis,
  MaxPool: firstAxis,
  AveragePool: firstAxis,
  LpPool: firstAxis,
  GlobalAveragePool: firstAxis,
  GlobalMaxPool: firstAxis,
  BatchNormalization: firstAxis,
  InstanceNormalization: firstAxis,
  GroupNormalization: firstAxis,
  LRN: firstAxis,
  DepthToSpace: firstAxis,
  SpaceToDepth: firstAxis,
};

/** An operator along some axes: samples stay apart if theirs is none of them. */
function besides(axesOf: (node: Node) => readonly number[] | undefined): SampleRule {
  return (node, axes) => {
    const along = axesOf(node);
    if (!along) return 'mixed';
    const touches = axes.some(
      (axis, i) => axis !== undefined && along.some((one) => counted(one, node.inputs[i]) === axis),
    );
    return touches ? 'mixed' : 'samples';
  };
}

function axisAttribute(otherwise: number): (node: Node) => readonly number[] | undefined {
  return ({ attributes: { axis } }) => [typeof axis === 'number' ? axis : otherwise];
}

function integerInput(node: Node, index: number): readonly number[] | undefined {
  const given = node.inputs[index];
  return given && integersOf(given);
}

function counted(axis: number | undefined, tensor: Tensor | undefined): number | undefined {
  return axis !== undefined && axis < 0 && tensor ? axis + tensor.shape.length : axis;
}

function reduced(whole: SampleUse): SampleRule {
  return (node, [axis]) =>
    axis !== undefined && reducedAxes(callOf(node)).includes(axis) ? whole : 'samples';
}

// The elements of a sample, and of all samples before it, must stay where they are.
function keepsOrder(node: Node, [axis]: readonly (number | undefined)[], batch: string): SampleUse {
  const [data] = node.inputs;
  const [output] = node.outputs;
  if (!data || axis === undefined) return 'mixed';
  const [to] = sampleAxes(output, batch);
  if (to === undefined) return 'mixed';
  const before = (tensor: Tensor, at: number) => sizeOfShape(tensor.shape.slice(0, at));
  return before(data, axis) === before(output, to) &&
    isMultiple(output, to, batch) &&
    isMultiple(data, axis, batch)
    ? 'samples'
    : 'mixed';
}

/** Whether each sample has its share of an axis: `3*batch`, not `batch + 1`. */
function isMultiple({ shape }: Tensor, axis: number, batch: string): boolean {
  const [factor] = /^\d+/.exec(String(shape[axis])) ?? ['1'];
  return shape[axis] === multiplyDimensions(Number(factor), batch);
}

function paddedBeside(node: Node, [axis]: readonly (number | undefined)[]): SampleUse {
  const pads = integerInput(node, 1);
  const rank = node.inputs[0]?.shape.length ?? 0;
  if (!pads || axis === undefined || node.inputs[3]) return 'mixed';
  return pads[axis] === 0 && pads[axis + rank] === 0 ? 'samples' : 'mixed';
}

function tiledBeside(node: Node, [axis]: readonly (number | undefined)[]): SampleUse {
  const repeats = integerInput(node, 1);
  return repeats && axis !== undefined && repeats[axis] === 1 ? 'samples' : 'mixed';
}

interface Letters {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

// A product keeps samples apart if all operands have them under one letter that the output has too, and sums over them
// if the output lacks it.
function product(
  node: Node,
  axes: readonly (number | undefined)[],
  { operands, output }: Letters,
): SampleUse {
  const letters = new Set(axes.flatMap((axis, i) => (axis === undefined ? [] : [operands[i][axis]])));
  if (letters.size !== 1) return 'mixed';
  const [letter] = letters;
  if (output.includes(letter)) return 'samples';
  const everywhere = node.inputs
    .slice(0, operands.length)
    .every((_, i) => axes[i] !== undefined || !operands[i].includes(letter));
  return everywhere ? 'sum' : 'mixed';
}

function matMulLetters({ inputs }: Node): Letters {
  const [left, right] = inputs.map((tensor) => tensor?.shape.length ?? 0);
  const before = (count: number) =>
    Array.from({ length: Math.max(0, count) }, (_, i) => `before ${count - 1 - i}`);
  const a = left === 1 ? ['inner'] : [...before(left - 2), 'row', 'inner'];
  const b = right === 1 ? ['inner'] : [...before(right - 2), 'inner', 'column'];
  const shared = before(Math.max(left, right) - 2);
  const output = [...shared, ...(left > 1 ? ['row'] : []), ...(right > 1 ? ['column'] : [])];
  return { operands: [a, b], output };
}

function gemmLetters({ attributes: { transA, transB } }: Node): Letters {
  const a = transA ? ['inner', 'row'] : ['row', 'inner'];
  const b = transB ? ['column', 'inner'] : ['inner', 'column'];
  return { operands: [a, b], output: ['row', 'column'] };
}

function callOf({ operator, inputs, attributes }: Node): OperatorCall {
  return { operator, inputs, attributes };
}
