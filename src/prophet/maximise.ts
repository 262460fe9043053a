import { type Linearised, normalMatrix, normalVector } from './design.ts';
import { type L1Problem, l1Solver } from './lasso.ts';
import {
  bestSigma,
  type Evaluation,
  emptyEvaluation,
  evaluate,
  isLinear,
  leastSigma,
  linearise,
  logPosterior,
  type Problem,
  priorCost,
  priorPrecisions,
} from './posterior.ts';

/** Where the posterior is highest. */
export interface Maximum {
  /** Rate k, offset m, coefficients, rate changes. */
  readonly theta: Float64Array;
  readonly sigma: number;
  readonly logPosterior: number;
}

/**
 * Finds the highest posterior. `matrix`, X'X, may be given for a linear model: series on the same rows share it.
 *
 * For a given noise the problem is least squares with an L1 penalty on the rate changes, which `l1Solver` solves
 * exactly; for given parameters the best noise has a closed form. A linear model alternates the two on X'X and X'y
 * alone, without a look at the rows, from much noise to little. Other models are linearised around each point anew
 * (Gauss-Newton, damped as Levenberg and Marquardt do where a step would not help).
 *
 * @param start rate and offset to begin from, where the model is not linear.
 */
export function maximisePosterior(
  problem: Problem,
  start: readonly [number, number],
  matrix?: Float64Array,
): Maximum {
  if (isLinear(problem)) return maximiseLinear(problem, matrix);
  // There may be several maxima: one is looked for from much noise, one from little.
  const first = maximiseByLinearising(problem, start);
  const second = maximiseByLinearising(problem, start, 0.05);
  return second.sigma > leastSigma && second.logPosterior > first.logPosterior ? second : first;
}

function maximiseLinear(problem: Problem, known?: Float64Array): Maximum {
  const { design, values, priorScales } = problem;
  const rows = values.length;
  const free = 2 + priorScales.length;
  const size = free + design.changepoints.length;
  const model: Linearised = { weights: undefined, columns: design.columns };
  const inner = known ?? matrixOf(problem);
  const matrix = inner.slice();
  const precisions = priorPrecisions(problem);
  const solve = l1Solver(size);

  const theta = new Float64Array(size);
  const reference = new Float64Array(size);
  const descent = new Float64Array(size);
  const evaluation = emptyEvaluation(rows);
  evaluate(problem, theta, evaluation);
  const downhill = new Float64Array(size);
  normalVector(design, model, evaluation.residual, downhill);
  clearRate(problem, downhill);
  let sigma = bestSigma(rows, evaluation.squares);

  // Sums from the moments lose digits when the noise is small; the rows say exactly where we are, and the next round
  // starts from there.
  for (let round = 0; round < 6; round++) {
    const before = sigma;
    const logs: number[] = [];
    for (let turn = 0; turn < 200; turn++) {
      const variance = sigma * sigma;
      for (let j = 0; j < free; j++) {
        matrix[j * size + j] = inner[j * size + j] + variance * precisions[j];
        descent[j] = downhill[j] - variance * precisions[j] * reference[j];
      }
      descent.set(downhill.subarray(free), free);
      const penalty = variance / problem.changepointPriorScale;
      solve({ matrix, reference, descent, free, penalty }, theta);
      const squares = Math.max(0, squaresAt(inner, reference, downhill, evaluation.squares, theta));
      const next = bestSigma(rows, squares);
      logs.push(Math.log(next));
      const change = Math.abs(next - sigma);
      sigma = extrapolated(logs);
      if (change <= 1e-8 * next || next === leastSigma) break;
    }
    evaluate(problem, theta, evaluation);
    sigma = bestSigma(rows, evaluation.squares);
    if (Math.abs(sigma - before) <= 1e-7 * sigma) break;
    reference.set(theta);
    normalVector(design, model, evaluation.residual, downhill);
    clearRate(problem, downhill);
  }
  const height = logPosterior(rows, evaluation.squares, sigma, priorCost(problem, precisions, theta));
  return { theta, sigma, logPosterior: height };
}

/** X'X of a linear model. */
export function matrixOf(problem: Problem, inner?: Float64Array): Float64Array {
  const { design } = problem;
  const size = 2 + design.columns.length + design.changepoints.length;
  const matrix = new Float64Array(size * size);
  normalMatrix(design, { weights: undefined, columns: design.columns }, matrix, inner);
  if (problem.growth === 'flat') for (let j = 0; j < size; j++) matrix[j] = matrix[j * size] = 0;
  return matrix;
}

// A flat trend has no rate.
function clearRate({ growth }: Problem, vector: Float64Array): void {
  if (growth === 'flat') vector[0] = 0;
}

