import { relu } from '../../graph/operators/activation.ts';
import { flatten } from '../../graph/operators/movement.ts';
import { globalAveragePool } from '../../graph/operators/pooling.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type BatchNormParameters, batchNorm, batchNormParameters } from '../layers/batchNorm.ts';
import { type ConvolutionParameters, convolution, convolutionParameters } from '../layers/convolution.ts';
import { dropout } from '../layers/dropout.ts';
import { type LinearParameters, linear, linearParameters } from '../layers/linear.ts';
import type { Parameters } from '../parameters.ts';
import type { TrainingPass } from '../trainingPass.ts';
import {
  type CellParameters,
  type CellPlace,
  cellParameters,
  normalCell,
  reductionCell,
} from './nasNetCells.ts';
import type { ImageModelOptions } from './resNet.ts';

/** Sizes of a NASNet-A. */
export interface NasNetSizes {
  /** Channels behind the first convolution. */
  readonly stem: number;
  /** Features before the classifier; a multiple of 24. */
  readonly features: number;
  /** Normal cells in each of the three stages. */
  readonly cells: number;
  /**
   * What the first normal cell behind a reduction takes as the earlier output: what the reduction took as its own
   * earlier one (true), or the reduction's input.
   */
  readonly skipsReduction: boolean;
}

/** The published sizes: 5,289,978 parameters that learn in `mobile`, 88,753,150 in `large`. */
export const nasNetSizes = {
  mobile: { stem: 32, features: 1056, cells: 4, skipsReduction: false },
  large: { stem: 96, features: 4032, cells: 6, skipsReduction: true },
} as const satisfies Record<string, NasNetSizes>;

/** Parameters of {@link nasNet}. */
export type NasNetParameters = {
  readonly stem: { readonly convolution: ConvolutionParameters; readonly norm: BatchNormParameters };
  /** From the first to the last, reductions among them. */
  readonly cells: readonly CellParameters[];
  readonly output: LinearParameters;
};

/** Plans a {@link nasNet}. */
export function nasNetParameters(
  sizes: NasNetSizes,
  { channels = 3, classes = 1000 }: ImageModelOptions = {},
): NasNetParameters {
  const stem: CellPlace = { channels: sizes.stem, halvings: 0 };
  let places: Pair<CellPlace | undefined> = { current: stem, earlier: undefined };
  const cells = cellsOf(sizes).map(({ kind, filters, isSkipped }) => {
    const current = places.current ?? stem;
    const made =
      kind === 'normal'
        ? { channels: 6 * filters, halvings: current.halvings }
        : { channels: 4 * filters, halvings: current.halvings + 1 };
    const plan = cellParameters(kind, filters, current, places.earlier);
    places = following(places, made, isSkipped);
    return plan;
  });
  return {
    stem: {
      convolution: convolutionParameters(channels, sizes.stem, 3, { bias: false }),
      norm: batchNormParameters(sizes.stem),
    },
    cells,
    output: linearParameters(sizes.features, classes),
  };
}

/** Options of {@link nasNet}. */
export interface NasNetOptions {
  /** Share of the features dropped before the classifier in training. Default 0. */
  readonly dropout?: number | undefined;
  readonly training?: TrainingPass | undefined;
  /**
   * Whether average pooling with a stride counts pads as zeros, as the weights in timm expect. Default false, as the
   * authors have it.
   */
  readonly countPads?: boolean | undefined;
}

/**
 * NASNet-A (Zoph et al. 2018), whose two kinds of cells were found by search; without the auxiliary classifier and the
 * scheduled drop of paths that the authors trained with.
 *
 * @param sizes As planned: `nasNetSizes.mobile`, `nasNetSizes.large`, or others.
 * @param x `[batch, channels, height, width]`
 * @returns Logits, `[batch, classes]`
 */
export function nasNet(
  sizes: NasNetSizes,
  { stem, cells, output }: Parameters<NasNetParameters>,
  x: Tensor,
  { dropout: rate = 0, training, countPads = false }: NasNetOptions = {},
): Tensor {
  const first = batchNorm(stem.norm, convolution(stem.convolution, x, { strides: 2 }), {
    epsilon: 1e-3,
    training,
  });
  const kinds = cellsOf(sizes);
  const run = ({ current, earlier }: Pair<Tensor>, cell: Parameters<CellParameters>, i: number) => {
    const { kind, isSkipped } = kinds[i];
    const made = (kind === 'normal' ? normalCell : reductionCell)(cell, current, earlier, {
      training,
      countPads,
    });
    return following({ current, earlier }, made, isSkipped);
  };
  const { current } = cells.reduce(run, { current: first, earlier: first });
  const features = flatten(globalAveragePool(relu(current)));
  return linear(output, dropout(features, rate, 'nasNet', training));
}

interface Pair<Place> {
  readonly current: Place;
  readonly earlier: Place;
}

/** What the next cell works on. */
function following<Place>({ current, earlier }: Pair<Place>, made: Place, isSkipped: boolean): Pair<Place> {
  return { current: made, earlier: isSkipped ? earlier : current };
}

function cellsOf({ features, cells, skipsReduction }: NasNetSizes) {
  const cell = (kind: 'normal' | 'reduction', factor: number, isSkipped = false) => ({
    kind,
    filters: Math.floor((features / 24) * factor),
    isSkipped,
  });
  const stage = (factor: number) => Array.from({ length: cells }, () => cell('normal', factor));
  return [
    cell('reduction', 1 / 4),
    cell('reduction', 1 / 2),
    ...stage(1),
    cell('reduction', 2, skipsReduction),
    ...stage(2),
    cell('reduction', 4, skipsReduction),
    ...stage(4),
  ];
}
