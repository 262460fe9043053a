import {
  addDimensions,
  type Dimension,
  divideDimensions,
  multiplyDimensions,
  type Shape,
  subtractDimensions,
} from '../dimension.ts';
import { callError, numberOf, numbersAttribute, type OperatorCall, textOf } from '../operator.ts';
import type { Attributes } from '../tensor.ts';

/** How a window slides over the spatial axes, those behind batch and channels. Lists have one entry an axis. */
export interface SlidingWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Elements put in front of each axis. */
  readonly before: readonly number[];
  /** Elements put behind each axis. */
  readonly after: readonly number[];
  /** From the first element under the window to the last, both counted. */
  readonly extents: readonly number[];
}

/** Options of everything that slides a window; a number stands for all axes. */
export interface WindowOptions {
  /** From one place of the window to the next. */
  readonly strides?: number | readonly number[] | undefined;
  /** From one element under the window to the next. Default 1. */
  readonly dilations?: number | readonly number[] | undefined;
  /**
   * Elements put around the input: a number, one an axis, or two an axis (all in front, then all behind). `same` makes
   * as many places as elements, or `ceil(elements / stride)`, with the odd one behind, `sameLower` in front. Default 0.
   */
  readonly pads?: number | readonly number[] | 'same' | 'sameLower' | undefined;
}

/** Attributes of operators with a window. */
export const windowKinds = {
  kernel_shape: 'ints',
  strides: 'ints',
  dilations: 'ints',
  pads: 'ints',
  auto_pad: 'string',
} as const;

/** The attributes for some options. Pads are written out where they are known before the graph runs. */
export function windowAttributes(
  sizes: Shape,
  kernel: readonly number[],
  { strides = 1, dilations = 1, pads = 0 }: WindowOptions,
): Attributes {
  const each = (value: number | readonly number[]) =>
    typeof value === 'number' ? sizes.map(() => value) : value;
  const common = { kernel_shape: kernel, strides: each(strides), dilations: each(dilations) };
  if (typeof pads !== 'string') {
    const both = each(pads);
    return { ...common, pads: both.length === sizes.length ? [...both, ...both] : both };
  }
  const auto = pads === 'same' ? 'SAME_UPPER' : 'SAME_LOWER';
  const totals = sizes.map((size, axis) =>
    samePads(size, extentOf(kernel[axis], common.dilations[axis]), common.strides[axis]),
  );
  if (totals.includes(undefined)) return { ...common, auto_pad: auto };
  const halves = totals.map((total) => halve(total ?? 0, auto));
  return { ...common, pads: [...halves.map(([before]) => before), ...halves.map(([, after]) => after)] };
}

/**
 * The window of a call and at how many places it stands.
 *
 * @param sizes Of the spatial axes.
 */
export function windowOf(
  call: OperatorCall,
  sizes: Shape,
  kernel: readonly number[],
): { readonly window: SlidingWindow | undefined; readonly places: Shape } {
  const { strides, dilations, extents } = stepsOf(call, kernel);
  const auto = textOf(call, 'auto_pad', 'NOTSET');
  if (auto.startsWith('SAME')) {
    const totals = sizes.map((size, axis) => samePads(size, extents[axis], strides[axis]));
    const halves = totals.map((total) => halve(total ?? 0, auto));
    const known = !totals.includes(undefined);
    return {
      window: known
        ? {
            kernel,
            strides,
            dilations,
            extents,
            before: halves.map(([before]) => before),
            after: halves.map(([, after]) => after),
          }
        : undefined,
      places: sizes.map((size, axis) => ceilDivide(size, strides[axis])),
    };
  }
  const { before, after } = padsOf(call, kernel.length);
  const window = { kernel, strides, dilations, extents, before, after };
  return { window, places: sizes.map((size, axis) => placesAlong(call, window, axis, size)) };
}

/** Strides, dilations and extents, checked. */
export function stepsOf(
  call: OperatorCall,
  kernel: readonly number[],
): Pick<SlidingWindow, 'strides' | 'dilations' | 'extents'> {
  const list = (name: string) => {
    const values = numbersAttribute(call, name) ?? kernel.map(() => 1);
    if (values.length !== kernel.length || values.some((value) => !(Number.isInteger(value) && value > 0))) {
      throw callError(call, `${name} are [${values.join(', ')}]; expected ${kernel.length} numbers above 0`);
    }
    return values;
  };
  const [strides, dilations] = [list('strides'), list('dilations')];
  return { strides, dilations, extents: kernel.map((size, axis) => extentOf(size, dilations[axis])) };
}

/** The pads that are written out. */
export function padsOf(call: OperatorCall, axes: number): Pick<SlidingWindow, 'before' | 'after'> {
  const given = textOf(call, 'auto_pad', 'NOTSET') === 'VALID' ? undefined : numbersAttribute(call, 'pads');
  const pads = given ?? Array.from({ length: 2 * axes }, () => 0);
  if (pads.length !== 2 * axes || pads.some((pad) => !(Number.isInteger(pad) && pad >= 0))) {
    throw callError(call, `pads are [${pads.join(', ')}]; expected ${2 * axes} numbers of at least 0`);
  }
  return { before: pads.slice(0, axes), after: pads.slice(axes) };
}

/** Pads that are split into before and behind; the odd one goes behind for `SAME_UPPER`. */
export function halve(total: number, auto: string): [before: number, after: number] {
  const less = Math.floor(total / 2);
  return auto === 'SAME_LOWER' ? [total - less, less] : [less, total - less];
}

/**
 * What is left of an axis, pads included, behind the window's last place; negative where the window hangs over
 * (`ceil_mode`).
 */
export function restAlong(
  { strides, extents, before, after }: SlidingWindow,
  axis: number,
  size: Dimension,
  places: Dimension,
): Dimension {
  const reached = addDimensions(
    multiplyDimensions(strides[axis], subtractDimensions(places, 1)),
    extents[axis],
  );
  return subtractDimensions(addDimensions(size, before[axis] + after[axis]), reached);
}

function placesAlong(
  call: OperatorCall,
  { strides, extents, before, after }: SlidingWindow,
  axis: number,
  size: Dimension,
): Dimension {
  const [stride, extent] = [strides[axis], extents[axis]];
  const room = addDimensions(size, before[axis] + after[axis] - extent);
  if (typeof room === 'number' && room < 0) {
    throw callError(
      call,
      `a window over ${extent} elements does not fit into the ${room + extent} of spatial axis ${axis}`,
    );
  }
  if (numberOf(call, 'ceil_mode', 0) === 0) return addDimensions(divideDimensions(room, stride), 1);
  const places = addDimensions(ceilDivide(room, stride), 1);
  // No window starts behind the last element.
  if (typeof places === 'number' && typeof size === 'number') {
    return (places - 1) * stride >= size + before[axis] ? places - 1 : places;
  }
  if (stride + after[axis] <= extent) return places;
  throw callError(call, `ceil_mode needs to know size ${size} before the graph runs`);
}

function samePads(size: Dimension, extent: number, stride: number): number | undefined {
  if (stride === 1) return extent - 1;
  if (typeof size !== 'number') return undefined;
  return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
}

function ceilDivide(a: Dimension, b: number): Dimension {
  return divideDimensions(addDimensions(a, b - 1), b);
}

function extentOf(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}