function squaresAt(
  matrix: Float64Array,
  reference: Float64Array,
  downhill: Float64Array,
  squares: number,
  theta: Float64Array,
): number {
  const size = theta.length;
  let result = squares;
  for (let i = 0; i < size; i++) {
    const step = theta[i] - reference[i];
    if (step === 0) continue;
    let product = -2 * downhill[i];
    for (let j = 0; j < size; j++) product += matrix[i * size + j] * (theta[j] - reference[j]);
    result += step * product;
  }
  return result;
}

// The noise converges geometrically: where it clearly does, go to the limit at once (Aitken).
function extrapolated(logs: number[]): number {
  const last = logs[logs.length - 1];
  if (logs.length < 3) return Math.exp(last);
  const change = last - logs[logs.length - 2];
  const ratio = change / (logs[logs.length - 2] - logs[logs.length - 3]);
  if (!(ratio > 0 && ratio < 0.5)) return Math.exp(last);
  logs.length = 0;
  return Math.max(leastSigma, Math.exp(last + (change * ratio) / (1 - ratio)));
}

function maximiseByLinearising(
  problem: Problem,
  start: readonly [number, number],
  firstSigma?: number,
): Maximum {
  const { design, values, priorScales } = problem;
  const rows = values.length;
  const free = 2 + priorScales.length;
  const size = free + design.changepoints.length;
  const precisions = priorPrecisions(problem);
  const solve = l1Solver(size);
  const inner = new Float64Array(size * size);
  const matrix = new Float64Array(size * size);
  const downhill = new Float64Array(size);
  const descent = new Float64Array(size);
  const trial = new Float64Array(size);

  let theta = new Float64Array(size);
  theta.set(start);
  let here = emptyEvaluation(rows);
  let there = emptyEvaluation(rows);
  evaluate(problem, theta, here);
  let sigma = firstSigma ?? bestSigma(rows, here.squares);
  let height = logPosterior(rows, here.squares, sigma, priorCost(problem, precisions, theta));
  let damping = 1e-3;
  let small = 0;
  for (let turn = 0; turn < 500 && small < 3; turn++) {
    normalEquationsAt(problem, theta, here, inner, downhill);
    const variance = sigma * sigma;
    const cost = here.squares / 2 + variance * priorCost(problem, precisions, theta);
    let accepted = false;
    while (!accepted && damping < 1e12) {
      matrix.set(inner);
      for (let j = 0; j < size; j++) {
        const precision = j < free ? variance * precisions[j] : 0;
        matrix[j * size + j] += precision + damping * (inner[j * size + j] + 1e-9 * rows);
        descent[j] = downhill[j] - precision * theta[j];
      }
      trial.set(theta);
      const penalty = variance / problem.changepointPriorScale;
      const subproblem: L1Problem = { matrix, reference: theta, descent, free, penalty };
      solve(subproblem, trial);
      evaluate(problem, trial, there);
      const next = there.squares / 2 + variance * priorCost(problem, precisions, trial);
      accepted = next <= cost;
      damping = accepted ? Math.max(damping / 10, 1e-15) : Math.max(damping * 10, 1e-8);
    }
    if (!accepted) break;
    theta = trial.slice();
    [here, there] = [there, here];
    sigma = bestSigma(rows, here.squares);
    const reached = logPosterior(rows, here.squares, sigma, priorCost(problem, precisions, theta));
    small = reached - height < 1e-9 * (1 + Math.abs(reached)) ? small + 1 : 0;
    height = reached;
    if (sigma === leastSigma) break;
  }
  return { theta, sigma, logPosterior: height };
}

function normalEquationsAt(
  problem: Problem,
  theta: Float64Array,
  evaluation: Evaluation,
  matrix: Float64Array,
  downhill: Float64Array,
): void {
  const model = linearise(problem, evaluation);
  normalMatrix(problem.design, model, matrix);
  normalVector(problem.design, model, evaluation.residual, downhill);
  const size = theta.length;
  if (problem.growth === 'flat') {
    for (let j = 0; j < size; j++) matrix[j] = matrix[j * size] = 0;
    clearRate(problem, downhill);
  }
  if (problem.growth !== 'logistic') return;
  for (let j = 0; j < size; j++) turnIntoRateAndOffset(theta, matrix, j, size);
  for (let j = 0; j < size; j++) turnIntoRateAndOffset(theta, matrix, j * size, 1);
  turnIntoRateAndOffset(theta, downhill, 0, 1);
}

/**
 * Turns derivatives by slope and intercept of a straight piece, which stand at `first` and `first + apart`, into those
 * by rate and offset: the argument of the logistic curve is k (t - m) where a line is k t + m.
 */
export function turnIntoRateAndOffset(
  [k, m]: Float64Array,
  derivatives: Float64Array,
  first = 0,
  apart = 1,
): void {
  const intercept = derivatives[first + apart];
  derivatives[first] -= m * intercept;
  derivatives[first + apart] = -k * intercept;
}
