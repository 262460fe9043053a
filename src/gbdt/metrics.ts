import { usageError } from '../core/errors.ts';
import { epsilon } from './constants.ts';
import type { Dataset } from './dataset.ts';
import type { ObjectiveName, ResolvedParameters } from './parameters.ts';
import { log } from './preciseMath.ts';
import { suggestion } from './suggestion.ts';

/** A measure of predictions on one dataset. */
export interface Metric {
  readonly name: string;
  readonly higherIsBetter: boolean;
  /**
   * @param predictions What the model says (chances, expected values), class after class; raw scores for `auc`.
   */
  evaluate(predictions: Float64Array, dataset: Dataset): number;
  /** True where raw scores are expected instead. */
  readonly fromScores?: boolean;
}

/**
 * The metrics named in the parameters, or the objective's own.
 *
 * Source: LightGBM `regression_metric.hpp`, `binary_metric.hpp`, `multiclass_metric.hpp`.
 *
 * @throws TrainyardError of kind `usage` for unknown names and for metrics that do not fit the objective.
 */
export function createMetrics(parameters: ResolvedParameters): Metric[] {
  const { objective, metric } = parameters;
  const names = metric.length > 0 ? metric : ownMetric[objective];
  return names.map((given) => {
    const name = metricAliases[given] ?? given;
    const make = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
    if (!make) {
      throw usageError(`unknown metric: ${given}`, suggestion(given, Object.keys(metrics)));
    }
    const forClasses = name.startsWith('multi');
    if (objective !== 'custom' && forClasses !== (objective === 'multiclass')) {
      throw usageError(
        `metric ${given} cannot be used with ${objective}`,
        `metrics on ${forClasses ? 'several classes need the objective multiclass' : 'one value do not fit multiclass: use multiLogloss or multiError'}`,
      );
    }
    return make(parameters);
  });
}

const ownMetric: Record<ObjectiveName, readonly string[]> = {
  regression: ['l2'],
  regressionL1: ['l1'],
  huber: ['huber'],
  fair: ['fair'],
  poisson: ['poisson'],
  quantile: ['quantile'],
  mape: ['mape'],
  binary: ['binaryLogloss'],
  multiclass: ['multiLogloss'],
  custom: [],
};

const metricAliases: Record<string, string> = {
  mse: 'l2',
  regression: 'l2',
  meanSquaredError: 'l2',
  rootMeanSquaredError: 'rmse',
  l2Root: 'rmse',
  mae: 'l1',
  regressionL1: 'l1',
  meanAbsoluteError: 'l1',
  meanAbsolutePercentageError: 'mape',
  binary: 'binaryLogloss',
  multiclass: 'multiLogloss',
  softmax: 'multiLogloss',
  binary_logloss: 'binaryLogloss',
  binary_error: 'binaryError',
  multi_logloss: 'multiLogloss',
  multi_error: 'multiError',
};

const metrics: Record<string, (parameters: ResolvedParameters) => Metric> = {
  l2: () => meanLoss('l2', (y, p) => (p - y) * (p - y)),
  rmse: () => meanLoss('rmse', (y, p) => (p - y) * (p - y), Math.sqrt),
  l1: () => meanLoss('l1', (y, p) => Math.abs(p - y)),
  quantile: ({ alpha }) =>
    meanLoss('quantile', (y, p) => (y - p < 0 ? (alpha - 1) * (y - p) : alpha * (y - p))),
  huber: ({ alpha }) =>
    meanLoss('huber', (y, p) => {
      const size = Math.abs(p - y);
      return size <= alpha ? 0.5 * (p - y) * (p - y) : alpha * (size - 0.5 * alpha);
    }),
  fair: ({ fairC: c }) =>
    meanLoss('fair', (y, p) => c * Math.abs(p - y) - c * c * Math.log1p(Math.abs(p - y) / c)),
  poisson: () =>
    meanLoss('poisson', (y, p) => {
      const expected = Math.max(p, Math.fround(1e-10));
      return expected - y * log(expected);
    }),
  mape: () => meanLoss('mape', (y, p) => Math.abs(y - p) / Math.max(1, Math.abs(y))),
  binaryLogloss: () => meanLoss('binary_logloss', (y, p) => -log(Math.max(epsilon, y > 0 ? p : 1 - p))),
  binaryError: () => meanLoss('binary_error', (y, p) => (p > 0.5 === y > 0 ? 0 : 1)),
  auc: () => ({ name: 'auc', higherIsBetter: true, evaluate: areaUnderCurve, fromScores: true }),
  multiLogloss: ({ numClass }) =>
    meanClassLoss('multi_logloss', numClass, (chances, k) => -log(Math.max(epsilon, chances[k]))),
  multiError: ({ numClass, multiErrorTopK }) =>
    meanClassLoss(
      multiErrorTopK === 1 ? 'multi_error' : `multi_error@${multiErrorTopK}`,
      numClass,
      (chances, k) => (chances.filter((chance) => chance >= chances[k]).length > multiErrorTopK ? 1 : 0),
    ),
};

function meanLoss(
  name: string,
  loss: (label: number, prediction: number) => number,
  finish: (mean: number) => number = (mean) => mean,
): Metric {
  return {
    name,
    higherIsBetter: false,
    evaluate(predictions, { label, weight, numRows }) {
      let sum = 0;
      let total = weight ? 0 : numRows;
      for (let row = 0; row < numRows; row++) {
        const rowLoss = loss(label[row], predictions[row]);
        sum += weight ? rowLoss * weight[row] : rowLoss;
        if (weight) total += weight[row];
      }
      return finish(sum / total);
    },
  };
}

function meanClassLoss(
  name: string,
  numClass: number,
  loss: (chances: Float64Array, label: number) => number,
): Metric {
  const chances = new Float64Array(numClass);
  return {
    name,
    higherIsBetter: false,
    evaluate(predictions, { label, weight, numRows }) {
      let sum = 0;
      let total = weight ? 0 : numRows;
      for (let row = 0; row < numRows; row++) {
        for (let k = 0; k < numClass; k++) chances[k] = predictions[k * numRows + row];
        const rowLoss = loss(chances, label[row]);
        sum += weight ? rowLoss * weight[row] : rowLoss;
        if (weight) total += weight[row];
      }
      return sum / total;
    },
  };
}

function areaUnderCurve(scores: Float64Array, { label, weight, numRows }: Dataset): number {
  const order = Array.from({ length: numRows }, (_, row) => row).sort((a, b) => scores[b] - scores[a]);
  let total = 0;
  let area = 0;
  let positives = 0;
  let tiedPositives = 0;
  let tiedNegatives = 0;
  let score = scores[order[0]];
  const closeTies = () => {
    area += tiedNegatives * (tiedPositives * 0.5 + positives);
    positives += tiedPositives;
    tiedPositives = 0;
    tiedNegatives = 0;
  };
  for (const row of order) {
    if (scores[row] !== score) {
      score = scores[row];
      closeTies();
    }
    const rowWeight = weight ? weight[row] : 1;
    total += rowWeight;
    if (label[row] > 0) tiedPositives += rowWeight;
    else tiedNegatives += rowWeight;
  }
  closeTies();
  return positives > 0 && positives !== total ? area / (positives * (total - positives)) : 1;
}
