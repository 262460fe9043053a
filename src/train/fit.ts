import { throwIfCancelled, usageError } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { numbersOf, type TensorData } from '../graph/dataType.ts';
import type { OptimizerState } from '../optim/optimizer.ts';
import { type reduceOnPlateau, type Schedule, reduceOnPlateau as startPlateau } from '../optim/schedules.ts';
import type { Dataset, TensorFeeds } from '../samples/dataset.ts';
import type { Sampler } from '../samples/samplers.ts';
import type { AccumulatedStep } from './accumulation/accumulatedStep.ts';
import type { Evaluator } from './accumulation/evaluator.ts';
import { microBatches } from './microBatches.ts';

/** How to train. */
export interface FitOptions {
  readonly epochs: number;
  /** Which samples make up each update: the effective batch. */
  readonly sampler: Sampler;
  /** Most samples that go through the model at once; the update does not depend on it. Default: all of an update. */
  readonly microBatchSize?: number | undefined;
  /** Factor on the learning rate by update, counted from 0 over all epochs. */
  readonly schedule?: Schedule | undefined;
  /** Lowers the learning rate when the monitored value stops getting better. */
  readonly plateau?: Parameters<typeof reduceOnPlateau>[0];
  /** Values of the model after each epoch, from its parameters: see {@link validateOn}. */
  readonly validate?: ((parameters: TensorFeeds) => Promise<Readonly<Record<string, number>>>) | undefined;
  /** Which value counts. Default: `loss` of `validate`, else the training loss. */
  readonly monitor?: string | undefined;
  /** Whether the monitored value is better when higher. Default false. */
  readonly higherIsBetter?: boolean | undefined;
  /** Stops after more than so many epochs without a new best. Default: never. */
  readonly patience?: number | undefined;
  /** Whether to end with the weights of the best epoch, where something is validated. Default true. */
  readonly restoreBest?: boolean | undefined;
  /** Where an earlier run stood; it goes on as if never interrupted. */
  readonly from?: FitState | undefined;
  /** Given where the run stands, after every epoch and after `saveEvery` updates. Awaited. */
  readonly onState?: ((state: FitState) => void | Promise<void>) | undefined;
  /** Default: only after epochs. */
  readonly saveEvery?: number | undefined;
  /** Called after each epoch; `false` ends the training. */
  readonly onEpoch?: ((report: EpochReport) => unknown) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** One epoch, from 1. */
export interface EpochReport {
  readonly epoch: number;
  /** Mean of the updates' losses, before each, weighted by samples. */
  readonly trainingLoss: number;
  /** What `validate` gave. */
  readonly values: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Largest length of a gradient before clipping. */
  readonly gradientNorm: number;
}

/** Where a run stands, as plain data: all that is needed to go on to the same weights. */
export interface FitState {
  /** Epochs done, and updates done in the next. */
  readonly epoch: number;
  readonly update: number;
  readonly optimizer: OptimizerState;
  readonly history: readonly EpochReport[];
  readonly best: BestEpoch | undefined;
  /** Sums over the updates of the epoch begun. */
  readonly sums: EpochSums;
}

/** The best epoch so far. */
export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
  readonly weights: Readonly<Record<string, Float32Array>>;
}

interface EpochSums {
  readonly loss: number;
  readonly samples: number;
  readonly gradientNorm: number;
}

/** What came of it. */
export interface FitResult {
  readonly history: readonly EpochReport[];
  readonly bestEpoch: number;
  readonly endedBy: 'epochs' | 'patience' | 'callback';
}

/**
 * Trains for some epochs. Everything follows from the data, the sampler and the weights to begin with: neither the
 * size of micro-batches nor an interruption changes the result.
 *
 * @throws TrainyardError of kind `data` for gradients that are not finite, `cancelled` when stopped by the signal.
 * @example
 * const step = await createAccumulatedStep(loss, parameters, adam());
 * await fit(step, data, { epochs: 20, sampler: shuffledSampler(data.length, { batchSize: 64 }), microBatchSize: 8 });
 */
