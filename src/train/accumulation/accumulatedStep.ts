import { usageError } from '../../core/errors.ts';
import { numbersOf, type TensorArray, type TensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { leavesOf, type TensorTree } from '../../graph/tensorTree.ts';
import { createOptimizer, type OptimizerOptions } from '../../optim/optimizer.ts';
import type { OptimizerRule } from '../../optim/optimizerRule.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { planMemory } from '../../runtime/peakMemory.ts';
import { startOf } from '../namedParameters.ts';
import type { StepReport, TrainingStep } from '../trainingStep.ts';
import {
  gradientName,
  type Outputs,
  sofarName,
  type WindowPasses,
  watchedName,
  windowPasses,
} from './windowPasses.ts';
import { planWindow, type Total } from './windowPlan.ts';
import { allOutputs, type Window, windowRunner } from './windowRunner.ts';

/** Updates from windows of micro-batches that equal those from the windows as one batch. */
export interface AccumulatedStep extends Omit<TrainingStep, 'run'> {
  /** How the loss is worked through. */
  readonly description: AccumulationDescription;
  /**
   * One update.
   *
   * @param window The micro-batches; they may be of any sizes.
   * @returns The loss of the window before the update, and what is watched.
   */
  run(window: Window, learningRate?: number): Promise<AccumulatedReport>;
  /**
   * Bytes that a run with micro-batches of some size takes, as planned from the graph: activations at their peak,
   * weights, gradients, the optimiser's state, and what a window of so many samples gathers. Samples themselves and
   * the program are not counted.
   *
   * @param windowSize Samples of a window. Default: those of one micro-batch.
   */
  memory(microBatchSize: number, windowSize?: number): number;
}

/** What an update met. */
export interface AccumulatedReport extends StepReport {
  /** By name: of all samples in order, of the window, or for statistics the mean over micro-batches by size. */
  readonly watched: Readonly<Record<string, TensorData>>;
  readonly samples: number;
}

/** What follows from the loss's graph. */
export interface AccumulationDescription {
  /** Passes through the model, forward or both ways, for each sample: 1 for losses that are means or sums over samples. */
  readonly passes: number;
  /** What the loss takes from all samples together. */
  readonly totals: readonly {
    readonly shape: readonly (number | string)[];
    readonly join: 'sum' | 'rows';
    readonly isTrained: boolean;
  }[];
}

/** How to accumulate. */
export interface AccumulationOptions extends OptimizerOptions, CompileOptions {
  /** Name of the dimension that counts samples. Default `batch`. */
  readonly batch?: string | undefined;
  /**
   * What batch normalisation takes its statistics of: the micro-batch, as everywhere else, or exactly the window, for
   * two more passes over the samples a layer. Default `micro`.
   */
  readonly batchStatistics?: 'micro' | 'window' | undefined;
  /** Further tensors of the model to report. */
  readonly watch?: Readonly<Record<string, Tensor>> | undefined;
}

/**
 * Prepares training on windows of micro-batches. Whatever the split, the update is that of the window as one batch:
 * what the loss takes from all samples together is recognised in its graph. Means and sums over samples, with or
 * without weights and masks, need one pass; losses such as macro F1, which reduce over the batch before a nonlinearity,
 * a second one, in which the window's totals are held fixed. Memory is that of one micro-batch.
 *
 * @throws TrainyardError of kind `usage` for losses that no window has, such as those that use statistics of
 * micro-batches.
 * @example
 * const step = await createAccumulatedStep(loss, parameters, adam());
 * await step.run([{ x: first8, y: labels8 }, { x: next8, y: nextLabels8 }]);
 */
export async function createAccumulatedStep(
  loss: Tensor,
  parameters: TensorTree,
  rule: OptimizerRule,
  options: AccumulationOptions = {},
): Promise<AccumulatedStep> {
  const { batch = 'batch', watch = {} } = options;
  const leaves = leavesOf(parameters).map(([, tensor]) => tensor);
  const named = new Map(leaves.map((tensor) => [tensor.node.name ?? '', tensor]));
  if (named.size < leaves.length) throw usageError('two parameters have one name', 'give each its own');
  const values = Object.fromEntries(Array.from(named, ([name, tensor]) => [name, startOf(name, tensor)]));
  const joinStatistics = options.batchStatistics === 'window';
  const plan = planWindow([loss, ...Object.values(watch)], {
    batch,
    trained: new Set(leaves),
    joinStatistics,
  });
  const [foundLoss, ...foundWatched] = plan.found;
  if (loss.shape.length > 0 || foundLoss.kind !== 'window') {
    throw usageError(
      `the loss is no single number of the window: ${foundLoss.kind === 'local' ? 'it is taken of each micro-batch by itself' : `its shape is [${loss.shape.join(', ')}]`}`,
      'reduce it over the samples: reduceMean(loss)',
    );
  }
  const watched = new Map(Object.keys(watch).map((name, i) => [name, foundWatched[i]]));
  for (const [name, { kind, level }] of watched) {
    if (level <= foundLoss.level - (kind === 'window' ? 0 : 1)) continue;
    throw usageError(`${name} cannot be watched: it needs more of the window than the loss does`);
  }
  const passes = windowPasses(plan, { loss: foundLoss, watched, parameters: named });

  const optimizer = createOptimizer(values, rule, options);
  const weightValues = Object.fromEntries(
    Object.entries(values).map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape, data: optimizer.weights[name] },
    ]),
  );
  const gradientValues = Object.fromEntries(
    Object.entries(values).map(([name, { dtype, shape }]) => [
      sofarName(name),
      { dtype, shape, data: optimizer.gradients[name] },
    ]),
  );
  const gradientArrays = Object.fromEntries(
    Object.entries(optimizer.gradients).map(([name, array]) => [gradientName(name), array as TensorArray]),
  );
  const runner = await windowRunner(passes, plan, [loss, ...Object.values(watch)], batch, options);

  return {
    optimizer,
    description: {
      passes: modelPasses(passes, plan.totals),
      totals: plan.totals.map(({ input: { shape }, join, isTrained }) => ({
        shape,
        join: join === 'sum' ? 'sum' : 'rows',
        isTrained,
      })),
    },
    async run(window, learningRate) {
      for (const array of Object.values(optimizer.gradients)) array.fill(0);
      const { results, samples } = await runner.run(
        window,
        { ...weightValues, ...gradientValues },
        gradientArrays,
      );
      const update = optimizer.update(learningRate === undefined ? {} : { learningRate });
      const watchedValues = [...watched.keys()].map((name) => [name, results[watchedName(name)]] as const);
      return {
        ...update,
        loss: numbersOf(results.loss)[0],
        samples,
        watched: Object.fromEntries(watchedValues),
      };
    },
    parameters: () =>
      Object.fromEntries(
        Object.entries(values).map(([name, { dtype, shape }]) => [
          name,
          { dtype, shape, data: optimizer.weights[name].slice() },
        ]),
      ),
    memory(microBatchSize, windowSize = microBatchSize) {
      const into = new Set(Object.keys(gradientArrays));
      const peakOf = (outputs: Outputs, size: number) =>
        planMemory(graphOf(outputs), new Map([[batch, size]]), into).peak;
      const ofWindow = new Set<Outputs>([
        ...passes.forward.map(({ bridges }) => bridges),
        ...passes.backward.map(({ window }) => window),
        passes.last,
      ]);
      const peaks = allOutputs(passes).map((outputs) =>
        peakOf(outputs, ofWindow.has(outputs) ? windowSize : microBatchSize),
      );
      return optimizer.bytes + Math.max(...peaks);
    },
    release: () => runner.release(),
  };
}

function modelPasses({ forward, backward }: WindowPasses, totals: readonly Total[]): number {
  const trained = new Set(totals.filter(({ isTrained }) => isTrained).map(({ part }) => part));
  const ahead = forward.filter(({ parts }) => [...parts.values()].some((part) => trained.has(part)));
  return ahead.length + backward.filter(({ parts }) => parts.size > 0).length;
}
