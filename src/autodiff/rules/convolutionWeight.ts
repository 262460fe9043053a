import { tensorData } from '../../graph/dataType.ts';
import { isStatic, sizeOfShape } from '../../graph/dimension.ts';
import { conv } from '../../graph/operators/convolution.ts';
import { greater, mul, where } from '../../graph/operators/elementwise.ts';
import { gemm, matMul } from '../../graph/operators/linearAlgebra.ts';
import { concat, pad, reshape, shapeTensor, slice, transpose } from '../../graph/operators/movement.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import type { SlidingWindow } from '../../graph/operators/slidingWindow.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { reshapeLike } from '../gradientRule.ts';

/**
 * The cotangent of a convolution's weight: for every offset in the kernel the products of the cotangents `g` with the
 * elements of `x` that lay there, summed over batch and places. All forms below are this sum; which one is fastest was
 * measured (bench/README.md).
 *
 * @param x `[batch, channels, ...spatial]`
 * @param g `[batch, outputs, ...places]`
 * @param weight `[outputs, channels / groups, ...kernel]`, for its shape.
 */
export function weightGradient(
  x: Tensor,
  g: Tensor,
  weight: Tensor,
  window: SlidingWindow,
  groups: number,
): Tensor {
  return reshapeLike(formFor(x, g, window, groups)(x, g, window, groups), weight);
}

type Form = (x: Tensor, g: Tensor, window: SlidingWindow, groups: number) => Tensor;

function formFor(x: Tensor, g: Tensor, { kernel, strides }: SlidingWindow, groups: number): Form {
  const [channels, outputs] = [Number(x.shape[1]), Number(g.shape[1])];
  const sizes = x.shape.slice(2);
  if (groups > 1) {
    if (channels > groups) return byMatrices;
    const last = kernel.length - 1;
    const isWide = strides[last] === 1 && Number(sizes[last]) > 9 * kernel[last];
    return isWide || typeof sizes[last] === 'string' ? byProducts : byBands;
  }
  const area = Number(sizeOfShape(sizes));
  const isSmall = [...kernel, ...strides].every((size) => size === 1);
  // Compares the elements of a product for each image with those to transpose for one product.
  if (isSmall && outputs * channels < (outputs + channels) * area) return byImages;
  return channels <= 4 && isStatic(sizes) && x.shape[0] !== 0 ? byConvolution : byMatrices;
}

// Kernels of one element: a product of matrices for each image, [outputs, places] by [places, channels].
function byImages(x: Tensor, g: Tensor, window: SlidingWindow): Tensor {
  const rows = (tensor: Tensor) => {
    const area = sizeOfShape(tensor.shape.slice(2));
    return reshape(tensor, [...tensor.shape.slice(0, 2), typeof area === 'number' ? area : -1]);
  };
  return reduceSum(matMul(rows(g), transpose(rows(padded(x, window, 2)), [0, 2, 1])), { axes: [0] });
}

// One product of matrices for each offset, [outputs, batch places] by [batch places, channels]. With the channels last,
// what lies under an offset is copied in long runs.
function byMatrices(x: Tensor, g: Tensor, window: SlidingWindow, groups: number): Tensor {
  const channels = Number(x.shape[1]) / groups;
  const spatial = window.kernel.map((_, axis) => axis + 3);
  const elements = padded(transpose(inGroups(x, groups), [1, 0, ...spatial, 2]), window, 2);
  const places = transpose(inGroups(g, groups), [1, 2, 0, ...spatial]);
  const outputs = Number(g.shape[1]) / groups;
  const products = offsetsOf(window.kernel).map((offset) => {
    const under = elementsAt(elements, offset, window, 2);
    return groups === 1
      ? gemm(reshape(places, [outputs, -1]), reshape(under, [-1, channels]))
      : matMul(reshape(places, [groups, outputs, -1]), reshape(under, [groups, -1, channels]));
  });
  return stackLast(products);
}

// Few channels: as a convolution of the input by the cotangents, with batch in the place of channels.
function byConvolution(x: Tensor, g: Tensor, window: SlidingWindow): Tensor {
  const { kernel, strides, dilations, before, after } = window;
  const swap = [1, 0, ...kernel.map((_, axis) => axis + 2)];
  const all = conv(transpose(x, swap), transpose(g, swap), undefined, {
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after],
  });
  // A convolution of no channels leaves its result as it found the memory (ONNX Runtime 1.30).
  const [batch] = x.shape;
  const sums = typeof batch === 'number' ? all : where(greater(shapeTensor([batch], [x]), 0), all, 0);
  // Elements that no window reached make for offsets that the kernel does not have.
  const axes = kernel.map((_, axis) => axis + 2);
  return transpose(
    slice(
      sums,
      kernel.map(() => 0),
      kernel,
      axes,
    ),
    swap,
  );
}

