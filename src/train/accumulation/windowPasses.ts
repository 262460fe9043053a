import { vectorJacobianProduct } from '../../autodiff/gradient.ts';
import { nodesOf } from '../../graph/graph.ts';
import { add } from '../../graph/operators/elementwise.ts';
import { constant, input, type Tensor } from '../../graph/tensor.ts';
import type { Bridge, Found, Total, WindowPlan } from './windowPlan.ts';

/** Outputs of a graph to run, by name; what it needs is fed by the names of its inputs. */
export type Outputs = ReadonlyMap<string, Tensor>;

/**
 * The graphs that a window of samples needs, in running order: first forward, a level at a time, each for every
 * micro-batch (`parts` of totals) and then once (`bridges` from totals); then backward, from the last level to the
 * first, once for the window and then for every micro-batch.
 *
 * Outputs called `gradient of …` add to what is fed as `gradient so far of …`. Outputs called `cotangent of …` are the
 * loss's derivatives by totals and bridges.
 */
export interface WindowPasses {
  readonly forward: readonly { readonly parts: Outputs; readonly bridges: Outputs }[];
  readonly backward: readonly { readonly window: Outputs; readonly parts: Outputs }[];
  /** Once, at the end: the loss, and what was asked for of the window. */
  readonly last: Outputs;
  /**
   * Outputs of micro-batches that were asked for: the axis of their samples, or `undefined` for statistics, of which
   * the mean by size is taken.
   */
  readonly watchedParts: ReadonlyMap<string, number | undefined>;
}

