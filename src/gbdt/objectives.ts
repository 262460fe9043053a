import { dataError } from '../core/errors.ts';
import { epsilon } from './constants.ts';
import type { Dataset } from './dataset.ts';
import type { ObjectiveName, ResolvedParameters } from './parameters.ts';
import { percentile, weightedPercentile } from './percentile.ts';
import { log } from './preciseMath.ts';
import { softmax } from './softmax.ts';

/** A loss made ready for one dataset. Scores and slopes run over the rows of class 0, then of class 1, ... */
export interface Objective {
  /** Scores, and trees, a round. */
  readonly numClasses: number;
  /**
   * Writes first and second derivatives of the loss at the given scores. `hessians` must arrive holding ones or
   * the last round's: losses whose hessian is always 1 leave it alone.
   */
  slopes(scores: Float64Array, gradients: Float32Array, hessians: Float32Array): void;
  /** True where every hessian is taken to be the first one. */
  readonly constantHessian: boolean;
  /** Where boosting starts from. */
  initialScore(classIndex: number): number;
  /** False where a class has nothing to learn: no row, or every row. */
  needsTraining(classIndex: number): boolean;
  /** The best value of a leaf given its rows, where the slopes do not tell (absolute losses). */
  readonly renew?: ((rows: Int32Array, scores: Float64Array) => number) | undefined;
  /** As written in the model file. */
  readonly text: string;
}

/**
 * Makes the loss of the parameters ready for a dataset.
 *
 * The arithmetic, float by float, is LightGBM's (`regression_objective.hpp`, `binary_objective.hpp`,
 * `multiclass_objective.hpp`): labels, weights and slopes have 32 bits, the rest 64.
 *
 * @throws TrainyardError of kind `data` for labels outside the loss's domain.
 */
export function createObjective(
  name: Exclude<ObjectiveName, 'custom'>,
  dataset: Dataset,
  parameters: ResolvedParameters,
): Objective {
  return objectives[name](dataset, parameters);
}

const round = Math.fround;

const objectives: Record<
  Exclude<ObjectiveName, 'custom'>,
  (dataset: Dataset, parameters: ResolvedParameters) => Objective
> = {
  regression: (dataset) =>
    pointwise(dataset, {
      text: 'regression',
      constantHessian: dataset.weight === undefined,
      gradient: (difference, weight) => round(difference) * weight,
      hessian: (_, weight) => weight,
      initialScore: () => meanLabel(dataset),
    }),

  regressionL1: (dataset) =>
    pointwise(dataset, {
      text: 'regression_l1',
      constantHessian: dataset.weight === undefined,
      gradient: (difference, weight) => Math.sign(difference) * weight,
      hessian: (_, weight) => weight,
      initialScore: () => labelPercentile(dataset, dataset.weight, 0.5),
      renew: residualPercentile(dataset, dataset.weight, 0.5),
    }),

  huber: (dataset, { alpha }) =>
    pointwise(dataset, {
      text: 'huber',
      constantHessian: dataset.weight === undefined,
      gradient: (difference, weight) =>
        Math.abs(difference) <= alpha ? difference * weight : Math.sign(difference) * weight * alpha,
      hessian: (_, weight) => weight,
      initialScore: () => meanLabel(dataset),
    }),

  fair: (dataset, { fairC: c }) =>
    pointwise(dataset, {
      text: 'fair',
      constantHessian: false,
      gradient: (x, weight) => ((c * x) / (Math.abs(x) + c)) * weight,
      hessian: (x, weight) => ((c * c) / ((Math.abs(x) + c) * (Math.abs(x) + c))) * weight,
      initialScore: () => meanLabel(dataset),
    }),

  poisson: poisson,

  quantile: (dataset, parameters) => {
    const alpha = round(parameters.alpha);
    const above = round(1 - alpha);
    return pointwise(dataset, {
      text: 'quantile',
      constantHessian: dataset.weight === undefined,
      gradient: (difference, weight) => (round(difference) >= 0 ? above * weight : -alpha * weight),
      hessian: (_, weight) => weight,
      initialScore: () => labelPercentile(dataset, dataset.weight, alpha),
      renew: residualPercentile(dataset, dataset.weight, alpha),
    });
  },

  // LightGBM says that the hessian is constant with weights too, which makes it crash or train on something else
  // depending on how it lays out histograms; here, as in its row-wise layout, the weights count.
  mape: (dataset) => {
    const { label, weight } = dataset;
    const labelWeight = label.map((y, i) => round(1 / Math.max(1, Math.abs(y))) * (weight?.[i] ?? 1));
    return pointwise(
      dataset,
      {
        text: 'mape',
        constantHessian: weight === undefined,
        gradient: (difference, scale) => Math.sign(difference) * scale,
        hessian: (_, __, row) => weight?.[row] ?? 1,
        initialScore: () => labelPercentile(dataset, labelWeight, 0.5),
        renew: residualPercentile(dataset, labelWeight, 0.5),
      },
      labelWeight,
    );
  },

  binary: binary,
  multiclass: multiclass,
};

