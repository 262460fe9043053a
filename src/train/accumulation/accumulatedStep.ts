import { dataError, usageError } from '../../core/errors.ts';
import { numbersOf, type TensorArray, type TensorData, tensorData } from '../../graph/dataType.ts';
import { evaluateDimension } from '../../graph/dimension.ts';
import { graphOf, nodesOf } from '../../graph/graph.ts';
import { inputOperator, type Tensor } from '../../graph/tensor.ts';
import { leavesOf, type TensorTree } from '../../graph/tensorTree.ts';
import { createOptimizer, type OptimizerOptions } from '../../optim/optimizer.ts';
import type { OptimizerRule } from '../../optim/optimizerRule.ts';
import { type CompileOptions, compile, type Program } from '../../runtime/compile.ts';
import { planMemory } from '../../runtime/peakMemory.ts';
import { type StepReport, startOf, type TrainingStep } from '../trainingStep.ts';
import { joinRows, weightedMean, windowLedger } from './windowLedger.ts';
import {
  cotangentName,
  gradientName,
  type Outputs,
  sofarName,
  type WindowPasses,
  watchedName,
  windowPasses,
} from './windowPasses.ts';
import { planWindow, type Total } from './windowPlan.ts';

/** Inputs of the loss by name. */
export type Feeds = Readonly<Record<string, TensorData>>;

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
  run(window: readonly Feeds[], learningRate?: number): Promise<AccumulatedReport>;
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
  const programs = new Map<Outputs, Program>();
  for (const [index, outputs] of allOutputs(passes).entries()) {
    if (outputs.size > 0)
      programs.set(outputs, await compile(graphOf(outputs, { name: `pass${index}` }), options));
  }
  const sampled = sampledInputs([loss, ...Object.values(watch)], batch);
  const rowAxes = rowAxesOf(plan.totals);
  const watchedNames = new Set([...watched.keys()].map(watchedName));

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
      const sizes = window.map((feeds, i) => samplesOf(feeds, i, sampled));
      if (sizes.every((size) => size === 0)) throw dataError('a window without samples', 'leave it out');
      const report = await accumulate(window, sizes);
      const update = optimizer.update(learningRate === undefined ? {} : { learningRate });
      return { ...update, ...report };
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
    async release() {
      for (const program of programs.values()) await program.release();
    },
  };

  async function accumulate(window: readonly Feeds[], sizes: readonly number[]) {
    for (const array of Object.values(optimizer.gradients)) array.fill(0);
    const ledger = windowLedger();
    const watchedParts = new Map<string, TensorData[]>();
    const samples = sizes.reduce((sum, size) => sum + size, 0);
    const common: Record<string, TensorData> = { ...weightValues, ...gradientValues };
    for (const { input: count, sizes: dimensions } of plan.counts) {
      const numbers = dimensions.map((size) => evaluateDimension(size, new Map([[batch, samples]])) ?? 0);
      common[nameOf(count)] = tensorData(count.dtype, numbers, count.shape as number[]);
    }

    async function runOnParts(outputs: Outputs): Promise<void> {
      const program = programs.get(outputs);
      let from = 0;
      for (let i = 0; program && i < window.length; i++) {
        const to = from + sizes[i];
        const given = (name: string) =>
          window[i][name] ??
          common[name] ??
          (rowAxes.has(name) ? ledger.rows(name, rowAxes.get(name) ?? 0, from, to) : ledger.whole(name));
        for (const [name, value] of Object.entries(await runProgram(program, given))) {
          const axis = rowAxes.get(name);
          if (watchedNames.has(name)) watchedParts.set(name, [...(watchedParts.get(name) ?? []), value]);
          else if (axis !== undefined) ledger.append(name, value, axis);
          else ledger.add(name, value);
        }
        from = to;
      }
    }

    async function runOnWindow(outputs: Outputs): Promise<Readonly<Record<string, TensorData>>> {
      const program = programs.get(outputs);
      if (!program) return {};
      const given = (name: string) =>
        common[name] ?? (sampled.has(name) ? undefined : window[0][name]) ?? ledger.whole(name);
      return runProgram(program, given);
    }

    const keep = (results: Readonly<Record<string, TensorData>>) => {
      for (const [name, value] of Object.entries(results)) ledger.add(name, value);
    };
    for (const { parts, bridges } of passes.forward) {
      await runOnParts(parts);
      keep(await runOnWindow(bridges));
    }
    for (const { window: once, parts } of passes.backward) {
      keep(await runOnWindow(once));
      await runOnParts(parts);
    }
    const results = await runOnWindow(passes.last);
    const watchedValues = Array.from(watched, ([name, { kind, axis }]) => {
      const parts = watchedParts.get(watchedName(name)) ?? [];
      if (kind === 'window') return [name, results[watchedName(name)]] as const;
      return [
        name,
        axis === undefined || kind === 'local' ? weightedMean(parts, sizes) : joinRows(parts, axis),
      ] as const;
    });
    return { loss: numbersOf(results.loss)[0], watched: Object.fromEntries(watchedValues), samples };
  }

  /** Runs with gradients added in place; gives the other outputs. */
  async function runProgram(
    program: Program,
    given: (name: string) => TensorData | undefined,
  ): Promise<Record<string, TensorData>> {
    const feeds = program.graph.inputs.flatMap((tensor) => {
      const value = given(nameOf(tensor));
      return value ? [[nameOf(tensor), value] as const] : [];
    });
    const into = Object.fromEntries(
      [...program.graph.outputs.keys()]
        .filter((name) => name in gradientArrays)
        .map((name) => [name, gradientArrays[name]]),
    );
    const results = await program.run(Object.fromEntries(feeds), into);
    return Object.fromEntries(Object.entries(results).filter(([name]) => !(name in gradientArrays)));
  }
}

