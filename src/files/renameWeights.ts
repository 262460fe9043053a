import { usageError } from '../core/errors.ts';
import { dataTypes, type TensorData } from '../graph/dataType.ts';

/** How a weight is called here and elsewhere. */
export interface WeightRule {
  /** Our name; each `*` stands for any text. `undefined` for what has no place here and is left out. */
  readonly ours: string | undefined;
  /** The other's name, with as many `*`, which stand for the same texts in order. */
  readonly theirs: string;
  /** Their axis i is our axis `axes[i]`: `[1, 0]` for a matrix that lies the other way. Default: as they are. */
  readonly axes?: readonly number[] | undefined;
}

/**
 * PyTorch's names: layers here keep its layouts (dense layers `[outputs, inputs]`, convolutions
 * `[outputs, inputs, height, width]`) and names but for running statistics. Put rules for the names of your layers
 * before these.
 *
 * @example
 * const { tensors } = await loadSafetensors('model.safetensors');
 * const values = fromOthers(tensors, pytorchNames);
 */
export const pytorchNames: readonly WeightRule[] = [
  { ours: '*runningMean', theirs: '*running_mean' },
  { ours: '*runningVariance', theirs: '*running_var' },
  { ours: undefined, theirs: '*num_batches_tracked' },
];

/**
 * Weights under their names and in their layout elsewhere. The first rule that fits counts; weights without one stay as
 * they are.
 *
 * @throws TrainyardError of kind `usage` for two weights that get one name, and axes that do not fit.
 */
export function toOthers(
  weights: Readonly<Record<string, TensorData>>,
  rules: readonly WeightRule[],
): Record<string, TensorData> {
  const directions = rules.flatMap(({ ours, theirs, axes }): Direction[] =>
    ours === undefined ? [] : [{ from: ours, to: theirs, axes }],
  );
  return rename(weights, directions);
}

/** The opposite of {@link toOthers}. */
export function fromOthers(
  weights: Readonly<Record<string, TensorData>>,
  rules: readonly WeightRule[],
): Record<string, TensorData> {
  const directions = rules.map(({ ours, theirs, axes }) => ({
    from: theirs,
    to: ours,
    axes: axes?.map((_, axis) => axes.indexOf(axis)),
  }));
  return rename(weights, directions);
}

interface Direction {
  readonly from: string;
  readonly to: string | undefined;
  readonly axes: readonly number[] | undefined;
}

function rename(
  weights: Readonly<Record<string, TensorData>>,
  directions: readonly Direction[],
): Record<string, TensorData> {
  const patterns = directions.map(({ from, to, axes }) => {
    if (to !== undefined && from.split('*').length !== to.split('*').length) {
      throw usageError(`${from} and ${to} have not equally many *`);
    }
    return { pattern: new RegExp(`^${from.split('*').map(literal).join('(.*?)')}$`, 's'), to, axes };
  });
  const renamed = new Map<string, TensorData>();
  for (const [name, value] of Object.entries(weights)) {
    const rule = patterns.find(({ pattern }) => pattern.test(name));
    if (rule && rule.to === undefined) continue;
    const texts = rule?.pattern.exec(name)?.slice(1) ?? [];
    const target = rule?.to ? rule.to.replaceAll('*', () => texts.shift() ?? '') : name;
    if (renamed.has(target)) throw usageError(`two weights get the name ${target}; one of them is ${name}`);
    renamed.set(target, rule?.axes ? permuted(name, value, rule.axes) : value);
  }
  return Object.fromEntries(renamed);
}

function literal(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** The same elements with axes in another order: axis i of the result is axis `axes[i]`. */
function permuted(name: string, { dtype, shape, data }: TensorData, axes: readonly number[]): TensorData {
  if (axes.length !== shape.length || shape.some((_, axis) => !axes.includes(axis))) {
    throw usageError(`weight ${name} has ${shape.length} axes, which [${axes.join(', ')}] does not order`);
  }
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = axes.map((axis) => shape[axis]);
  const steps = axes.map((axis) => strides[axis]);
  const result = dataTypes[dtype].create(data.length);
  const index = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return { dtype, shape: sizes, data: result };
}
