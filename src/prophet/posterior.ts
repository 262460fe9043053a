import type { Design, Linearised } from './design.ts';
import { type Growth, logistic, straightPieces } from './trend.ts';

/** A model whose posterior is to be maximised, on scaled data. */
export interface Problem {
  readonly growth: Growth;
  readonly design: Design;
  /** Scaled values, `[rows]`. */
  readonly values: Float64Array;
  /** Scaled caps, `[rows]`; for logistic growth. */
  readonly cap: Float64Array | undefined;
  /** Of each column of the design: whether it multiplies the trend. */
  readonly multiplicative: readonly boolean[];
  /** Of each column of the design: standard deviation of its coefficient. */
  readonly priorScales: Float64Array;
  /** Scale of the Laplace prior of rate changes. */
  readonly changepointPriorScale: number;
}

/** What the model says at one point of its parameters. */
export interface Evaluation {
  /** `[rows]` each. */
  readonly trend: Float64Array;
  /** 1 + the multiplicative part. */
  readonly factor: Float64Array;
  readonly residual: Float64Array;
  /** Derivative of the trend by its straight pieces; filled for logistic growth only. */
  readonly slope: Float64Array;
  squares: number;
}

/** Arrays for {@link evaluate}. */
export function emptyEvaluation(rows: number): Evaluation {
  const [trend, factor, residual, slope] = Array.from({ length: 4 }, () => new Float64Array(rows));
  return { trend, factor, residual, slope, squares: Number.NaN };
}

/**
 * Evaluates the model; `theta` holds rate k, offset m, coefficients, rate changes, in this order.
 * `mean = trend * (1 + multiplicative) + additive`, `residual = value - mean`.
 */
export function evaluate(problem: Problem, theta: Float64Array, out: Evaluation): void {
  const { growth, design, values, cap, multiplicative } = problem;
  const { columns, changepoints, times } = design;
  const { trend, factor, residual, slope } = out;
  const delta = theta.subarray(2 + columns.length);
  straightPieces(growth, { k: theta[0], m: theta[1], delta, changepoints }, times, trend);
  if (cap) {
    for (let i = 0; i < trend.length; i++) {
      const share = logistic(trend[i]);
      slope[i] = cap[i] * share * (1 - share);
      trend[i] = cap[i] * share;
    }
  }
  factor.fill(1);
  residual.set(values);
  for (let c = 0; c < columns.length; c++) {
    const coefficient = theta[2 + c];
    if (coefficient === 0) continue;
    const column = columns[c];
    if (multiplicative[c]) for (let i = 0; i < column.length; i++) factor[i] += coefficient * column[i];
    else for (let i = 0; i < column.length; i++) residual[i] -= coefficient * column[i];
  }
  let squares = 0;
  for (let i = 0; i < residual.length; i++) {
    const rest = residual[i] - trend[i] * factor[i];
    residual[i] = rest;
    squares += rest * rest;
  }
  out.squares = squares;
}

/** Whether the model is linear in all parameters but the noise. */
export function isLinear({ growth, multiplicative }: Problem): boolean {
  return growth !== 'logistic' && !multiplicative.includes(true);
}

/**
 * The columns of the model's derivative at an evaluated point: `weights` for the trend's straight pieces, and columns
 * of multiplicative terms times the trend.
 */
export function linearise(problem: Problem, { trend, factor, slope }: Evaluation): Linearised {
  const { design, multiplicative, cap } = problem;
  if (isLinear(problem)) return { weights: undefined, columns: design.columns };
  const columns = design.columns.map((column, c) =>
    multiplicative[c] ? column.map((value, i) => value * trend[i]) : column,
  );
  const weights = cap ? factor.map((value, i) => value * slope[i]) : factor.slice();
  return { weights, columns };
}

/**
 * What the prior of the smooth parameters says, as the inverse of their variances: k, m ~ N(0, 5), coefficients ~
 * N(0, priorScale). Rate changes have none here, for theirs is not smooth.
 */
export function priorPrecisions({ priorScales, design }: Problem): Float64Array {
  const precisions = new Float64Array(2 + priorScales.length + design.changepoints.length);
  precisions[0] = 1 / 25;
  precisions[1] = 1 / 25;
  for (let c = 0; c < priorScales.length; c++) precisions[2 + c] = 1 / (priorScales[c] * priorScales[c]);
  return precisions;
}

/** Minus the log prior of everything but the noise, constants dropped. */
export function priorCost(
  { changepointPriorScale, priorScales }: Problem,
  precisions: Float64Array,
  theta: Float64Array,
): number {
  const free = 2 + priorScales.length;
  let cost = 0;
  for (let j = 0; j < free; j++) cost += 0.5 * precisions[j] * theta[j] * theta[j];
  for (let j = free; j < theta.length; j++) cost += Math.abs(theta[j]) / changepointPriorScale;
  return cost;
}

/**
 * The log posterior, constants dropped, as Prophet's Stan program has it: values ~ N(mean, sigma), rate changes ~
 * Laplace(0, changepointPriorScale), sigma ~ N(0, 0.5) above 0, the rest as in {@link priorPrecisions}.
 */
export function logPosterior(rows: number, squares: number, sigma: number, cost: number): number {
  return -cost - 2 * sigma * sigma - rows * Math.log(sigma) - squares / (2 * sigma * sigma);
}

/** The noise at which the posterior is highest, all else given; at least {@link leastSigma}. */
export function bestSigma(rows: number, squares: number): number {
  // The derivative is nought where 4 sigma^4 + rows sigma^2 = squares; this root has no cancellation.
  const variance = (2 * squares) / (rows + Math.sqrt(rows * rows + 16 * squares));
  return Math.max(Math.sqrt(variance), leastSigma);
}

/** Noise of data that the model meets exactly, as in Prophet. */
export const leastSigma = 1e-9;