/** What is differentiated by what, and what else is asked for. */
export interface PassTargets {
  readonly loss: Found;
  readonly watched: ReadonlyMap<string, Found>;
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/**
 * Differentiates a loss that was taken apart.
 *
 * Let T be the totals, sums over samples of t(sample, parameters), and the loss h(T). Then the loss's gradient is that
 * of the sum over samples of c t(sample, parameters), with c = dh/dT held fixed: every micro-batch gives its share of
 * it. Where c does not hang on trained totals, as for a mean of losses, one pass over the samples is enough; else a
 * first one finds T. Totals of later levels that use earlier ones carry c back by the chain rule.
 */
export function windowPasses(plan: WindowPlan, { loss, watched, parameters }: PassTargets): WindowPasses {
  const { totals, bridges } = plan;
  const levels = Array.from({ length: loss.level }, (_, i) => i + 1);
  // What the loss hangs on, by the name of its derivative: the rest is only watched.
  const derived = new Set<string>();
  const isDerived = (one: Total | Bridge) => derived.has(cotangentName(one));
  const differentiate = (targets: readonly Target[], sources: readonly (Total | Bridge)[]) => {
    const outputs = withGradients(targets, sources, parameters);
    for (const name of outputs.keys()) derived.add(name);
    return outputs;
  };
  const backward = levels.toReversed().map((level) => {
    const ofLevel = bridges.filter((bridge) => bridge.level === level && isDerived(bridge)).map(asTarget);
    const window = differentiate(
      level === loss.level ? [...ofLevel, lossTarget(loss)] : ofLevel,
      totals.filter((total) => total.level <= level),
    );
    const parts = differentiate(
      totals.filter((total) => total.level === level && isDerived(total)).map(partTarget),
      bridges.filter((bridge) => bridge.level < level),
    );
    return { window, parts };
  });

  // Totals that the derivatives do not need are taken along in the backward pass.
  const needed = inputsOf(backward[0]?.window ?? new Map());
  const lastTotals = totals.filter(({ level }) => level === loss.level);
  const first = lastTotals.some((total) => needed.has(total.input) && total.isTrained)
    ? lastTotals
    : lastTotals.filter((total) => needed.has(total.input));
  const along = lastTotals.filter((total) => !first.includes(total));
  if (backward.length > 0) {
    const parts = [...backward[0].parts, ...partsOf(along), ...watchedIn(watched, 'parts')];
    backward[0] = { ...backward[0], parts: new Map(parts) };
  }

  return {
    forward: levels.map((level) => ({
      parts: new Map(partsOf(level === loss.level ? first : totals.filter((total) => total.level === level))),
      bridges: level < loss.level ? bridgesAt(plan, level) : new Map(),
    })),
    backward:
      loss.level > 0
        ? backward
        : [
            {
              window: withGradients([lossTarget(loss)], [], parameters),
              parts: new Map(watchedIn(watched, 'parts')),
            },
          ],
    last: new Map([['loss', loss.tensor], ...watchedIn(watched, 'window')]),
    watchedParts: watchedAxes(watched),
  };
}

/** The graphs for values alone, without derivatives. */
export function forwardPasses(plan: WindowPlan, watched: ReadonlyMap<string, Found>): WindowPasses {
  const { totals, levels } = plan;
  const forward = Array.from({ length: levels }, (_, i) => ({
    parts: new Map(partsOf(totals.filter(({ level }) => level === i + 1))),
    bridges: bridgesAt(plan, i + 1),
  }));
  return {
    forward: [...forward, { parts: new Map(watchedIn(watched, 'parts')), bridges: new Map() }],
    backward: [],
    last: new Map(watchedIn(watched, 'window')),
    watchedParts: watchedAxes(watched),
  };
}

/** Name of the output for something watched. */
export function watchedName(name: string): string {
  return `watched ${name}`;
}

/** Name of the output that is the loss's derivative by a total, a bridge or a parameter. */
export function cotangentName({ input: { node } }: { readonly input: Tensor }): string {
  return `cotangent of ${node.name}`;
}

/** Names of a parameter's gradient, and of what it is added to. */
export const gradientName = (parameter: string) => `gradient of ${parameter}`;
export const sofarName = (parameter: string) => `gradient so far of ${parameter}`;

interface Target {
  readonly value: Tensor;
  readonly cotangent: Tensor;
}

function lossTarget({ tensor }: Found): Target {
  return { value: tensor, cotangent: constant(1, tensor.dtype) };
}

function asTarget(bridge: Bridge): Target {
  return {
    value: bridge.value,
    cotangent: input(cotangentName(bridge), bridge.value.dtype, bridge.value.shape),
  };
}

function partTarget(total: Total): Target {
  return { value: total.part, cotangent: input(cotangentName(total), total.part.dtype, total.part.shape) };
}

function bridgesAt({ bridges }: WindowPlan, level: number): Outputs {
  const found = bridges.filter((bridge) => bridge.level === level);
  return new Map(found.map(({ input: { node }, value }) => [node.name ?? '', value]));
}

function watchedIn(
  watched: ReadonlyMap<string, Found>,
  where: 'window' | 'parts',
): (readonly [string, Tensor])[] {
  return [...watched]
    .filter(([, { kind }]) => (kind === 'window') === (where === 'window'))
    .map(([name, { tensor }]) => [watchedName(name), tensor] as const);
}

function watchedAxes(watched: ReadonlyMap<string, Found>): ReadonlyMap<string, number | undefined> {
  const parts = [...watched].filter(([, { kind }]) => kind !== 'window');
  return new Map(
    parts.map(([name, { kind, axis }]) => [watchedName(name), kind === 'samples' ? axis : undefined]),
  );
}

function partsOf(totals: readonly Total[]): (readonly [string, Tensor])[] {
  return totals.map((total) => [total.input.node.name ?? '', total.part] as const);
}

function withGradients(
  targets: readonly Target[],
  sources: readonly (Total | Bridge)[],
  parameters: ReadonlyMap<string, Tensor>,
): Outputs {
  const used = inputsOf(new Map(targets.map(({ value }, i) => [String(i), value])));
  const from = sources.filter((source) => source.isTrained && used.has(source.input));
  const trained = [...parameters].filter(([, tensor]) => used.has(tensor));
  const found = vectorJacobianProduct(
    targets.map(({ value }) => value),
    targets.map(({ cotangent }) => cotangent),
    [...from.map((source) => source.input), ...trained.map(([, tensor]) => tensor)],
  );
  return new Map([
    ...from.map((source, i) => [cotangentName(source), found[i]] as const),
    ...trained.map(([name, { dtype, shape }], i) => {
      const sofar = input(sofarName(name), dtype, shape);
      return [gradientName(name), add(sofar, found[from.length + i])] as const;
    }),
  ]);
}

function inputsOf(outputs: Outputs): Set<Tensor> {
  return new Set(nodesOf(outputs.values()).flatMap((node) => node.outputs));
}
