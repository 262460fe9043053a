import { usageError } from '../core/errors.ts';
import type { TensorData } from '../graph/dataType.ts';
import { vectorKernel } from '../runtime/vectorKernel.ts';
import { layOutArrays, type NamedArrays } from './arrayLayout.ts';
import type { Arithmetic, OptimizerRule } from './optimizerRule.ts';
import { updateFormula } from './updateFormula.ts';

/** What an optimiser takes besides its rule. */
export interface OptimizerOptions {
  /** Pulls weights towards 0: as L2 or decoupled, as the rule has it. Default 0. */
  readonly weightDecay?: number | undefined;
  /** Gradients are scaled down so that all together are no longer than this. Default: no limit. */
  readonly clipNorm?: number | undefined;
  /** Each element of a gradient is kept between this and its opposite, after `clipNorm`. Default: no limit. */
  readonly clipValue?: number | undefined;
  /** Keeps an average of the weights over time that decays by this factor an update. Default: none is kept. */
  readonly averageDecay?: number | undefined;
  /** Settings of their own for some parameters; the first that matches counts. */
  readonly groups?: readonly ParameterGroup[] | undefined;
}

/** Parameters that are trained differently: biases without weight decay, a trained body more slowly than its head. */
export interface ParameterGroup {
  /** Whether a parameter belongs here, by its name. */
  matches(name: string): boolean;
  readonly weightDecay?: number | undefined;
  /** Factor on the learning rate; 0 freezes. Default 1. */
  readonly learningRateScale?: number | undefined;
}

/** Weights, their gradients and what the optimiser remembers, side by side in one memory. */
export interface Optimizer {
  /** Parameters by name, as views: change them and they are changed. */
  readonly weights: NamedArrays;
  /** Where to put gradients before {@link Optimizer.update}. */
  readonly gradients: NamedArrays;
  /** Averages of the weights, if kept. */
  readonly averages: NamedArrays | undefined;
  /** The rule's, used by updates that are not given another. */
  readonly learningRate: number;
  /** Updates done. */
  readonly step: number;
  /** Memory of weights, gradients and state together. */
  readonly bytes: number;
  /**
   * One update of all weights from the gradients: one pass over memory.
   *
   * @throws TrainyardError of kind `data` for gradients that are not finite; weights are then left as they are.
   */
  update(settings?: { readonly learningRate?: number; readonly gradientScale?: number }): UpdateReport;
  /** A copy of all there is to remember, weights included. */
  save(): OptimizerState;
  /** Goes on from what {@link Optimizer.save} gave. */
  load(state: OptimizerState): void;
}

/** What an update met. */
export interface UpdateReport {
  readonly learningRate: number;
  /** Length of all gradients together, before clipping. */
  readonly gradientNorm: number;
}

/** An optimiser's memory, as plain data. */
export interface OptimizerState {
  readonly rule: string;
  readonly step: number;
  /** By kind (`weight`, the rule's own, `average`), then by parameter. */
  readonly arrays: Readonly<Record<string, Readonly<Record<string, Float32Array>>>>;
}

/**
 * An optimiser for some parameters, which start at the values given.
 *
 * @example
 * const optimizer = createOptimizer({ weight, bias }, adam({ learningRate: 0.01 }), { clipNorm: 1 });
 * optimizer.gradients.weight.set(slopes);
 * optimizer.update();
 */
export function createOptimizer(
  parameters: Readonly<Record<string, TensorData>>,
  rule: OptimizerRule,
  options: OptimizerOptions = {},
): Optimizer {
  const { clipNorm, clipValue, averageDecay } = options;
  const formula = updateFormula(rule, options);
  const groups = [...(options.groups ?? []), undefined];
  const layout = layOutArrays(parameters, formula.arrays, (name) => groups.indexOf(groupOf(name, options)));
  const kernel = vectorKernel(layout.memory, formula);
  const { weight: weights, gradient: gradients, average: averages } = layout.arrays;
  for (const [name, { data }] of Object.entries(parameters)) {
    weights[name].set(data as Float32Array);
    averages?.[name].set(data as Float32Array);
  }
  let step = 0;

  return {
    weights,
    gradients,
    averages,
    get step() {
      return step;
    },
    learningRate: rule.learningRate,
    bytes: layout.memory.buffer.byteLength,
    update({ learningRate = rule.learningRate, gradientScale = 1 } = {}) {
      const squares = layout.blocks.reduce((sum, { arrays }) => sum + sumOfSquares(arrays.gradient), 0);
      const gradientNorm = Math.sqrt(squares) * gradientScale;
      if (!Number.isFinite(gradientNorm)) throw notFinite(gradients);
      step++;
      const clip = clipNorm !== undefined && gradientNorm > clipNorm ? clipNorm / gradientNorm : 1;
      for (const { group, arrays } of layout.blocks) {
        const { weightDecay = options.weightDecay ?? 0, learningRateScale = 1 } = groups[group] ?? {};
        const settings = { step, learningRate: learningRate * learningRateScale, weightDecay };
        kernel(arrays, {
          ...rule.scalarsAt(settings, onNumbers),
          gradientScale: gradientScale * clip,
          clipValue: clipValue ?? 0,
          averageDecay: averageDecay ?? 0,
          averageFresh: 1 - (averageDecay ?? 0),
        });
      }
      return { learningRate, gradientNorm };
    },
    save() {
      const remembered = formula.arrays.filter((kind) => kind !== 'gradient');
      const copies = remembered.map((kind) => [
        kind,
        Object.fromEntries(Object.entries(layout.arrays[kind]).map(([name, array]) => [name, array.slice()])),
      ]);
      return { rule: rule.name, step, arrays: Object.fromEntries(copies) };
    },
    load(state) {
      if (state.rule !== rule.name) {
        throw usageError(`the state is of ${state.rule}, not of ${rule.name}`, `train with ${state.rule}`);
      }
      for (const kind of formula.arrays.filter((one) => one !== 'gradient')) {
        for (const [name, array] of Object.entries(layout.arrays[kind])) {
          const saved = state.arrays[kind]?.[name];
          if (saved?.length !== array.length) {
            throw usageError(
              `the state has ${saved?.length ?? 'no'} ${kind} values of ${name}; expected ${array.length}`,
            );
          }
          array.set(saved);
        }
      }
      step = state.step;
    },
  };
}

/** The group with settings for a parameter, if any. */
export function groupOf(name: string, { groups = [] }: OptimizerOptions): ParameterGroup | undefined {
  return groups.find((group) => group.matches(name));
}

const onNumbers: Arithmetic<number> = {
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  sqrt: Math.sqrt,
};

// Four sums side by side: one would wait for each addition.
function sumOfSquares(values: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  // Lengths are multiples of four.
  for (let i = 0; i < values.length; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  return a + b + (c + d);
}

function notFinite(gradients: NamedArrays): Error {
  for (const [name, values] of Object.entries(gradients)) {
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) {
      return usageError(
        `gradient of ${name} is ${values[index]} at element ${index}`,
        'lower the learning rate, clip gradients, or look for a division by 0 in the loss',
      );
    }
  }
  return usageError('gradients are too large together', 'scale the loss down');
}