/** A loss of one score that looks at a row's difference between score and label. */
interface PointwiseLoss {
  text: string;
  constantHessian: boolean;
  gradient(difference: number, weight: number): number;
  hessian(difference: number, weight: number, row: number): number;
  initialScore(): number;
  renew?: (rows: Int32Array, scores: Float64Array) => number;
}

function pointwise(dataset: Dataset, loss: PointwiseLoss, scale = dataset.weight): Objective {
  const { label, numRows } = dataset;
  const { gradient, hessian, text, constantHessian, initialScore, renew } = loss;
  const unit = constantHessian && dataset.weight === undefined;
  return {
    numClasses: 1,
    slopes(scores, gradients, hessians) {
      for (let row = 0; row < numRows; row++) {
        const difference = scores[row] - label[row];
        const weight = scale ? scale[row] : 1;
        gradients[row] = gradient(difference, weight);
        if (!unit) hessians[row] = hessian(difference, weight, row);
      }
    },
    constantHessian,
    initialScore,
    needsTraining: () => true,
    renew,
    text,
  };
}

function poisson(dataset: Dataset, { poissonMaxDeltaStep }: ResolvedParameters): Objective {
  const { label, weight, numRows } = dataset;
  const negative = label.findIndex((y) => y < 0);
  if (negative >= 0) {
    throw dataError(
      `label of row ${negative} is ${label[negative]}; expected at least 0 for poisson`,
      'use another objective, or counts as labels',
    );
  }
  if (label.every((y) => y === 0)) {
    throw dataError('every label is 0; expected at least one above 0 for poisson');
  }
  const step = Math.exp(poissonMaxDeltaStep);
  return {
    numClasses: 1,
    slopes(scores, gradients, hessians) {
      for (let row = 0; row < numRows; row++) {
        const expected = Math.exp(scores[row]);
        const rowWeight = weight ? weight[row] : 1;
        gradients[row] = (expected - label[row]) * rowWeight;
        hessians[row] = expected * step * rowWeight;
      }
    },
    constantHessian: false,
    initialScore: () => log(meanLabel(dataset)),
    needsTraining: () => true,
    text: 'poisson',
  };
}

