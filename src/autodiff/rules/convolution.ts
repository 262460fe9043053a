import { usageError } from '../../core/errors.ts';
import { applyOne } from '../../graph/operator.ts';
import { conv, convolution, convTransposeWindow, convWindow } from '../../graph/operators/convolution.ts';
import { cutLike, reshape, slice, transpose } from '../../graph/operators/movement.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { restAlong, type SlidingWindow } from '../../graph/operators/slidingWindow.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { GradientRule, RuleNode } from '../gradientRule.ts';
import { weightGradient } from './convolutionWeight.ts';

export const convolutionGradients: Readonly<Record<string, GradientRule>> = {
  Conv: (g, node) => {
    const [x, weight, bias] = node.inputs;
    const window = knownWindow(node, convWindow(node).window);
    const groups = groupsOf(node);
    return [
      isPointwise(window) && groups === 1
        ? conv(g, transpose(weight, [1, 0, ...window.kernel.map((_, axis) => axis + 2)]))
        : backOntoInput(g, weight, x, window, groups),
      weightGradient(x, g, weight, window, groups),
      bias && channelSums(g),
    ];
  },
  // The transpose of a convolution's transpose is the convolution; input and cotangent change places.
  ConvTranspose: (g, node) => {
    const [x, weight, bias] = node.inputs;
    const { window } = convTransposeWindow(node);
    const groups = groupsOf(node);
    return [
      cutLike(conv(g, weight, undefined, optionsOf(window, groups)), x),
      weightGradient(g, x, weight, window, groups),
      bias && channelSums(g),
    ];
  },
};

/**
 * The cotangent of what a window slid over: every place gives its share back to the elements that lay under it.
 *
 * @param weight `[places' channels, elements' channels / groups, ...kernel]`
 * @param like Has the wanted shape.
 */
export function backOntoInput(
  g: Tensor,
  weight: Tensor,
  like: Tensor,
  window: SlidingWindow,
  groups: number,
): Tensor {
  const { kernel, strides, dilations, before, after, extents } = window;
  const covers = [...before, ...after].every((size, i) => size < extents[i % extents.length]);
  if (groups > 1 && covers && strides.every((stride) => stride === 1)) {
    // In groups, a convolution by the kernel turned round is faster than ConvTranspose.
    const opposite = (pads: readonly number[]) => pads.map((size, axis) => extents[axis] - 1 - size);
    const pads = [...opposite(before), ...opposite(after)];
    return conv(g, turnedRound(weight, groups), undefined, { dilations, groups, pads });
  }
  const rests = kernel.map((_, axis) => restAlong(window, axis, like.shape[axis + 2], g.shape[axis + 2]));
  // What the last window did not reach is put behind; if that is not known now, the most that it can be, and cut off.
  const behind = rests.map((rest, axis) => (typeof rest === 'number' ? rest : strides[axis] - 1));
  const whole = applyOne(convolution.ConvTranspose, [g, weight], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...before, ...after.map((size, axis) => size + Math.max(0, -behind[axis]))],
    group: groups,
    output_padding: behind.map((size) => Math.max(0, size)),
  });
  return cutLike(whole, like);
}

/** The kernel from back to front, with inputs and outputs of each group in each other's place. */
function turnedRound(weight: Tensor, groups: number): Tensor {
  const [outputs, channels, ...kernel] = weight.shape.map(Number);
  const axes = kernel.map((_, axis) => axis + 2);
  const turned = slice(
    weight,
    axes.map(() => -1),
    axes.map(() => -(2 ** 31)),
    axes,
    axes.map(() => -1),
  );
  if (channels === 1 && outputs === groups) return turned;
  const grouped = reshape(turned, [groups, outputs / groups, channels, ...kernel]);
  const swapped = transpose(grouped, [0, 2, 1, ...axes.map((axis) => axis + 1)]);
  return reshape(swapped, [groups * channels, outputs / groups, ...kernel]);
}

/** Whether the window stands once at each element, over it alone. */
export function isPointwise({ kernel, strides, before, after }: SlidingWindow): boolean {
  return (
    [...kernel, ...strides].every((size) => size === 1) && [...before, ...after].every((size) => size === 0)
  );
}

function channelSums(g: Tensor): Tensor {
  return reduceSum(g, { axes: g.shape.map((_, axis) => axis).filter((axis) => axis !== 1) });
}

function optionsOf({ strides, dilations, before, after }: SlidingWindow, groups: number) {
  return { strides, dilations, pads: [...before, ...after], groups };
}

/** The window, for rules that need its pads. */
export function knownWindow(node: RuleNode, window: SlidingWindow | undefined): SlidingWindow {
  if (window) return window;
  throw usageError(
    `the pads of ${node.operator} with auto_pad ${node.attributes.auto_pad} are not known before the graph runs, so it has no gradient`,
    'give the pads as numbers, or the sizes of the spatial axes',
  );
}

function groupsOf({ attributes: { group = 1 } }: RuleNode): number {
  return Number(group);
}
