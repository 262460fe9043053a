import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { sizeOf, type TensorData } from '../graph/dataType.ts';
import { formatShape } from '../graph/dimension.ts';
import { formatType, input, parameter, type Tensor } from '../graph/tensor.ts';
import type { Initialiser } from './initialisers.ts';

/** A parameter before it has values: its shape and how they are drawn. */
export interface ParameterPlan {
  readonly shape: readonly number[];
  readonly initialiser: Initialiser;
  /** False for what training measures rather than learns, such as running means. */
  readonly isTrained: boolean;
}

/** The parameters of a layer or a model by name, nested like it. */
export type ParameterPlans =
  | ParameterPlan
  | readonly ParameterPlans[]
  | { readonly [name: string]: ParameterPlans | undefined };

/** The same tree with tensors in place of plans: what layers take. */
export type Parameters<Plans> = Plans extends ParameterPlan
  ? Tensor
  : { readonly [Name in keyof Plans]: Parameters<Plans[Name]> };

/** A model's parameters with values. Names are paths in the tree: `hidden.0.weight`. */
export interface InitialisedModel<Plans> {
  /** Nested like the plans; for layers. */
  readonly parameters: Parameters<Plans>;
  /** Those that learn, by name; for the training step. */
  readonly trained: Readonly<Record<string, Tensor>>;
  /** Those that are measured, by name: running statistics. */
  readonly state: Readonly<Record<string, Tensor>>;
}

/** Plans a parameter that learns. */
export function planned(shape: readonly number[], initialiser: Initialiser): ParameterPlan {
  return { shape, initialiser, isTrained: true };
}

/**
 * Draws the values of a model's parameters. Each has a random stream of its own, keyed by the seed and its name, so a
 * layer starts at the same values whatever stands beside it.
 *
 * @param options `values` replaces draws by name, as PyTorch's `load_state_dict` does: they must be float32 and fit.
 * @throws TrainyardError of kind `usage` for values that are of another shape or that no parameter is called after.
 * @example
 * const { parameters, trained } = initialise({ output: linearParameters(4, 3) }, { seed: 1 });
 * const y = linear(parameters.output, x);
 */
export function initialise<const Plans extends ParameterPlans>(
  plans: Plans,
  { seed = 0, values = {} }: { seed?: number; values?: Readonly<Record<string, TensorData>> } = {},
): InitialisedModel<Plans> {
  const all = plansOf(plans);
  const unknown = Object.keys(values).find((name) => !all.has(name));
  if (unknown !== undefined) throw usageError(`the model has no parameter ${unknown}`);
  const tensors = new Map<string, Tensor>();
  for (const [name, plan] of all) tensors.set(name, parameter(name, startOf(name, plan, values[name], seed)));
  const chosen = (isTrained: boolean) =>
    Object.fromEntries([...tensors].filter(([name]) => all.get(name)?.isTrained === isTrained));
  return {
    parameters: replaced(plans, tensors) as Parameters<Plans>,
    trained: chosen(true),
    state: chosen(false),
  };
}

/** The parameters without values: enough to look at a model of any size, as nothing is drawn. */
export function placeholders<const Plans extends ParameterPlans>(plans: Plans): Parameters<Plans> {
  const named = Array.from(
    plansOf(plans),
    ([name, { shape }]) => [name, input(name, 'float32', shape)] as const,
  );
  return replaced(plans, new Map(named)) as Parameters<Plans>;
}

/**
 * How many numbers a model learns.
 *
 * @param options With `isTrained: false`, how many it measures: running statistics.
 */
export function parameterCount(
  plans: ParameterPlans,
  { isTrained = true }: { isTrained?: boolean } = {},
): number {
  const counted = [...plansOf(plans).values()].filter((plan) => plan.isTrained === isTrained);
  return counted.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The values that parameters start at, by name; copies, to be fed and changed. */
export function valuesOf(tensors: Readonly<Record<string, Tensor>>): Record<string, TensorData> {
  const values: Record<string, TensorData> = {};
  for (const [name, { node }] of Object.entries(tensors)) {
    if (node.value) values[name] = { ...node.value, data: node.value.data.slice() };
  }
  return values;
}

/** All plans by name. */
export function plansOf(plans: ParameterPlans): ReadonlyMap<string, ParameterPlan> {
  const found = new Map<string, ParameterPlan>();
  const walk = (branch: ParameterPlans | undefined, path: string) => {
    if (branch === undefined) return;
    if (isPlan(branch)) {
      found.set(path, branch);
      return;
    }
    for (const [name, below] of Object.entries(branch)) walk(below, path === '' ? name : `${path}.${name}`);
  };
  walk(plans, '');
  return found;
}

function startOf(name: string, plan: ParameterPlan, given: TensorData | undefined, seed: number): TensorData {
  const { shape, initialiser } = plan;
  if (!given)
    return { dtype: 'float32', shape, data: initialiser(shape, randomStream(seed, 'initialise', name)) };
  if (given.dtype !== 'float32' || String(given.shape) !== String(shape)) {
    throw usageError(
      `parameter ${name} is given ${formatType(given)}; expected float32${formatShape(shape)}`,
    );
  }
  return given;
}

function replaced(plans: ParameterPlans, tensors: ReadonlyMap<string, Tensor>): unknown {
  const replace = (branch: ParameterPlans | undefined, path: string): unknown => {
    if (branch === undefined) return undefined;
    if (isPlan(branch)) return tensors.get(path);
    const below = Object.entries(branch).map(([name, one]) => [
      name,
      replace(one, path === '' ? name : `${path}.${name}`),
    ]);
    return Array.isArray(branch) ? below.map(([, one]) => one) : Object.fromEntries(below);
  };
  return replace(plans, '');
}

function isPlan(branch: ParameterPlans): branch is ParameterPlan {
  return 'initialiser' in branch && typeof branch.initialiser === 'function';
}
