import type { SlidingWindow } from '../../graph/operators/slidingWindow.ts';

/** Numbers in row-major order. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Convolution in float64, written as it is defined. */
export function referenceConv(
  x: Values,
  weight: Values,
  bias: Values | undefined,
  window: SlidingWindow,
  groups = 1,
): Values {
  const [batch, channels, ...sizes] = x.shape;
  const [outputs] = weight.shape;
  const places = placesOf(window, sizes);
  const result = zeros([batch, outputs, ...places]);
  visit(window, sizes, places, (place, element, offset) => {
    for (let n = 0; n < batch; n++) {
      for (let o = 0; o < outputs; o++) {
        const group = Math.floor(o / (outputs / groups));
        for (let c = 0; c < channels / groups; c++) {
          const from = at(x.shape, [n, group * (channels / groups) + c, ...element]);
          const to = at(result.shape, [n, o, ...place]);
          result.data[to] += x.data[from] * weight.data[at(weight.shape, [o, c, ...offset])];
        }
      }
    }
  });
  return withBias(result, bias);
}

/** Its transpose: `window` is that of the convolution from the result, of spatial sizes `sizes`, to `x`. */
export function referenceConvTranspose(
  x: Values,
  weight: Values,
  bias: Values | undefined,
  window: SlidingWindow,
  sizes: readonly number[],
  groups = 1,
): Values {
  const [batch, channels, ...places] = x.shape;
  const inGroup = weight.shape[1];
  const result = zeros([batch, inGroup * groups, ...sizes]);
  visit(window, sizes, places, (place, element, offset) => {
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        const group = Math.floor(c / (channels / groups));
        for (let o = 0; o < inGroup; o++) {
          const to = at(result.shape, [n, group * inGroup + o, ...element]);
          const from = at(x.shape, [n, c, ...place]);
          result.data[to] += x.data[from] * weight.data[at(weight.shape, [c, o, ...offset])];
        }
      }
    }
  });
  return withBias(result, bias);
}

/**
 * One value for each place of the window and each channel, from the elements that lie under it.
 *
 * @param summarise Gets those elements, and how many places under the window lie in the input or its pads.
 */
export function referencePool(
  x: Values,
  window: SlidingWindow,
  places: readonly number[],
  summarise: (elements: readonly number[], padded: number) => number,
): Values {
  const [batch, channels, ...sizes] = x.shape;
  const result = zeros([batch, channels, ...places]);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (const place of indicesOf(places)) {
        const elements: number[] = [];
        let padded = 0;
        for (const offset of indicesOf(window.kernel)) {
          const element = elementUnder(window, place, offset);
          if (inside(element, sizes)) elements.push(x.data[at(x.shape, [n, c, ...element])]);
          if (element.every((i, axis) => i < sizes[axis] + window.after[axis])) padded++;
        }
        result.data[at(result.shape, [n, c, ...place])] = summarise(elements, padded);
      }
    }
  }
  return result;
}

function visit(
  window: SlidingWindow,
  sizes: readonly number[],
  places: readonly number[],
  each: (place: number[], element: number[], offset: number[]) => void,
): void {
  for (const place of indicesOf(places)) {
    for (const offset of indicesOf(window.kernel)) {
      const element = elementUnder(window, place, offset);
      if (inside(element, sizes)) each(place, element, offset);
    }
  }
}

function elementUnder(
  { strides, dilations, before }: SlidingWindow,
  place: readonly number[],
  offset: readonly number[],
): number[] {
  return place.map((i, axis) => i * strides[axis] + offset[axis] * dilations[axis] - before[axis]);
}

function placesOf({ strides, extents, before, after }: SlidingWindow, sizes: readonly number[]): number[] {
  return sizes.map(
    (size, axis) => Math.floor((size + before[axis] + after[axis] - extents[axis]) / strides[axis]) + 1,
  );
}

function withBias(result: Values, bias: Values | undefined): Values {
  if (!bias) return result;
  const inner = result.data.length / (result.shape[0] * result.shape[1]);
  return {
    ...result,
    data: result.data.map((value, i) => value + bias.data[Math.floor(i / inner) % result.shape[1]]),
  };
}

function zeros(shape: readonly number[]): Values {
  return { shape, data: new Float64Array(shape.reduce((product, size) => product * size, 1)) };
}

function inside(element: readonly number[], sizes: readonly number[]): boolean {
  return element.every((i, axis) => i >= 0 && i < sizes[axis]);
}

function at(shape: readonly number[], index: readonly number[]): number {
  return index.reduce((place, i, axis) => place * shape[axis] + i, 0);
}

function indicesOf(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (sofar, size) => sofar.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}
