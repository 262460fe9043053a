import { numbersOf, tensorData } from '../dataType.ts';
import { type Dimension, divideDimensions, multiplyDimensions } from '../dimension.ts';
import {
  applyOne,
  axisOf,
  callError,
  inputOf,
  integers,
  numberOf,
  numbersAttribute,
  type OperatorCall,
  operatorFamily,
  textOf,
} from '../operator.ts';
import { shapeValuesOf } from '../shapeValues.ts';
import { constant, constantOperator, type Tensor, type TensorType } from '../tensor.ts';
import { unknownSize } from './movement.ts';

/** More or fewer elements along spatial axes. */
export const resizing = operatorFamily({
  Resize: {
    inputs: [1, 4],
    attributes: {
      antialias: 'int',
      axes: 'ints',
      coordinate_transformation_mode: 'string',
      cubic_coeff_a: 'float',
      exclude_outside: 'int',
      extrapolation_value: 'float',
      keep_aspect_ratio_policy: 'string',
      mode: 'string',
      nearest_mode: 'string',
    },
    infer: resizeTypes,
  },
  DepthToSpace: {
    inputs: [1, 1],
    attributes: { blocksize: 'int', mode: 'string' },
    infer: depthToSpaceTypes,
  },
  SpaceToDepth: { inputs: [1, 1], attributes: { blocksize: 'int' }, infer: spaceToDepthTypes },
});

/** Options of {@link resize}: either scales or sizes. */
export interface ResizeOptions {
  /** Of each spatial axis, those behind batch and channels; a number stands for all. */
  readonly scales?: number | readonly number[] | undefined;
  /** Of each spatial axis. */
  readonly sizes?: readonly number[] | undefined;
  /** Default `nearest`. */
  readonly mode?: 'nearest' | 'linear' | 'cubic' | undefined;
  /**
   * Where an element of the result lies in the input. `half_pixel`, the default, lays centres over each other;
   * `align_corners` the first and last elements; `asymmetric` multiplies the index.
   */
  readonly coordinates?: 'half_pixel' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric' | undefined;
  /** How `nearest` rounds. Default `round_prefer_floor`; PyTorch's `nearest` is `asymmetric` with `floor`. */
  readonly rounding?: 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil' | undefined;
}

/**
 * An image of another size, by its nearest elements or between them.
 *
 * @param x `[batch, channels, ...spatial]`
 * @example
 * const twice = resize(x, { scales: 2, mode: 'linear' });
 */
export function resize(
  x: Tensor,
  {
    scales,
    sizes,
    mode = 'nearest',
    coordinates = 'half_pixel',
    rounding = 'round_prefer_floor',
  }: ResizeOptions,
): Tensor {
  const axes = x.shape.slice(2).map((_, axis) => axis + 2);
  const factors = typeof scales === 'number' ? axes.map(() => scales) : scales;
  const byScale = factors && constant(tensorData('float32', factors));
  const inputs = sizes ? [byScale, integers(sizes)] : [byScale];
  return applyOne(resizing.Resize, [x, undefined, ...inputs], {
    axes,
    mode,
    coordinate_transformation_mode: coordinates,
    ...(mode === 'nearest' ? { nearest_mode: rounding } : {}),
  });
}

/**
 * Channels laid out as blocks of `blockSize` by `blockSize` elements.
 *
 * @param x `[batch, channels, height, width]`
 * @param options With `mode` `CRD`, PyTorch's pixel shuffle, the channels of a block lie next to each other; with `DCR`,
 * the default, those of a place in the block do.
 */
export function depthToSpace(
  x: Tensor,
  blockSize: number,
  { mode = 'DCR' }: { readonly mode?: 'DCR' | 'CRD' } = {},
): Tensor {
  return applyOne(resizing.DepthToSpace, [x], { blocksize: blockSize, mode });
}

/** Blocks of `blockSize` by `blockSize` elements as channels: the inverse of {@link depthToSpace}. */
export function spaceToDepth(x: Tensor, blockSize: number): Tensor {
  return applyOne(resizing.SpaceToDepth, [x], { blocksize: blockSize });
}

/**
 * The axes that a Resize node works on, counted from the front, in the order of its scales or sizes.
 *
 * @internal
 */
export function resizedAxes(call: OperatorCall): readonly number[] {
  const { shape } = inputOf(call, 0);
  const given = numbersAttribute(call, 'axes') ?? shape.map((_, axis) => axis);
  return given.map((axis) => axisOf(call, axis, shape.length));
}

function resizeTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  if (numberOf(call, 'antialias', 0))
    throw callError(call, 'antialias is not supported', 'blur first, by a Conv');
  const policy = textOf(call, 'keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch')
    throw callError(call, `keep_aspect_ratio_policy ${policy} is not supported`, 'give sizes');
  const axes = resizedAxes(call);
  const [, , scales, sizes] = call.inputs;
  const byScale = scales !== undefined && scales.shape[0] !== 0;
  if (byScale === (sizes !== undefined)) throw callError(call, 'expected either scales or sizes');
  const factors = byScale && scales.node.operator === constantOperator && scales.node.value;
  const given = factors ? numbersOf(factors) : sizes && shapeValuesOf(sizes);
  if (given && given.length !== axes.length) {
    throw callError(call, `${given.length} scales or sizes for ${axes.length} axes`);
  }
  const wanted =
    given instanceof Float64Array ? Array.from(given, (factor, i) => scaled(shape[axes[i]], factor)) : given;
  const result = [...shape];
  for (const [i, axis] of axes.entries()) result[axis] = wanted?.[i] ?? unknownSize(call, axis);
  return [{ dtype, shape: result }];
}

// Numbers are multiplied in float32, as runtimes do.
function scaled(size: Dimension, factor: number): Dimension | undefined {
  if (typeof size === 'number') return Math.floor(Math.fround(size * Math.fround(factor)));
  if (Number.isInteger(factor)) return multiplyDimensions(size, factor);
  return Number.isInteger(1 / factor) ? divideDimensions(size, 1 / factor) : undefined;
}

function depthToSpaceTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape, block } = blocks(call);
  const [batch, channels, height, width] = shape;
  const mode = textOf(call, 'mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD') throw callError(call, `unknown mode ${mode}; expected DCR or CRD`);
  if (Number(channels) % block ** 2 !== 0) {
    throw callError(call, `blocks of ${block} by ${block} do not divide ${channels} channels`);
  }
  const [rows, columns] = [height, width].map((size) => multiplyDimensions(size, block));
  return [{ dtype, shape: [batch, Number(channels) / block ** 2, rows, columns] }];
}

function spaceToDepthTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape, block } = blocks(call);
  const [batch, channels, height, width] = shape;
  if ([height, width].some((size) => typeof size === 'number' && size % block !== 0)) {
    throw callError(call, `blocks of ${block} by ${block} do not divide the image`);
  }
  const [rows, columns] = [height, width].map((size) => divideDimensions(size, block));
  return [{ dtype, shape: [batch, multiplyDimensions(channels, block ** 2), rows, columns] }];
}

function blocks(call: OperatorCall) {
  const { dtype, shape } = inputOf(call, 0);
  const block = numberOf(call, 'blocksize', 0);
  if (shape.length !== 4) throw callError(call, 'expected [batch, channels, height, width]');
  if (!(Number.isInteger(block) && block > 0))
    throw callError(call, `a block size of ${block}; expected 1 or more`);
  return { dtype, shape, block };
}