function modelPasses({ forward, backward }: WindowPasses, totals: readonly Total[]): number {
  const trained = new Set(totals.filter(({ isTrained }) => isTrained).map(({ part }) => part));
  const ahead = forward.filter(({ parts }) => [...parts.values()].some((part) => trained.has(part)));
  return ahead.length + backward.filter(({ parts }) => parts.size > 0).length;
}

function allOutputs({ forward, backward, last }: WindowPasses): Outputs[] {
  return [
    ...forward.flatMap(({ parts, bridges }) => [parts, bridges]),
    ...backward.flatMap(({ window, parts }) => [window, parts]),
    last,
  ];
}

/** Axes of totals that are rows, and of their cotangents, by name. */
function rowAxesOf(totals: readonly Total[]): Map<string, number> {
  return new Map(
    totals.flatMap((total) => {
      if (total.join === 'sum') return [];
      const { axis } = total.join;
      return [[nameOf(total.input), axis] as const, [cotangentName(total), axis] as const];
    }),
  );
}

/** Inputs that have samples, by name, and the axis of which the size is their number. */
function sampledInputs(tensors: readonly Tensor[], batch: string): Map<string, number> {
  const inputs = nodesOf(tensors).filter(({ operator }) => operator === inputOperator);
  const found = inputs.flatMap(({ name, outputs: [tensor] }) => {
    const axis = tensor.shape.indexOf(batch);
    return axis < 0 ? [] : [[name ?? '', axis] as const];
  });
  return new Map(found);
}

function samplesOf(feeds: Feeds, index: number, sampled: ReadonlyMap<string, number>): number {
  const sizes = Array.from(sampled, ([name, axis]) => {
    const value = feeds[name];
    if (!value) throw usageError(`micro-batch ${index} lacks input ${name}`);
    return { name, size: value.shape[axis] };
  });
  const [first] = sizes;
  const other = sizes.find(({ size }) => size !== first.size);
  if (other) {
    throw usageError(
      `micro-batch ${index} has ${first.size} samples in ${first.name} and ${other.size} in ${other.name}`,
    );
  }
  return first?.size ?? 1;
}

function nameOf({ node }: Tensor): string {
  return node.name ?? '';
}
