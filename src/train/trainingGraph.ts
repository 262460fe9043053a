import { gradient } from '../autodiff/gradient.ts';
import { usageError } from '../core/errors.ts';
import { sizeOf, type TensorData, tensorData } from '../graph/dataType.ts';
import { type Graph, graphOf } from '../graph/graph.ts';
import {
  abs,
  add,
  cast,
  div,
  max,
  min,
  mul,
  neg,
  pow,
  sqrt,
  sub,
  sum,
} from '../graph/operators/elementwise.ts';
import { reduceSumSquare } from '../graph/operators/reduction.ts';
import { rewrite } from '../graph/rewrite.ts';
import { simplify } from '../graph/simplify.ts';
import { constant, parameter, type Tensor } from '../graph/tensor.ts';
import type { TensorTree } from '../graph/tensorTree.ts';
import { groupOf, type OptimizerOptions, type OptimizerState } from '../optim/optimizer.ts';
import type { OptimizerRule } from '../optim/optimizerRule.ts';
import { updateFormula } from '../optim/updateFormula.ts';
import { type Expression, type Formula, updatesOf } from '../runtime/vectorKernel.ts';
import { namedParameters } from './namedParameters.ts';

/** What {@link trainingGraph} takes besides what an optimiser does. */
export interface TrainingGraphOptions extends OptimizerOptions {
  /** Goes on from what an optimiser saved: its weights, its memory, its count of updates. */
  readonly from?: OptimizerState | undefined;
  /** Parameters that a step changes without training them, and what they become: running statistics. */
  readonly updates?: readonly (readonly [parameter: Tensor, next: Tensor])[] | undefined;
}

/**
 * A whole training step as one graph of standard operators: loss, gradients, and the update by the same formulas as
 * the optimiser that runs here. Written as ONNX, any runtime trains with it.
 *
 * Inputs: those of the loss; `learningRate` (float64); everything that a step changes, with the value it starts at:
 * the parameters by their names, the optimiser's memory as `optimizer.mean.weight`, the count of updates as
 * `optimizer.step` (int64). Outputs: `loss` before the update; with `clipNorm` also `gradientNorm`; and for everything
 * that changes, `next.` before the name of the input to feed it to in the following step.
 *
 * Unlike the optimiser here, the graph cannot refuse gradients that are not finite: watch the loss.
 *
 * @throws TrainyardError of kind `usage` for parameters that have no value or are not float32.
 * @example
 * const graph = trainingGraph(loss, parameters, adam());
 * await saveOnnx('step.onnx', graph);
 */
