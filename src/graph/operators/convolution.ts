import { addDimensions, type Dimension, multiplyDimensions, type Shape } from '../dimension.ts';
import {
  applyOne,
  assertFloat,
  callError,
  commonDataType,
  inputOf,
  numberOf,
  numbersAttribute,
  type OperatorCall,
  operatorFamily,
  textOf,
} from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import {
  halve,
  padsOf,
  type SlidingWindow,
  stepsOf,
  type WindowOptions,
  windowAttributes,
  windowKinds,
  windowOf,
} from './slidingWindow.ts';

/** Weighted sums under a window that slides over the axes behind batch and channels. */
export const convolution = operatorFamily({
  Conv: { inputs: [2, 3], attributes: { ...windowKinds, group: 'int' }, infer: convTypes },
  ConvTranspose: {
    inputs: [2, 3],
    attributes: { ...windowKinds, group: 'int', output_padding: 'ints', output_shape: 'ints' },
    infer: convTransposeTypes,
  },
});

/** Options of {@link conv}. */
export interface ConvOptions extends WindowOptions {
  /** Channels are cut into so many groups that do not see each other; all of them makes it depthwise. Default 1. */
  readonly groups?: number | undefined;
}

/** Options of {@link convTranspose}. */
export interface ConvTransposeOptions extends ConvOptions {
  /** Elements added behind the result, fewer than the stride. Default 0. */
  readonly outputPadding?: number | readonly number[] | undefined;
}

/**
 * Convolution: at each place of the window the weighted sum of what lies under it.
 *
 * @param x `[batch, channels, ...spatial]`; one, two or three spatial axes.
 * @param weight `[outputs, channels / groups, ...kernel]`
 * @param bias `[outputs]`
 * @returns `[batch, outputs, ...places]`; along each axis `floor((size + pads - extent) / stride) + 1` places, where
 * the extent is `(kernel - 1) dilation + 1`.
 * @throws TrainyardError of kind `usage` where channels do not match or the window does not fit.
 * @example
 * const y = conv(x, weight, bias, { strides: 2, pads: 1 });
 */
export function conv(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  const attributes = windowAttributes(x.shape.slice(2), sizesOf(weight), options);
  return applyOne(convolution.Conv, bias ? [x, weight, bias] : [x, weight], {
    ...attributes,
    group: options.groups ?? 1,
  });
}

/**
 * The transpose of {@link conv} as a linear map, which takes its places back to its elements.
 *
 * @param x `[batch, channels, ...spatial]`
 * @param weight `[channels, outputs / groups, ...kernel]`
 * @param bias `[outputs]`
 * @returns `[batch, outputs, ...sizes]`; along each axis `stride (size - 1) + extent - pads + outputPadding`.
 */
export function convTranspose(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { outputPadding = 0, ...options }: ConvTransposeOptions = {},
): Tensor {
  const axes = x.shape.slice(2);
  const { pads } = options;
  const attributes = windowAttributes(
    axes,
    sizesOf(weight),
    typeof pads === 'string' ? { ...options, pads: 0 } : options,
  );
  return applyOne(convolution.ConvTranspose, bias ? [x, weight, bias] : [x, weight], {
    ...attributes,
    ...(typeof pads === 'string'
      ? { pads: undefined, auto_pad: pads === 'same' ? 'SAME_UPPER' : 'SAME_LOWER' }
      : {}),
    group: options.groups ?? 1,
    output_padding: typeof outputPadding === 'number' ? axes.map(() => outputPadding) : outputPadding,
  });
}

/**
 * The window of a Conv node, with the places it stands at.
 *
 * @internal
 */
export function convWindow(call: OperatorCall): ReturnType<typeof windowOf> {
  const [x, weight] = [inputOf(call, 0), inputOf(call, 1)];
  return windowOf(call, x.shape.slice(2), numbersAttribute(call, 'kernel_shape') ?? kernelOf(call, weight));
}

/**
 * The window of a ConvTranspose node: that of the convolution from its result to its input. Sizes are of its result.
 *
 * @internal
 */
