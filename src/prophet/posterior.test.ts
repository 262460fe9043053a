import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { createDesign, normalVector } from './design.ts';
import { turnIntoRateAndOffset } from './maximise.ts';
import {
  bestSigma,
  emptyEvaluation,
  evaluate,
  leastSigma,
  linearise,
  logPosterior,
  type Problem,
} from './posterior.ts';
import type { Growth } from './trend.ts';

const rows = 40;

describe.each([
  ['linear', false],
  ['linear', true],
  ['flat', true],
  ['logistic', false],
  ['logistic', true],
] as const)('%s growth, multiplicative: %s', (growth, multiplicative) => {
  it('has the derivative that finite differences have', () => {
    const problem = problemOf(growth, multiplicative);
    const random = randomStream(2, 'point');
    const theta = Float64Array.from({ length: 2 + 3 + 4 }, () => 0.5 * random.normal());
    const evaluation = emptyEvaluation(rows);
    const halfSquares = (at: Float64Array) => {
      evaluate(problem, at, evaluation);
      return evaluation.squares / 2;
    };
    const gradient = new Float64Array(theta.length);
    evaluate(problem, theta, evaluation);
    normalVector(problem.design, linearise(problem, evaluation), evaluation.residual, gradient);
    if (growth === 'logistic') turnIntoRateAndOffset(theta, gradient);
    const varying = growth === 'flat' ? [1, 2, 3, 4] : theta.keys();
    for (const j of varying) {
      const [above, below] = [1e-5, -1e-5].map((step) =>
        halfSquares(theta.map((v, i) => (i === j ? v + step : v))),
      );
      expect(-(above - below) / 2e-5).toBeCloseTo(gradient[j], 6);
    }
  });

  it('is the mean that the model is defined by', () => {
    const problem = problemOf(growth, multiplicative);
    const theta = Float64Array.of(0.7, 0.2, 0.1, -0.2, 0.3, 0.5, -0.4, 0.2, 0.1);
    const evaluation = emptyEvaluation(rows);
    evaluate(problem, theta, evaluation);
    for (let i = 0; i < rows; i++) {
      const mean = plainMean(problem, theta, i);
      expect(problem.values[i] - evaluation.residual[i]).toBeCloseTo(mean, 12);
    }
  });
});

it('has the noise at which the posterior is highest', () => {
  for (const [count, squares] of [
    [10, 3],
    [1000, 1e-8],
    [3, 500],
  ]) {
    const best = bestSigma(count, squares);
    const at = (sigma: number) => logPosterior(count, squares, sigma, 0);
    expect(at(best)).toBeGreaterThan(at(best * 1.001));
    expect(at(best)).toBeGreaterThan(at(best * 0.999));
  }
  expect(bestSigma(10, 0)).toBe(leastSigma);
});

function problemOf(growth: Growth, multiplicative: boolean): Problem {
  const random = randomStream(1, 'posterior test', growth);
  const column = () => Float64Array.from({ length: rows }, () => random.normal());
  const times = Float64Array.from({ length: rows }, (_, i) => i / (rows - 1));
  return {
    growth,
    design: createDesign(times, Float64Array.of(0.1, 0.3, 0.5, 0.75), [column(), column(), column()]),
    values: column(),
    cap: growth === 'logistic' ? column().map((value) => 1.2 + 0.1 * Math.abs(value)) : undefined,
    multiplicative: [multiplicative, false, multiplicative],
    priorScales: Float64Array.of(10, 1, 0.1),
    changepointPriorScale: 0.05,
  };
}

// As Stan's program has it: offsets gamma keep the pieces joined.
function plainMean(
  { growth, design, cap, multiplicative }: Problem,
  theta: Float64Array,
  row: number,
): number {
  const t = design.times[row];
  const [k, m] = theta;
  const delta = theta.subarray(5);
  const bends = [...design.changepoints];
  const rates = [k];
  for (const change of delta) rates.push(rates[rates.length - 1] + change);
  let offset = m;
  let passed = 0;
  for (const [j, s] of bends.entries()) {
    const gamma = growth === 'linear' ? -s * delta[j] : (s - offset) * (1 - rates[j] / rates[j + 1]);
    if (t < s) break;
    offset += gamma;
    passed = j + 1;
  }
  const trend =
    growth === 'flat'
      ? m
      : cap
        ? cap[row] / (1 + Math.exp(-rates[passed] * (t - offset)))
        : rates[passed] * t + offset;
  const part = (kind: boolean) =>
    design.columns.reduce(
      (sum, column, c) => sum + (multiplicative[c] === kind ? theta[2 + c] * column[row] : 0),
      0,
    );
  return trend * (1 + part(true)) + part(false);
}
