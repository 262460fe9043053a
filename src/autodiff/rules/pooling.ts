import { usageError } from '../../core/errors.ts';
import { sizeOf, tensorData } from '../../graph/dataType.ts';
import { integers } from '../../graph/operator.ts';
import { conv } from '../../graph/operators/convolution.ts';
import { abs, div, equal, mul, pow, sign, where } from '../../graph/operators/elementwise.ts';
import { scatterElements } from '../../graph/operators/indexing.ts';
import { full, pad, reshape } from '../../graph/operators/movement.ts';
import { poolWindow } from '../../graph/operators/pooling.ts';
import { restAlong, type SlidingWindow } from '../../graph/operators/slidingWindow.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { type GradientRule, type RuleNode, reshapeLike } from '../gradientRule.ts';
import { backOntoInput, knownWindow } from './convolution.ts';
import { reductionGradients } from './reduction.ts';

export const poolingGradients: Readonly<Record<string, GradientRule>> = {
  MaxPool: maxPooled,
  AveragePool: (g, node) => {
    const window = knownWindow(node, poolWindow(node).window);
    return [spreadOverWindows(div(g, elementCounts(node, window)), node.inputs[0], window)];
  },
  // d (sum |x|^p)^(1/p) / dx = sign(x) |x|^(p-1) y^(1-p)
  LpPool: (g, node) => {
    const [x] = node.inputs;
    const [y] = node.outputs;
    const window = knownWindow(node, poolWindow(node).window);
    const p = Number(node.attributes.p ?? 2);
    const scaled = p === 1 ? g : where(equal(y, 0), 0, mul(g, pow(where(equal(y, 0), 1, y), 1 - p)));
    const slope = p === 1 ? sign(x) : p === 2 ? x : mul(sign(x), pow(abs(x), p - 1));
    return [mul(slope, spreadOverWindows(scaled, x, window))];
  },
  GlobalAveragePool: (g, node) => reductionGradients.ReduceMean(g, spatialReduction(node, 'ReduceMean'), []),
  GlobalMaxPool: (g, node) => reductionGradients.ReduceMax(g, spatialReduction(node, 'ReduceMax'), []),
};

// Windows that overlap may share their largest element, so cotangents are added where the indices say.
function maxPooled(g: Tensor, { inputs: [x], outputs: [, indices], attributes }: RuleNode): Tensor[] {
  if (attributes.storage_order) throw usageError('MaxPool with storage_order 1 has no gradient rule');
  const zeros = reshape(full(x.shape, 0, x), [-1]);
  const added = scatterElements(zeros, reshape(indices, [-1]), reshape(g, [-1]), { reduction: 'add' });
  return [reshapeLike(added, x)];
}

/** Gives every element under a window the window's cotangent. */
function spreadOverWindows(g: Tensor, x: Tensor, window: SlidingWindow): Tensor {
  const channels = x.shape[1];
  if (typeof channels === 'string') {
    throw usageError(`the gradient of pooling needs a number of channels, not ${channels}`);
  }
  return backOntoInput(g, onesOf(channels, window.kernel, g), x, window, channels);
}

/** How many elements lie under each window; those of pads if they count, but not what lies beyond. */
function elementCounts(
  { inputs: [x], outputs: [y], attributes }: RuleNode,
  window: SlidingWindow,
): Tensor | number {
  const all = window.kernel.reduce((product, size) => product * size, 1);
  const sizes = x.shape.slice(2);
  const rests = sizes.map((size, axis) => restAlong(window, axis, size, y.shape[axis + 2]));
  const over = rests.map((rest) => (typeof rest === 'number' && rest < 0 ? -rest : 0));
  const padsCount = Boolean(attributes.count_include_pad);
  const padded = [...window.before, ...window.after].some((size) => size > 0);
  const hangsOver = attributes.ceil_mode && rests.some((rest) => typeof rest !== 'number' || rest < 0);
  if ((padsCount || !padded) && !hangsOver) return all;
  if (attributes.ceil_mode && rests.some((rest) => typeof rest !== 'number')) {
    throw usageError(
      'the gradient of AveragePool with ceil_mode needs to know the sizes of the spatial axes before the graph runs',
    );
  }
  const ones = full([1, 1, ...sizes], 1, x);
  const counted = padsCount
    ? pad(ones, [0, 0, ...window.before], [0, 0, ...window.after], { value: 1 })
    : ones;
  const left = padsCount ? over.map(() => 0) : window.before;
  const right = padsCount ? over : window.after.map((size, axis) => size + over[axis]);
  return conv(counted, onesOf(1, window.kernel, x), undefined, { ...window, pads: [...left, ...right] });
}

function onesOf(outputs: number, kernel: readonly number[], { dtype }: Tensor): Tensor {
  const shape = [outputs, 1, ...kernel];
  return constant(tensorData(dtype, new Float32Array(sizeOf(shape)).fill(1), shape));
}

function spatialReduction(node: RuleNode, operator: string): RuleNode {
  const [x] = node.inputs;
  const axes = x.shape.slice(2).map((_, axis) => axis + 2);
  return { ...node, operator, inputs: [x, integers(axes)] };
}