// Depthwise and narrow: one product of matrices for each row of the kernel gives, for all pairs of a column of places
// and a column of elements, the sum of their products; those that are the same offset apart are added up.
function byBands(x: Tensor, g: Tensor, window: SlidingWindow, groups: number): Tensor {
  const rank = window.kernel.length;
  const last = rank - 1;
  const rows = window.kernel.slice(0, last).map((_, axis) => axis);
  const rowWindow: SlidingWindow = {
    ...window,
    kernel: window.kernel.slice(0, last),
    before: window.before.slice(0, last),
    after: window.after.slice(0, last),
  };
  const outputs = Number(g.shape[1]) / groups;
  const [width, columns] = [Number(x.shape[rank + 1]), Number(g.shape[rank + 1])];
  // [groups, ...rows, batch, width] and [groups, outputs, columns, ...rows, batch]
  const elements = padded(transpose(x, [1, ...rows.map((axis) => axis + 2), 0, rank + 1]), rowWindow, 1);
  const places = reshape(
    transpose(inGroups(g, groups), [1, 2, rank + 2, ...rows.map((axis) => axis + 3), 0]),
    [groups, outputs * columns, -1],
  );
  const products = offsetsOf(rowWindow.kernel).map((offset) => {
    const under = reshape(elementsAt(elements, offset, rowWindow, 1), [groups, -1, width]);
    return reshape(matMul(places, under), [groups * outputs, 1, columns * width]);
  });
  const stacked = reshape(concat(products, 1), [-1, columns * width]);
  return matMul(stacked, pairsByOffset(window, last, width, columns, x));
}

// Depthwise and wide: element by element.
function byProducts(x: Tensor, g: Tensor, window: SlidingWindow, groups: number): Tensor {
  const elements = padded(x, window, 2);
  const axes = [0, ...window.kernel.map((_, axis) => axis + 3)];
  const places = inGroups(g, groups);
  const products = offsetsOf(window.kernel).map((offset) =>
    reduceSum(mul(inGroups(elementsAt(elements, offset, window, 2), groups), places), { axes }),
  );
  return stackLast(products);
}

/** For each pair of a column of places and a column of elements, `[columns width, kernel]`, 1 at their offset. */
function pairsByOffset(
  { kernel, strides, dilations, before }: SlidingWindow,
  axis: number,
  width: number,
  columns: number,
  { dtype }: Tensor,
): Tensor {
  const size = kernel[axis];
  const pairs = new Float32Array(columns * width * size);
  for (let column = 0; column < columns; column++) {
    for (let offset = 0; offset < size; offset++) {
      const element = column * strides[axis] + offset * dilations[axis] - before[axis];
      if (element >= 0 && element < width) pairs[(column * width + element) * size + offset] = 1;
    }
  }
  return constant(tensorData(dtype, pairs, [columns * width, size]));
}

/** Channels as two axes: `[batch, groups, channels / groups, ...spatial]`. */
function inGroups(x: Tensor, groups: number): Tensor {
  const [batch, channels, ...spatial] = x.shape;
  return reshape(x, [batch, groups, Number(channels) / groups, ...spatial]);
}

/** `x` with the window's pads, its spatial axes being those from `first` on. */
function padded(x: Tensor, { before, after }: SlidingWindow, first: number): Tensor {
  if ([...before, ...after].every((size) => size === 0)) return x;
  const around = (sizes: readonly number[]) =>
    x.shape.map((_, axis) => (axis >= first && axis < first + sizes.length ? sizes[axis - first] : 0));
  return pad(x, around(before), around(after));
}

/** What lies at one offset in the kernel when the window stands at each of its places. */
function elementsAt(
  padded: Tensor,
  offset: readonly number[],
  { strides, dilations, extents }: SlidingWindow,
  first: number,
): Tensor {
  if (offset.length === 0) return padded;
  const starts = offset.map((at, axis) => at * dilations[axis]);
  // Counted from the back, where 0 would be the front.
  const ends = starts.map((start, axis) => start - extents[axis] + 1 || 2 ** 31 - 1);
  return slice(
    padded,
    starts,
    ends,
    starts.map((_, axis) => first + axis),
    strides.slice(0, offset.length),
  );
}

function stackLast(parts: readonly Tensor[]): Tensor {
  const widened = parts.map((part) => reshape(part, [...part.shape, 1]));
  return concat(widened, parts[0].shape.length);
}

function offsetsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (offsets, size) => offsets.flatMap((offset) => Array.from({ length: size }, (_, i) => [...offset, i])),
    [[]],
  );
}
