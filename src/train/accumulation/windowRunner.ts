import { dataError, usageError } from '../../core/errors.ts';
import { type TensorArray, type TensorData, tensorData } from '../../graph/dataType.ts';
import { evaluateDimension } from '../../graph/dimension.ts';
import { graphOf, nodesOf } from '../../graph/graph.ts';
import { inputOperator, type Tensor } from '../../graph/tensor.ts';
import { type CompileOptions, compile, type Program } from '../../runtime/compile.ts';
import { joinRows, weightedMean, windowLedger } from './windowLedger.ts';
import { cotangentName, type Outputs, type WindowPasses } from './windowPasses.ts';
import type { WindowPlan } from './windowPlan.ts';

/** Inputs of a model by name. */
export type Feeds = Readonly<Record<string, TensorData>>;

/** Micro-batches that are read when they are needed, once a pass. */
export interface WindowSource {
  /** Samples of each. */
  readonly sizes: readonly number[];
  read(index: number): Feeds | Promise<Feeds>;
}

/** A window of samples: its micro-batches, of any sizes. */
export type Window = readonly Feeds[] | WindowSource;

/** Runs windows through their passes. */
export interface WindowRunner {
  /**
   * @param given Values of parameters and of gradients so far.
   * @param into Arrays that gradients are written into, by output.
   */
  run(
    window: Window,
    given: Feeds,
    into?: Readonly<Record<string, TensorArray>>,
  ): Promise<{ readonly results: Feeds; readonly samples: number }>;
  release(): Promise<void>;
}

/**
 * Compiles the graphs of a window.
 *
 * @param tensors What the passes were made for, to know the inputs by.
 */
export async function windowRunner(
  passes: WindowPasses,
  { totals, counts }: WindowPlan,
  tensors: readonly Tensor[],
  batch: string,
  options: CompileOptions,
): Promise<WindowRunner> {
  const programs = new Map<Outputs, Program>();
  for (const [index, outputs] of allOutputs(passes).entries()) {
    if (outputs.size === 0) continue;
    programs.set(outputs, await compile(graphOf(outputs, { name: `pass${index}` }), options));
  }
  const sampled = sampledInputs(tensors, batch);
  const rowAxes = new Map(
    totals.flatMap((total) => {
      if (total.join === 'sum') return [];
      const { axis } = total.join;
      return [[nameOf(total.input), axis] as const, [cotangentName(total), axis] as const];
    }),
  );

  return {
    async run(window, given, into = {}) {
      const source = sourceOf(window, sampled);
      const samples = source.sizes.reduce((sum, size) => sum + size, 0);
      if (samples === 0) throw dataError('a window without samples', 'leave it out');
      const common: Record<string, TensorData> = { ...given };
      for (const { input, sizes } of counts) {
        const numbers = sizes.map((size) => evaluateDimension(size, new Map([[batch, samples]])) ?? 0);
        common[nameOf(input)] = tensorData(input.dtype, numbers, input.shape as number[]);
      }
      return { results: await runPasses(source, common, into), samples };
    },
    async release() {
      for (const program of programs.values()) await program.release();
    },
  };

  async function runPasses(
    { sizes, read }: WindowSource,
    common: Feeds,
    into: Readonly<Record<string, TensorArray>>,
  ): Promise<Feeds> {
    const ledger = windowLedger();
    const watched = new Map<string, TensorData[]>();
    let shared: Feeds | undefined;

    async function runOnParts(outputs: Outputs): Promise<void> {
      const program = programs.get(outputs);
      let from = 0;
      for (let i = 0; program && i < sizes.length; i++) {
        const feeds = await read(i);
        shared ??= feeds;
        const to = from + sizes[i];
        const value = (name: string) => {
          const axis = rowAxes.get(name);
          const known = () => (axis === undefined ? ledger.whole(name) : ledger.rows(name, axis, from, to));
          return common[name] ?? feeds[name] ?? known();
        };
        for (const [name, part] of Object.entries(await runProgram(program, value, into))) {
          const axis = rowAxes.get(name);
          if (passes.watchedParts.has(name)) watched.set(name, [...(watched.get(name) ?? []), part]);
          else if (axis !== undefined) ledger.append(name, part, axis);
          else ledger.add(name, part);
        }
        from = to;
      }
    }

    async function runOnWindow(outputs: Outputs): Promise<Feeds> {
      const program = programs.get(outputs);
      if (!program) return {};
      shared ??= await read(0);
      const fed = shared;
      const value = (name: string) =>
        common[name] ?? (sampled.has(name) ? undefined : fed[name]) ?? ledger.whole(name);
      return runProgram(program, value, into);
    }

    const keep = (results: Feeds) => {
      for (const [name, value] of Object.entries(results)) ledger.add(name, value);
    };
    for (const { parts, bridges } of passes.forward) {
      await runOnParts(parts);
      keep(await runOnWindow(bridges));
    }
    for (const { window, parts } of passes.backward) {
      keep(await runOnWindow(window));
      await runOnParts(parts);
    }
    const joined = Array.from(passes.watchedParts, ([name, axis]) => {
      const parts = watched.get(name) ?? [];
      return [name, axis === undefined ? weightedMean(parts, sizes) : joinRows(parts, axis)] as const;
    });
    return { ...(await runOnWindow(passes.last)), ...Object.fromEntries(joined) };
  }
}

/** Every graph of the passes. */
export function allOutputs({ forward, backward, last }: WindowPasses): Outputs[] {
  return [
    ...forward.flatMap(({ parts, bridges }) => [parts, bridges]),
    ...backward.flatMap(({ window, parts }) => [window, parts]),
    last,
  ];
}

/** Runs with outputs in place where arrays are given; gives the others. */
async function runProgram(
  program: Program,
  value: (name: string) => TensorData | undefined,
  into: Readonly<Record<string, TensorArray>>,
): Promise<Feeds> {
  const { inputs, outputs } = program.graph;
  const feeds = inputs.flatMap((tensor) => {
    const fed = value(nameOf(tensor));
    return fed ? [[nameOf(tensor), fed] as const] : [];
  });
  const own = [...outputs.keys()].filter((name) => name in into).map((name) => [name, into[name]] as const);
  const results = await program.run(Object.fromEntries(feeds), Object.fromEntries(own));
  return Object.fromEntries(Object.entries(results).filter(([name]) => !(name in into)));
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

function sourceOf(window: Window, sampled: ReadonlyMap<string, number>): WindowSource {
  if (!isList(window)) {
    const read = async (index: number) => {
      const feeds = await window.read(index);
      const size = samplesOf(feeds, index, sampled);
      if (size === window.sizes[index]) return feeds;
      throw usageError(`micro-batch ${index} has ${size} samples; ${window.sizes[index]} were announced`);
    };
    return { sizes: window.sizes, read };
  }
  return {
    sizes: window.map((feeds, index) => samplesOf(feeds, index, sampled)),
    read: (index) => window[index],
  };
}

function isList(window: Window): window is readonly Feeds[] {
  return Array.isArray(window);
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
