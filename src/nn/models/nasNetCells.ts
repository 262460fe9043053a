import { relu } from '../../graph/operators/activation.ts';
import { add } from '../../graph/operators/elementwise.ts';
import { concat, pad } from '../../graph/operators/movement.ts';
import { averagePool, maxPool } from '../../graph/operators/pooling.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type BatchNormParameters, batchNorm, batchNormParameters } from '../layers/batchNorm.ts';
import {
  type ConvolutionParameters,
  convolution,
  convolutionParameters,
  type SeparableParameters,
  separableConvolution,
  separableParameters,
} from '../layers/convolution.ts';
import type { Parameters } from '../parameters.ts';
import type { TrainingPass } from '../trainingPass.ts';

/** A cell of NASNet-A. It works on the output of the cell before it and on that of the one before that. */
export type CellParameters = {
  readonly current: ProjectionParameters;
  /** Left out where the earlier output is taken as it is. */
  readonly previous?: ProjectionParameters | HalvingParameters;
  /** Separable convolutions in the order that the cell is written below. */
  readonly branches: readonly BranchParameters[];
};

/** To another number of channels. */
type ProjectionParameters = {
  readonly convolution: ConvolutionParameters;
  readonly norm: BatchNormParameters;
};

/** To another number of channels and half the size, half of the channels from even places and half from odd ones. */
type HalvingParameters = {
  readonly even: ConvolutionParameters;
  readonly odd: ConvolutionParameters;
  readonly norm: BatchNormParameters;
};

type BranchParameters = {
  readonly first: SeparableParameters;
  readonly firstNorm: BatchNormParameters;
  readonly second: SeparableParameters;
  readonly secondNorm: BatchNormParameters;
};

/** What flows between cells. */
export interface CellPlace {
  readonly channels: number;
  /** How often it has been halved. */
  readonly halvings: number;
}

/** How cells run. */
export interface CellOptions {
  readonly training: TrainingPass | undefined;
  /** Whether strided average pooling counts pads as zeros. */
  readonly countPads: boolean;
}

/** Kernels of the branches, and which input each works on; `filters` stands for the cell's own. */
const branchesOf = {
  normal: [
    { kernel: 5, on: 'current' },
    { kernel: 3, on: 'previous' },
    { kernel: 5, on: 'previous' },
    { kernel: 3, on: 'previous' },
    { kernel: 3, on: 'current' },
  ],
  reduction: [
    { kernel: 5, on: 'current' },
    { kernel: 7, on: 'previous' },
    { kernel: 7, on: 'previous' },
    { kernel: 5, on: 'previous' },
    { kernel: 3, on: 'current' },
  ],
} as const;

/** Plans a cell. Without `previous` the cell is the first: it takes its input as both. */
export function cellParameters(
  kind: 'normal' | 'reduction',
  filters: number,
  current: CellPlace,
  previous: CellPlace | undefined,
): CellParameters {
  const raw = current.channels;
  const branches = branchesOf[kind].map(({ kernel, on }) =>
    branchParameters(on === 'previous' && !previous ? raw : filters, filters, kernel),
  );
  const plan = { current: projectionParameters(current.channels, filters), branches };
  if (!previous) return plan;
  const adjusted =
    previous.halvings < current.halvings
      ? halvingParameters(previous.channels, filters)
      : projectionParameters(previous.channels, filters);
  return { ...plan, previous: adjusted };
}

/** A cell that keeps the size; gives six times its filters. */
export function normalCell(
  { current, previous, branches }: Parameters<CellParameters>,
  x: Tensor,
  earlier: Tensor,
  options: CellOptions,
): Tensor {
  const h = project(current, x, options);
  const p = previous ? adjust(previous, earlier, options) : earlier;
  const run = (i: number, on: Tensor) => branch(branches[i], on, 1, options);
  const average = (on: Tensor) => averagePool(on, 3, { strides: 1, pads: 'same' });
  return concat(
    [
      p,
      add(run(0, h), run(1, p)),
      add(run(2, p), run(3, p)),
      add(average(h), p),
      add(average(p), average(p)),
      add(run(4, h), h),
    ],
    1,
  );
}

/** A cell that halves the size; gives four times its filters. */
export function reductionCell(
  { current, previous, branches }: Parameters<CellParameters>,
  x: Tensor,
  earlier: Tensor,
  options: CellOptions,
): Tensor {
  const h = project(current, x, options);
  const p = previous ? adjust(previous, earlier, options) : earlier;
  const run = (i: number, on: Tensor) => branch(branches[i], on, 2, options);
  const largest = maxPool(h, 3, { strides: 2, pads: 'same' });
  const average = averagePool(h, 3, { strides: 2, pads: 'same', countIncludePad: options.countPads });
  const first = add(run(0, h), run(1, p));
  const second = add(largest, run(2, p));
  const third = add(average, run(3, p));
  const fourth = add(averagePool(first, 3, { strides: 1, pads: 'same' }), second);
  const fifth = add(branch(branches[4], first, 1, options), largest);
  return concat([second, third, fourth, fifth], 1);
}

function project(
  { convolution: plan, norm }: Parameters<ProjectionParameters>,
  x: Tensor,
  options: CellOptions,
): Tensor {
  return normalise(norm, convolution(plan, relu(x)), options);
}

function adjust(
  parameters: Parameters<ProjectionParameters | HalvingParameters>,
  x: Tensor,
  options: CellOptions,
): Tensor {
  if ('convolution' in parameters) return project(parameters, x, options);
  const positive = relu(x);
  // One row and one column further on; what is missing at the end is 0.
  const shifted = pad(positive, [0, 0, -1, -1], [0, 0, 1, 1]);
  const even = convolution(parameters.even, positive, { strides: 2 });
  const odd = convolution(parameters.odd, shifted, { strides: 2 });
  return normalise(parameters.norm, concat([even, odd], 1), options);
}

function branch(
  { first, firstNorm, second, secondNorm }: Parameters<BranchParameters>,
  x: Tensor,
  stride: number,
  options: CellOptions,
): Tensor {
  const h = separableConvolution(first, relu(x), { strides: stride, pads: 'same' });
  const middle = relu(normalise(firstNorm, h, options));
  return normalise(secondNorm, separableConvolution(second, middle, { pads: 'same' }), options);
}

function normalise(norm: Parameters<BatchNormParameters>, x: Tensor, { training }: CellOptions): Tensor {
  return batchNorm(norm, x, { epsilon: 1e-3, training });
}

function projectionParameters(inputs: number, outputs: number): ProjectionParameters {
  return {
    convolution: convolutionParameters(inputs, outputs, 1, { bias: false }),
    norm: batchNormParameters(outputs),
  };
}

function halvingParameters(inputs: number, outputs: number): HalvingParameters {
  const half = convolutionParameters(inputs, Math.floor(outputs / 2), 1, { bias: false });
  return { even: half, odd: half, norm: batchNormParameters(2 * Math.floor(outputs / 2)) };
}

function branchParameters(inputs: number, outputs: number, kernel: number): BranchParameters {
  return {
    first: separableParameters(inputs, outputs, kernel, { bias: false }),
    firstNorm: batchNormParameters(outputs),
    second: separableParameters(outputs, outputs, kernel, { bias: false }),
    secondNorm: batchNormParameters(outputs),
  };
}
