import { randomStream } from '../core/random.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { TensorTree } from '../graph/tensorTree.ts';
import type { OptimizerRule } from '../optim/optimizerRule.ts';
import { sgd } from '../optim/optimizers.ts';
import type { Dataset } from '../samples/dataset.ts';
import type { Sampler } from '../samples/samplers.ts';
import {
  type AccumulatedStep,
  type AccumulationOptions,
  createAccumulatedStep,
} from './accumulation/accumulatedStep.ts';
import type { WindowSource } from './accumulation/windowRunner.ts';
import { type FitState, fit as fitModel } from './fit.ts';
import { microBatches, microBatchesOf } from './microBatches.ts';

/** What was checked, and whether all of it held. */
export interface Verification {
  readonly checks: readonly VerificationCheck[];
  readonly passed: boolean;
}

/** One check. */
export interface VerificationCheck {
  readonly name: string;
  /** Largest difference over the largest value compared with, parameter by parameter. */
  readonly difference: number;
  /** Most that passes. */
  readonly tolerance: number;
  /** Where the difference is largest. */
  readonly parameter: string;
  readonly passed: boolean;
}

/** What to verify. */
export interface VerifyOptions extends AccumulationOptions {
  readonly rule: OptimizerRule;
  /** As in training: the windows that are looked at are its first ones. */
  readonly sampler: Sampler;
  readonly microBatchSize: number;
  /** Seed of the directions that finite differences are taken along. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Checks training on one's own model and data, not on examples: that an accumulated update is the full batch's, also
 * where the last micro-batch is smaller; that a run goes on after an interruption as if there had been none; and that
 * the gradient is that of the loss, by finite differences.
 *
 * @throws TrainyardError where the loss cannot be accumulated at all.
 * @example
 * const { checks, passed } = await verifyTraining(loss, parameters, data, { rule: adam(), sampler, microBatchSize: 8 });
 */
export async function verifyTraining(
  loss: Tensor,
  parameters: TensorTree,
  data: Dataset,
  options: VerifyOptions,
): Promise<Verification> {
  const { sampler, rule, microBatchSize, seed = 0 } = options;
  const [window] = sampler(0);
  const still = await createAccumulatedStep(loss, parameters, sgd({ learningRate: 0 }), {
    ...options,
    clipNorm: undefined,
    clipValue: undefined,
    weightDecay: 0,
  });
  const gradientsOf = async (source: WindowSource) => {
    await still.run(source);
    return copyOf(still.optimizer.gradients);
  };
  const whole = await gradientsOf(microBatches(data, window));
  const parts = await gradientsOf(microBatches(data, window, Math.min(microBatchSize, window.length)));
  const ragged = await gradientsOf(
    microBatchesOf(data, window, raggedSizes(window.length, microBatchSize), 0),
  );
  const checks = [
    check('accumulated against full batch', 1e-5, parts, whole),
    check('a ragged window against full batch', 1e-5, ragged, whole),
    await checkSlopes(still, data, window, whole, seed),
  ];
  await still.release();
  const [uninterrupted, resumed] = await resumedRuns(loss, parameters, data, options, rule);
  checks.push(check('resumed against uninterrupted', 0, resumed, uninterrupted));
  return { checks, passed: checks.every(({ passed }) => passed) };
}

/** A verification as lines of text. */
export function formatVerification({ checks, passed }: Verification): string {
  const lines = checks.map(({ name, difference, tolerance, parameter, passed: holds }) => {
    const where = difference > 0 ? ` (${parameter})` : '';
    return `${holds ? 'ok  ' : 'FAIL'}  ${name}: ${difference.toExponential(1)}${where}, at most ${tolerance === 0 ? 0 : tolerance.toExponential(0)}`;
  });
  return [...lines, passed ? 'training is what it says' : 'training is not what it says'].join('\n');
}

type Arrays = Readonly<Record<string, Float32Array>>;

function check(name: string, tolerance: number, found: Arrays, expected: Arrays): VerificationCheck {
  let worst = { difference: 0, parameter: '' };
  for (const [parameter, values] of Object.entries(expected)) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const apart = values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[parameter][i])), 0);
    const difference = apart === 0 ? 0 : apart / (largest || 1);
    // Also true for a difference that is no number.
    if (!(difference <= worst.difference)) worst = { difference, parameter };
  }
  return { name, tolerance, ...worst, passed: worst.difference <= tolerance };
}