export function trainingGraph(
  loss: Tensor,
  parameters: TensorTree,
  rule: OptimizerRule,
  options: TrainingGraphOptions = {},
): Graph {
  const named = [...namedParameters(parameters)];
  const wrong = named.find(([, { value }]) => value.dtype !== 'float32');
  if (wrong) throw usageError(`parameter ${wrong[0]} is ${wrong[1].value.dtype}; only float32 is trained`);
  const { from, updates = [] } = options;
  if (from && from.rule !== rule.name) {
    throw usageError(`the state is of ${from.rule}, not of ${rule.name}`, `train with ${from.rule}`);
  }
  const formula = updateFormula(rule, options);
  const start = (kind: string, name: string, value: TensorData): TensorData => {
    const saved = from?.arrays[kind]?.[name];
    if (saved) return { ...value, data: saved };
    const fresh = kind === 'weight' || kind === 'average';
    return fresh ? value : tensorData('float32', new Float32Array(sizeOf(value.shape)), value.shape);
  };
  const weights = new Map(
    named.map(([name, { tensor, value }]) => [tensor.node, parameter(name, start('weight', name, value))]),
  );
  const [trained, ...others] = rewrite([loss, ...updates.map(([, next]) => next)], (node) => {
    const weight = weights.get(node);
    return weight && [weight];
  });
  const slopes = gradient(trained, [...weights.values()]);
  const learningRate = parameter('learningRate', tensorData('float64', [rule.learningRate], []));
  const step = parameter('optimizer.step', tensorData('int64', [from?.step ?? 0], []));
  const nextStep = add(step, constant(1, 'int64'));
  const clip = options.clipNorm === undefined ? undefined : clipping(slopes, options.clipNorm);

  const changes: [input: Tensor, next: Tensor][] = [
    [step, nextStep],
    ...updates.map(([tensor], i): [Tensor, Tensor] => [tensor, others[i]]),
  ];
  for (const [i, [name, { tensor, value }]] of named.entries()) {
    const weight = weights.get(tensor.node) ?? tensor;
    const arrays: Record<string, Tensor> = { weight, gradient: slopes[i] };
    for (const kind of formula.arrays) {
      arrays[kind] ??= parameter(`optimizer.${kind}.${name}`, start(kind, name, value));
    }
    const { weightDecay = options.weightDecay ?? 0, learningRateScale = 1 } = groupOf(name, options) ?? {};
    const settings = {
      step: cast(nextStep, 'float64'),
      learningRate: mul(learningRate, learningRateScale),
      weightDecay,
    };
    const scalars = {
      ...rule.scalarsAt<Tensor>(settings, { sub, mul, div, pow, sqrt }),
      gradientScale: clip?.scale ?? 1,
      clipValue: options.clipValue ?? 0,
      averageDecay: options.averageDecay ?? 0,
      averageFresh: 1 - (options.averageDecay ?? 0),
    };
    for (const [kind, next] of updated(formula, arrays, scalars)) changes.push([arrays[kind], next]);
  }

  const outputs = new Map([['loss', trained]]);
  if (clip) outputs.set('gradientNorm', cast(clip.norm, 'float32'));
  for (const [tensor, next] of changes) outputs.set(`next.${tensor.node.name}`, next);
  const changed = [learningRate, ...changes.map(([tensor]) => tensor)];
  const graph = graphOf(outputs, { name: 'trainingStep' });
  const fed = graph.inputs.filter(({ node }) => !node.value);
  return simplify({
    ...graph,
    inputs: [...new Set([...fed, ...changed, ...graph.inputs])],
    details: { overridable: changed.map(({ node }) => node.name ?? '') },
  });
}

/** The length of all gradients together, and what to scale them by so that it is no more than a limit. */
function clipping(slopes: readonly Tensor[], clipNorm: number): { norm: Tensor; scale: Tensor } {
  // In 64 bits, as the optimiser here sums.
  const norm = sqrt(sum(...slopes.map((slope) => reduceSumSquare(cast(slope, 'float64')))));
  return { norm, scale: min(div(clipNorm, norm), 1) };
}

/** New tensors by kind, from a formula on tensors and scalars; scalars are rounded to 32 bits as the kernel's are. */
function updated(
  formula: Formula<string, string>,
  arrays: Readonly<Record<string, Tensor>>,
  scalars: Readonly<Record<string, Tensor | number>>,
): [kind: string, next: Tensor][] {
  const rounded = (value: Tensor | number) =>
    typeof value === 'number' ? constant(value) : cast(value, 'float32');
  const tensorOf = (expression: Expression): Tensor => {
    switch (expression.kind) {
      case 'array':
        return arrays[formula.arrays[expression.index]];
      case 'scalar':
        return rounded(scalars[formula.scalars[expression.index]]);
      case 'constant':
        return constant(expression.value);
      default:
        return operations[expression.kind](...expression.operands.map(tensorOf));
    }
  };
  return updatesOf(formula).map(([index, expression]) => [formula.arrays[index], tensorOf(expression)]);
}

const operations: Readonly<
  Record<Exclude<Expression['kind'], 'array' | 'scalar' | 'constant'>, (...operands: Tensor[]) => Tensor>
> = { add, sub, mul, div, min, max, sqrt, abs, neg };
