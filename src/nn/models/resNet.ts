import { relu } from '../../graph/operators/activation.ts';
import { add } from '../../graph/operators/elementwise.ts';
import { flatten } from '../../graph/operators/movement.ts';
import { globalAveragePool, maxPool } from '../../graph/operators/pooling.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type BatchNormParameters, batchNorm, batchNormParameters } from '../layers/batchNorm.ts';
import { type ConvolutionParameters, convolution, convolutionParameters } from '../layers/convolution.ts';
import { type LinearParameters, linear, linearParameters } from '../layers/linear.ts';
import type { Parameters } from '../parameters.ts';
import type { TrainingPass } from '../trainingPass.ts';

/** What image models take and give. */
export interface ImageModelOptions {
  /** Channels of the images. Default 3. */
  readonly channels?: number | undefined;
  /** Outputs. Default 1000, as published. */
  readonly classes?: number | undefined;
}

/** Parameters of {@link resNet}. The names are torchvision's, so that its weights find their places. */
export type ResNetParameters = {
  readonly conv1: ConvolutionParameters;
  readonly bn1: BatchNormParameters;
  readonly layer1: readonly ResidualBlockParameters[];
  readonly layer2: readonly ResidualBlockParameters[];
  readonly layer3: readonly ResidualBlockParameters[];
  readonly layer4: readonly ResidualBlockParameters[];
  readonly fc: LinearParameters;
};

type ResidualBlockParameters = {
  readonly conv1: ConvolutionParameters;
  readonly bn1: BatchNormParameters;
  readonly conv2: ConvolutionParameters;
  readonly bn2: BatchNormParameters;
  /** Of bottlenecks. */
  readonly conv3?: ConvolutionParameters;
  readonly bn3?: BatchNormParameters;
  /** Where the block changes the shape. */
  readonly downsample?: readonly [ConvolutionParameters, BatchNormParameters];
};

/** Plans ResNet-18: 11,689,512 parameters as published. */
export function resNet18Parameters(options: ImageModelOptions = {}): ResNetParameters {
  return resNetParameters([2, 2, 2, 2], 'basic', options);
}

/** Plans ResNet-50: 25,557,032 parameters as published. */
export function resNet50Parameters(options: ImageModelOptions = {}): ResNetParameters {
  return resNetParameters([3, 4, 6, 3], 'bottleneck', options);
}

/**
 * Plans a residual network of other depth.
 *
 * @param blocks How many in each of the four stages.
 * @param kind `basic`: two 3x3 convolutions a block; `bottleneck`: 1x1, 3x3 and 1x1 to four times the width.
 */
export function resNetParameters(
  [first, second, third, fourth]: readonly [number, number, number, number],
  kind: 'basic' | 'bottleneck',
  { channels = 3, classes = 1000 }: ImageModelOptions = {},
): ResNetParameters {
  const factor = kind === 'basic' ? 1 : 4;
  const stage = (inputs: number, width: number, count: number) =>
    Array.from({ length: count }, (_, i) =>
      blockParameters(i === 0 ? inputs : width * factor, width, factor, width > 64 && i === 0 ? 2 : 1),
    );
  return {
    conv1: window(channels, 64, 7),
    bn1: batchNormParameters(64),
    layer1: stage(64, 64, first),
    layer2: stage(64 * factor, 128, second),
    layer3: stage(128 * factor, 256, third),
    layer4: stage(256 * factor, 512, fourth),
    fc: linearParameters(512 * factor, classes),
  };
}

/**
 * A residual network (He et al. 2016; the stride of bottlenecks in the 3x3 convolution, as in torchvision). Blocks add
 * to their input, so that gradients reach the first layers whatever is between.
 *
 * @param x `[batch, channels, height, width]`
 * @returns Logits, `[batch, classes]`
 */
export function resNet(
  parameters: Parameters<ResNetParameters>,
  x: Tensor,
  { training }: { training?: TrainingPass | undefined } = {},
): Tensor {
  const { conv1, bn1, layer1, layer2, layer3, layer4, fc } = parameters;
  let h = relu(batchNorm(bn1, convolution(conv1, x, { strides: 2, pads: 3 }), { training }));
  h = maxPool(h, 3, { strides: 2, pads: 1 });
  for (const [i, stage] of [layer1, layer2, layer3, layer4].entries()) {
    for (const [k, block] of stage.entries()) h = residualBlock(block, h, i > 0 && k === 0 ? 2 : 1, training);
  }
  return linear(fc, flatten(globalAveragePool(h)));
}

function residualBlock(
  { conv1, bn1, conv2, bn2, conv3, bn3, downsample }: Parameters<ResidualBlockParameters>,
  x: Tensor,
  stride: number,
  training: TrainingPass | undefined,
): Tensor {
  const isBottleneck = conv3 !== undefined && bn3 !== undefined;
  const [first, second] = isBottleneck
    ? [{}, { strides: stride, pads: 1 }]
    : [{ strides: stride, pads: 1 }, { pads: 1 }];
  let h = relu(batchNorm(bn1, convolution(conv1, x, first), { training }));
  h = batchNorm(bn2, convolution(conv2, h, second), { training });
  if (isBottleneck) h = batchNorm(bn3, convolution(conv3, relu(h)), { training });
  const shortcut = downsample
    ? batchNorm(downsample[1], convolution(downsample[0], x, { strides: stride }), { training })
    : x;
  return relu(add(h, shortcut));
}

function blockParameters(
  inputs: number,
  width: number,
  factor: number,
  stride: number,
): ResidualBlockParameters {
  const outputs = width * factor;
  const isBottleneck = factor > 1;
  return {
    conv1: window(inputs, width, isBottleneck ? 1 : 3),
    bn1: batchNormParameters(width),
    conv2: window(width, width, 3),
    bn2: batchNormParameters(width),
    ...(isBottleneck ? { conv3: window(width, outputs, 1), bn3: batchNormParameters(outputs) } : {}),
    ...(inputs !== outputs || stride > 1
      ? { downsample: [window(inputs, outputs, 1), batchNormParameters(outputs)] }
      : {}),
  };
}

function window(inputs: number, outputs: number, size: number): ConvolutionParameters {
  return convolutionParameters(inputs, outputs, size, { bias: false });
}