/**
 * The slope of the loss along a direction, by central differences, against the gradient. Of several step lengths the
 * one that agrees best counts: short ones drown in rounding, long ones bend.
 */
async function checkSlopes(
  step: AccumulatedStep,
  data: Dataset,
  window: Int32Array,
  gradients: Arrays,
  seed: number,
): Promise<VerificationCheck> {
  const { weights } = step.optimizer;
  const start = copyOf(weights);
  const lossAt = async (direction: Arrays, distance: number) => {
    for (const [name, values] of Object.entries(start)) {
      for (let i = 0; i < values.length; i++) weights[name][i] = values[i] + distance * direction[name][i];
    }
    const { loss } = await step.run(microBatches(data, window));
    return loss;
  };
  let worst = 0;
  for (let draw = 0; draw < 3; draw++) {
    const direction = Object.fromEntries(
      Object.entries(start).map(([name, values]) => {
        const random = randomStream(seed, 'direction', draw, name);
        return [name, values.map(() => random.normal())];
      }),
    );
    // Half of the way leads along the gradient, or in large models there would be no slope to see.
    const slopes = Object.entries(gradients);
    const length = Math.sqrt(
      slopes.reduce((sum, [, values]) => sum + values.reduce((a, v) => a + v * v, 0), 0),
    );
    const spread = Math.sqrt(slopes.reduce((sum, [, values]) => sum + values.length, 0));
    for (const [name, values] of slopes) {
      direction[name] = direction[name].map((value, i) => value / spread + values[i] / (length || 1));
    }
    const expected = slopes.reduce(
      (sum, [name, values]) => sum + values.reduce((a, v, i) => a + v * direction[name][i], 0),
      0,
    );
    let best = Number.POSITIVE_INFINITY;
    for (const distance of [1e-1, 3e-2, 1e-2, 3e-3, 1e-3]) {
      const slope =
        ((await lossAt(direction, distance)) - (await lossAt(direction, -distance))) / (2 * distance);
      best = Math.min(best, Math.abs(slope - expected) / (Math.abs(expected) || 1));
    }
    worst = Math.max(worst, best);
  }
  for (const [name, values] of Object.entries(start)) weights[name].set(values);
  return {
    name: 'gradient against finite differences',
    difference: worst,
    tolerance: 1e-2,
    parameter: 'all',
    passed: worst <= 1e-2,
  };
}

/** Weights after three updates, and after one, a new start and two more. */
async function resumedRuns(
  loss: Tensor,
  parameters: TensorTree,
  data: Dataset,
  options: VerifyOptions,
  rule: OptimizerRule,
): Promise<[Arrays, Arrays]> {
  const sampler: Sampler = (epoch) => options.sampler(epoch).slice(0, 3);
  const common = { epochs: 1, sampler, microBatchSize: options.microBatchSize };
  const states: FitState[] = [];
  const first = await createAccumulatedStep(loss, parameters, rule, options);
  await fitModel(first, data, { ...common, saveEvery: 1, onState: (state) => void states.push(state) });
  const uninterrupted = copyOf(first.optimizer.weights);
  await first.release();
  const second = await createAccumulatedStep(loss, parameters, rule, options);
  await fitModel(second, data, { ...common, from: states[0] });
  const resumed = copyOf(second.optimizer.weights);
  await second.release();
  return [uninterrupted, resumed];
}

/** One sample, then micro-batches of the size asked for, then what is left. */
function raggedSizes(length: number, size: number): number[] {
  const sizes = [1];
  for (let left = length - 1; left > 0; left -= size) sizes.push(Math.min(left, size));
  return sizes;
}

function copyOf(arrays: Arrays): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => [name, Float32Array.from(values)]),
  );
}