export function convTransposeWindow(call: OperatorCall): {
  readonly window: SlidingWindow;
  readonly sizes: Shape;
} {
  const [x, weight] = [inputOf(call, 0), inputOf(call, 1)];
  const kernel = numbersAttribute(call, 'kernel_shape') ?? kernelOf(call, weight);
  const steps = stepsOf(call, kernel);
  const spatial = x.shape.slice(2);
  const extra = numbersAttribute(call, 'output_padding') ?? kernel.map(() => 0);
  const wrong = extra.find((size, axis) => size >= steps.strides[axis]);
  if (wrong !== undefined) throw callError(call, `an output padding of ${wrong} is not below the stride`);
  const unpadded = spatial.map((size, axis) =>
    addDimensions(
      multiplyDimensions(steps.strides[axis], addDimensions(size, -1)),
      steps.extents[axis] + extra[axis],
    ),
  );
  const auto = textOf(call, 'auto_pad', 'NOTSET');
  const wanted: readonly Dimension[] | undefined =
    numbersAttribute(call, 'output_shape')?.slice(-kernel.length) ??
    (auto.startsWith('SAME')
      ? spatial.map((size, axis) => multiplyDimensions(size, steps.strides[axis]))
      : undefined);
  if (!wanted) {
    const pads = padsOf(call, kernel.length);
    const sizes = unpadded.map((size, axis) => addDimensions(size, -pads.before[axis] - pads.after[axis]));
    return { window: { kernel, ...steps, ...pads }, sizes };
  }
  const halves = unpadded.map((size, axis) => {
    const total = addDimensions(size, multiplyDimensions(-1, wanted[axis]));
    if (typeof total !== 'number') throw callError(call, `pads for size ${wanted[axis]} are not known`);
    return halve(Math.max(0, total), auto === 'SAME_UPPER' ? auto : 'SAME_LOWER');
  });
  const before = halves.map(([first]) => first);
  const after = halves.map(([, last]) => last);
  return { window: { kernel, ...steps, before, after }, sizes: wanted };
}

function convTypes(call: OperatorCall): TensorType[] {
  const { dtype, groups } = checked(call);
  const [x, weight] = [inputOf(call, 0), inputOf(call, 1)];
  const channels = multiplyDimensions(weight.shape[1], groups);
  if (channels !== x.shape[1]) {
    throw callError(
      call,
      `the weight is for ${channels} channels in ${groups} group${groups === 1 ? '' : 's'}, the input has ${x.shape[1]}`,
    );
  }
  const outputs = weight.shape[0];
  if (Number(outputs) % groups !== 0)
    throw callError(call, `${groups} groups do not divide ${outputs} outputs`);
  assertBias(call, outputs);
  return [{ dtype, shape: [x.shape[0], outputs, ...convWindow(call).places] }];
}

function convTransposeTypes(call: OperatorCall): TensorType[] {
  const { dtype, groups } = checked(call);
  const [x, weight] = [inputOf(call, 0), inputOf(call, 1)];
  if (weight.shape[0] !== x.shape[1]) {
    throw callError(call, `the weight is for ${weight.shape[0]} channels, the input has ${x.shape[1]}`);
  }
  if (Number(x.shape[1]) % groups !== 0) {
    throw callError(call, `${groups} groups do not divide ${x.shape[1]} channels`);
  }
  const outputs = multiplyDimensions(weight.shape[1], groups);
  assertBias(call, outputs);
  const { sizes } = convTransposeWindow(call);
  const empty = sizes.find((size) => typeof size === 'number' && size < 0);
  if (empty !== undefined) throw callError(call, 'pads leave nothing of the result');
  return [{ dtype, shape: [x.shape[0], outputs, ...sizes] }];
}

function checked(call: OperatorCall) {
  assertFloat(call);
  const dtype = commonDataType(call);
  const [x, weight] = [inputOf(call, 0), inputOf(call, 1)];
  if (x.shape.length < 3 || weight.shape.length !== x.shape.length) {
    throw callError(call, 'expected [batch, channels, ...spatial] and a weight of as many axes');
  }
  const groups = numberOf(call, 'group', 1);
  if (!(Number.isInteger(groups) && groups > 0))
    throw callError(call, `${groups} groups; expected at least 1`);
  return { dtype, groups };
}

function assertBias(call: OperatorCall, outputs: Dimension): void {
  const bias = call.inputs[2];
  if (bias && String(bias.shape) !== String([outputs])) {
    throw callError(call, `expected a bias of [${outputs}]`);
  }
}

function kernelOf(call: OperatorCall, weight: Tensor): readonly number[] {
  const unknown = weight.shape.slice(2).find((size) => typeof size !== 'number');
  if (unknown !== undefined) throw callError(call, `size ${unknown} of the kernel must be a number`);
  return sizesOf(weight);
}

function sizesOf(weight: Tensor): readonly number[] {
  return weight.shape.slice(2) as readonly number[];
}