function binary(dataset: Dataset, parameters: ResolvedParameters): Objective {
  const { label, weight, numRows } = dataset;
  const { sigmoid, isUnbalance, scalePosWeight } = parameters;
  const positives = label.reduce((count, y) => count + (y > 0 ? 1 : 0), 0);
  const negatives = numRows - positives;
  const unbalanced = isUnbalance && positives > 0 && negatives > 0;
  const negativeWeight = unbalanced && positives > negatives ? positives / negatives : 1;
  const positiveWeight = (unbalanced && positives <= negatives ? negatives / positives : 1) * scalePosWeight;
  return {
    numClasses: 1,
    slopes(scores, gradients, hessians) {
      for (let row = 0; row < numRows; row++) {
        const sign = label[row] > 0 ? 1 : -1;
        const labelWeight = label[row] > 0 ? positiveWeight : negativeWeight;
        const response = (-sign * sigmoid) / (1 + Math.exp(sign * sigmoid * scores[row]));
        const size = Math.abs(response);
        const rowWeight = weight ? weight[row] : 1;
        gradients[row] = response * labelWeight * rowWeight;
        hessians[row] = size * (sigmoid - size) * labelWeight * rowWeight;
      }
    },
    constantHessian: false,
    initialScore() {
      let sum = 0;
      let total = 0;
      for (let row = 0; row < numRows; row++) {
        const rowWeight = weight ? weight[row] : 1;
        sum += label[row] > 0 ? rowWeight : 0;
        total += rowWeight;
      }
      const share = Math.max(Math.min(sum / total, 1 - epsilon), epsilon);
      return log(share / (1 - share)) / sigmoid;
    },
    needsTraining: () => positives > 0 && negatives > 0,
    text: `binary sigmoid:${sigmoid}`,
  };
}

function multiclass(dataset: Dataset, { numClass }: ResolvedParameters): Objective {
  const { label, weight, numRows } = dataset;
  const shares = new Float64Array(numClass);
  let total = 0;
  for (let row = 0; row < numRows; row++) {
    if (!Number.isInteger(label[row]) || label[row] < 0 || label[row] >= numClass) {
      throw dataError(
        `label of row ${row} is ${label[row]}; expected an integer from 0 to ${numClass - 1} for multiclass`,
        'number the classes from 0, or raise numClass',
      );
    }
    shares[label[row]] += weight ? weight[row] : 1;
    total += weight ? weight[row] : 1;
  }
  for (let k = 0; k < numClass; k++) shares[k] /= total;
  // Rescales the redundant form of K classes to K - 1 free ones (Friedman 2001).
  const factor = numClass / (numClass - 1);
  const chances = new Float64Array(numClass);
  return {
    numClasses: numClass,
    slopes(scores, gradients, hessians) {
      for (let row = 0; row < numRows; row++) {
        for (let k = 0; k < numClass; k++) chances[k] = scores[k * numRows + row];
        softmax(chances, Math.exp);
        const rowWeight = weight ? weight[row] : 1;
        for (let k = 0; k < numClass; k++) {
          const p = chances[k];
          gradients[k * numRows + row] = (label[row] === k ? p - 1 : p) * rowWeight;
          hessians[k * numRows + row] = factor * p * (1 - p) * rowWeight;
        }
      }
    },
    constantHessian: false,
    initialScore: (k) => log(Math.max(epsilon, shares[k])),
    needsTraining: (k) => shares[k] > epsilon && shares[k] < 1 - epsilon,
    text: `multiclass num_class:${numClass}`,
  };
}

function meanLabel({ label, weight, numRows }: Dataset): number {
  let sum = 0;
  let total = weight ? 0 : numRows;
  for (let row = 0; row < numRows; row++) {
    sum += weight ? label[row] * weight[row] : label[row];
    if (weight) total += weight[row];
  }
  return sum / total;
}

function labelPercentile({ label }: Dataset, weights: Float32Array | undefined, alpha: number): number {
  const values = Float64Array.from(label);
  return weights
    ? weightedPercentile(values, Float64Array.from(weights), alpha, round)
    : percentile(values, alpha, round);
}

function residualPercentile(
  { label }: Dataset,
  weights: Float32Array | undefined,
  alpha: number,
): (rows: Int32Array, scores: Float64Array) => number {
  return (rows, scores) => {
    const residuals = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) residuals[i] = label[rows[i]] - scores[rows[i]];
    if (!weights) return percentile(residuals, alpha);
    const rowWeights = Float64Array.from(rows, (row) => weights[row]);
    return weightedPercentile(residuals, rowWeights, alpha);
  };
}
