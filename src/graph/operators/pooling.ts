import type { Dimension } from '../dimension.ts';
import {
  apply,
  applyOne,
  assertFloat,
  callError,
  inputOf,
  numbersAttribute,
  type OperatorCall,
  operatorFamily,
} from '../operator.ts';
import type { Attributes, Tensor, TensorType } from '../tensor.ts';
import { type WindowOptions, windowAttributes, windowKinds, windowOf } from './slidingWindow.ts';

const kinds = { ...windowKinds, ceil_mode: 'int' } as const;

/** One value from what lies under a window, channel by channel. */
export const pooling = operatorFamily({
  MaxPool: {
    inputs: [1, 1],
    leastOutputs: 1,
    attributes: { ...kinds, storage_order: 'int' },
    infer: (call) => {
      const [values] = poolTypes(call);
      return [values, { dtype: 'int64', shape: values.shape }];
    },
  },
  AveragePool: { inputs: [1, 1], attributes: { ...kinds, count_include_pad: 'int' }, infer: floatPoolTypes },
  LpPool: { inputs: [1, 1], attributes: { ...kinds, p: 'int' }, infer: floatPoolTypes },
  GlobalAveragePool: { inputs: [1, 1], infer: globalTypes },
  GlobalMaxPool: { inputs: [1, 1], infer: globalTypes },
});

/** Options of pooling. Strides are the kernel unless given: windows side by side. */
export interface PoolOptions extends WindowOptions {
  /** Whether a last window that hangs over the end counts. Default false. */
  readonly ceilMode?: boolean | undefined;
}

/**
 * The largest under each window; pads never win.
 *
 * @param x `[batch, channels, ...spatial]`
 * @param kernel Size of the window; a number stands for all axes.
 * @example
 * const y = maxPool(x, 3, { strides: 2, pads: 1 });
 */
export function maxPool(x: Tensor, kernel: number | readonly number[], options: PoolOptions = {}): Tensor {
  return maxPoolWithIndices(x, kernel, options).values;
}

/** {@link maxPool}, and where each came from: places in the whole of `x` laid out in a row (int64). */
export function maxPoolWithIndices(
  x: Tensor,
  kernel: number | readonly number[],
  options: PoolOptions = {},
): { readonly values: Tensor; readonly indices: Tensor } {
  const [values, indices] = apply(pooling.MaxPool, [x], poolAttributes(x, kernel, options));
  return { values, indices };
}

/**
 * The mean under each window.
 *
 * @param x `[batch, channels, ...spatial]`
 * @param kernel Size of the window; a number stands for all axes.
 * @param options With `countIncludePad`, pads count as zeros; without, which is the default, they are left out.
 */
export function averagePool(
  x: Tensor,
  kernel: number | readonly number[],
  { countIncludePad = false, ...options }: PoolOptions & { readonly countIncludePad?: boolean } = {},
): Tensor {
  return applyOne(pooling.AveragePool, [x], {
    ...poolAttributes(x, kernel, options),
    count_include_pad: Number(countIncludePad),
  });
}

/** `(sum of |x|^p)^(1/p)` under each window. */
export function lpPool(
  x: Tensor,
  kernel: number | readonly number[],
  { p = 2, ...options }: PoolOptions & { readonly p?: number } = {},
): Tensor {
  return applyOne(pooling.LpPool, [x], { ...poolAttributes(x, kernel, options), p });
}

/** The mean of each channel; spatial axes stay with size 1. */
export function globalAveragePool(x: Tensor): Tensor {
  return applyOne(pooling.GlobalAveragePool, [x]);
}

/** The largest of each channel; spatial axes stay with size 1. Where several are, they share the derivative equally. */
export function globalMaxPool(x: Tensor): Tensor {
  return applyOne(pooling.GlobalMaxPool, [x]);
}

/**
 * The window of a pooling node, with the places it stands at.
 *
 * @internal
 */
export function poolWindow(call: OperatorCall): ReturnType<typeof windowOf> {
  const sizes = inputOf(call, 0).shape.slice(2);
  const kernel = numbersAttribute(call, 'kernel_shape') ?? [];
  if (sizes.length === 0 || kernel.length !== sizes.length || kernel.some((size) => !(size > 0))) {
    throw callError(
      call,
      `a kernel of [${kernel.join(', ')}]; expected [batch, channels, ...spatial] and a size for each spatial axis`,
    );
  }
  const { window, places } = windowOf(call, sizes, kernel);
  const wrong = kernel.findIndex(
    (size, axis) => window && Math.max(window.before[axis], window.after[axis]) >= size,
  );
  if (wrong >= 0)
    throw callError(call, `pads of spatial axis ${wrong} are not below its kernel, ${kernel[wrong]}`);
  return { window, places };
}

function poolAttributes(
  x: Tensor,
  kernel: number | readonly number[],
  { ceilMode = false, ...options }: PoolOptions,
): Attributes {
  const spatial = x.shape.slice(2);
  const sizes = typeof kernel === 'number' ? spatial.map(() => kernel) : kernel;
  return {
    ...windowAttributes(spatial, sizes, { ...options, strides: options.strides ?? sizes }),
    ceil_mode: Number(ceilMode),
  };
}

function poolTypes(call: OperatorCall): TensorType[] {
  const { dtype, shape } = inputOf(call, 0);
  return [{ dtype, shape: [...shape.slice(0, 2), ...poolWindow(call).places] }];
}

function floatPoolTypes(call: OperatorCall): TensorType[] {
  assertFloat(call);
  return poolTypes(call);
}

function globalTypes(call: OperatorCall): TensorType[] {
  assertFloat(call);
  const { dtype, shape } = inputOf(call, 0);
  if (shape.length < 3) throw callError(call, 'expected [batch, channels, ...spatial]');
  return [{ dtype, shape: shape.map((size, axis): Dimension => (axis < 2 ? size : 1)) }];
}
