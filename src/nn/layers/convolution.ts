import { type ConvOptions, conv } from '../../graph/operators/convolution.ts';
import type { WindowOptions } from '../../graph/operators/slidingWindow.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { heNormal, type Initialiser, zeros } from '../initialisers.ts';
import { type ParameterPlan, type Parameters, planned } from '../parameters.ts';

/** Options of {@link convolutionParameters}. */
export interface ConvolutionOptions {
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Channels are cut into so many groups that do not see each other. Default 1. */
  readonly groups?: number | undefined;
  /** Draws the weight; biases start at 0. Default `heNormal()`. */
  readonly initialiser?: Initialiser | undefined;
}

/** Parameters of {@link convolution}. */
export type ConvolutionParameters = {
  /** `[outputs, inputs / groups, ...kernel]` */
  readonly weight: ParameterPlan;
  /** `[outputs]` */
  readonly bias?: ParameterPlan | undefined;
};

/**
 * Plans a {@link convolution}.
 *
 * @param kernel Sizes of the window, one a spatial axis; a number stands for two axes, images.
 */
export function convolutionParameters(
  inputs: number,
  outputs: number,
  kernel: number | readonly number[],
  { bias = true, groups = 1, initialiser = heNormal() }: ConvolutionOptions = {},
): ConvolutionParameters {
  const window = typeof kernel === 'number' ? [kernel, kernel] : kernel;
  const weight = planned([outputs, inputs / groups, ...window], initialiser);
  return bias ? { weight, bias: planned([outputs], zeros()) } : { weight };
}

/**
 * A convolution.
 *
 * @param x `[batch, inputs, ...spatial]`
 * @param options Strides, pads, dilations and groups, as of the operator `conv`.
 */
export function convolution(
  { weight, bias }: Parameters<ConvolutionParameters>,
  x: Tensor,
  options: ConvOptions = {},
): Tensor {
  return conv(x, weight, bias, options);
}

/** Plans a {@link depthwiseConvolution}; `multiplier` outputs for each channel, default 1. */
export function depthwiseParameters(
  channels: number,
  kernel: number | readonly number[],
  { multiplier = 1, ...options }: Omit<ConvolutionOptions, 'groups'> & { readonly multiplier?: number } = {},
): ConvolutionParameters {
  return convolutionParameters(channels, channels * multiplier, kernel, { ...options, groups: channels });
}

/** A convolution of each channel by itself. */
export function depthwiseConvolution(
  parameters: Parameters<ConvolutionParameters>,
  x: Tensor,
  options: WindowOptions = {},
): Tensor {
  return convolution(parameters, x, { ...options, groups: Number(x.shape[1]) });
}

/** Parameters of {@link separableConvolution}. */
export type SeparableParameters = {
  readonly depthwise: ConvolutionParameters;
  readonly pointwise: ConvolutionParameters;
};

/** Plans a {@link separableConvolution}; a bias belongs to its second half. */
export function separableParameters(
  inputs: number,
  outputs: number,
  kernel: number | readonly number[],
  { bias = true, initialiser = heNormal() }: Omit<ConvolutionOptions, 'groups'> = {},
): SeparableParameters {
  const window = typeof kernel === 'number' ? [kernel, kernel] : kernel;
  const single = window.map(() => 1);
  return {
    depthwise: depthwiseParameters(inputs, window, { bias: false, initialiser }),
    pointwise: convolutionParameters(inputs, outputs, single, { bias, initialiser }),
  };
}

/** A convolution of each channel by itself, then one of all channels at each place by itself (Chollet 2017). */
export function separableConvolution(
  { depthwise, pointwise }: Parameters<SeparableParameters>,
  x: Tensor,
  options: WindowOptions = {},
): Tensor {
  return convolution(pointwise, depthwiseConvolution(depthwise, x, options));
}