export async function fit(step: AccumulatedStep, data: Dataset, options: FitOptions): Promise<FitResult> {
  const { epochs, sampler, schedule, validate, patience = Number.POSITIVE_INFINITY, signal } = options;
  if (!(epochs >= 1)) throw usageError(`invalid epochs: ${epochs}; expected at least 1`);
  const { optimizer } = step;
  const baseRate = optimizer.learningRate;
  const history = [...(options.from?.history ?? [])];
  let best = options.from?.best;
  let update = options.from?.update ?? 0;
  let sums: EpochSums = options.from?.sums ?? noSums;
  if (options.from) optimizer.load(options.from.optimizer);
  const plateau =
    options.plateau && startPlateau({ higherIsBetter: options.higherIsBetter ?? false, ...options.plateau });
  let scale = 1;
  for (const report of history) scale = plateau?.next(monitored(report, options)) ?? 1;

  const save = async () => {
    const state = {
      epoch: history.length,
      update,
      optimizer: optimizer.save(),
      history: [...history],
      best,
      sums,
    };
    await options.onState?.(state);
  };
  const end = (endedBy: FitResult['endedBy']): FitResult => {
    if (best && validate && (options.restoreBest ?? true)) {
      for (const [name, values] of Object.entries(best.weights)) optimizer.weights[name].set(values);
    }
    return { history, bestEpoch: best?.epoch ?? history.length, endedBy };
  };

  while (history.length < epochs) {
    const epoch = history.length;
    const batches = sampler(epoch);
    let learningRate = baseRate * scale;
    for (; update < batches.length; ) {
      throwIfCancelled(signal);
      learningRate = baseRate * scale * (schedule?.(optimizer.step) ?? 1);
      const source = microBatches(data, batches[update], options.microBatchSize, epoch);
      const report = await step.run(source, learningRate);
      sums = {
        loss: sums.loss + report.loss * report.samples,
        samples: sums.samples + report.samples,
        gradientNorm: Math.max(sums.gradientNorm, report.gradientNorm),
      };
      update++;
      options.onProgress?.({
        stage: `epoch ${epoch + 1} of ${epochs}`,
        done: update,
        total: batches.length,
        unit: 'updates',
      });
      if (options.saveEvery && update % options.saveEvery === 0 && update < batches.length) await save();
    }
    const values = validate ? await validate(step.parameters()) : {};
    const { loss, samples, gradientNorm } = sums;
    const report = { epoch: epoch + 1, trainingLoss: loss / samples, values, learningRate, gradientNorm };
    history.push(report);
    update = 0;
    sums = noSums;
    const value = monitored(report, options);
    if (best === undefined || isBetter(value, best.value, options)) {
      const weights = Object.entries(optimizer.weights).map(([name, array]) => [name, array.slice()]);
      best = { epoch: report.epoch, value, weights: Object.fromEntries(weights) };
    }
    scale = plateau?.next(value) ?? 1;
    await save();
    if (options.onEpoch?.(report) === false) return end('callback');
    if (report.epoch - best.epoch > patience) return end('patience');
  }
  return end('epochs');
}

/**
 * A validation for {@link fit}: numbers of an evaluator over all of a data set.
 *
 * @param microBatchSize Samples that go through the model at once. Default 256.
 * @throws TrainyardError of kind `usage` where an output is not a single number.
 */
export function validateOn(
  evaluator: Evaluator,
  data: Dataset,
  { microBatchSize = 256 }: { readonly microBatchSize?: number | undefined } = {},
): (parameters: TensorFeeds) => Promise<Record<string, number>> {
  const all = Int32Array.from({ length: data.length }, (_, i) => i);
  return async (parameters) => {
    const results = await evaluator.run(microBatches(data, all, microBatchSize, 0), parameters);
    return Object.fromEntries(
      Object.entries(results).map(([name, value]) => [name, singleNumber(name, value)]),
    );
  };
}

const noSums: EpochSums = { loss: 0, samples: 0, gradientNorm: 0 };

function monitored({ trainingLoss, values }: EpochReport, { monitor, validate }: FitOptions): number {
  if (monitor === undefined) return values.loss ?? trainingLoss;
  if (monitor in values) return values[monitor];
  throw usageError(
    `no value is called ${monitor}; ${validate ? `validate gives ${Object.keys(values).join(', ')}` : 'nothing is validated'}`,
    'set monitor to one that there is',
  );
}

function isBetter(value: number, best: number, { higherIsBetter = false }: FitOptions): boolean {
  return Number.isNaN(best) ? !Number.isNaN(value) : higherIsBetter ? value > best : value < best;
}

function singleNumber(name: string, value: TensorData): number {
  if (value.data.length === 1) return numbersOf(value)[0];
  throw usageError(
    `${name} is [${value.shape.join(', ')}]; expected a single number`,
    'reduce it, or leave it out',
  );
}
