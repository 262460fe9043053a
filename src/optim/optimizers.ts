import { usageError } from '../core/errors.ts';
import { add, div, mul, sqrt, sub } from '../runtime/vectorKernel.ts';
import type { OptimizerRule } from './optimizerRule.ts';

/** Options that all optimisers have. */
export interface CommonOptions {
  /** Default 0.001, of `sgd` 0.01. */
  readonly learningRate?: number | undefined;
}

/** Options of {@link sgd}. */
export interface SgdOptions extends CommonOptions {
  /** Share of the last direction that is kept. Default 0. */
  readonly momentum?: number | undefined;
  /** Looks ahead along the momentum (Nesterov 1983). Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * Stochastic gradient descent, as in PyTorch: `direction = momentum direction + gradient`,
 * `weight -= learningRate direction`. Weight decay, where set, is added to the gradient (L2).
 */
export function sgd({ learningRate = 0.01, momentum = 0, nesterov = false }: SgdOptions = {}): OptimizerRule {
  assertRange('learningRate', learningRate, 0, Number.POSITIVE_INFINITY);
  assertRange('momentum', momentum, 0, 1);
  return {
    name: 'sgd',
    learningRate,
    state: momentum === 0 ? [] : ['direction'],
    scalars: ['rate', 'momentum', 'weightDecay'],
    scalarsAt: ({ learningRate: rate, weightDecay }) => ({ rate, momentum, weightDecay }),
    formula: ({ weight, gradient, direction, rate, momentum: kept, weightDecay }) => {
      const slope = add(gradient, mul(weightDecay, weight));
      if (momentum === 0) return { weight: sub(weight, mul(rate, slope)) };
      const next = add(mul(kept, direction), slope);
      const along = nesterov ? add(slope, mul(kept, next)) : next;
      return { direction: next, weight: sub(weight, mul(rate, along)) };
    },
  };
}

/** Options of {@link adam} and {@link adamW}. */
export interface AdamOptions extends CommonOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number | undefined;
  /** Decay of the mean of squares. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Default 1e-8. */
  readonly epsilon?: number | undefined;
}

/** Adam (Kingma and Ba 2015), as in PyTorch. Weight decay, where set, is added to the gradient (L2). */
export function adam(options: AdamOptions = {}): OptimizerRule {
  return adamRule('adam', options, false);
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), as in PyTorch: weights shrink by
 * `learningRate weightDecay` of themselves, apart from the gradient.
 */
export function adamW(options: AdamOptions = {}): OptimizerRule {
  return adamRule('adamW', options, true);
}

function adamRule(
  name: string,
  { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  decoupled: boolean,
): OptimizerRule {
  assertRange('learningRate', learningRate, 0, Number.POSITIVE_INFINITY);
  assertRange('beta1', beta1, 0, 1);
  assertRange('beta2', beta2, 0, 1);
  return {
    name,
    learningRate,
    state: ['mean', 'square'],
    scalars: [
      'rate',
      'fresh1',
      'beta2',
      'fresh2',
      'correction2',
      'epsilon',
      decoupled ? 'shrink' : 'weightDecay',
    ],
    scalarsAt: ({ step, learningRate: rate, weightDecay }, by) => ({
      rate: by.div(rate, by.sub(1, by.pow(beta1, step))),
      fresh1: 1 - beta1,
      beta2,
      fresh2: 1 - beta2,
      correction2: by.sqrt(by.sub(1, by.pow(beta2, step))),
      epsilon,
      shrink: by.sub(1, by.mul(rate, weightDecay)),
      weightDecay,
    }),
    formula: ({ weight, gradient, mean, square, ...s }) => {
      const slope = decoupled ? gradient : add(gradient, mul(s.weightDecay, weight));
      const start = decoupled ? mul(weight, s.shrink) : weight;
      const nextMean = add(mean, mul(s.fresh1, sub(slope, mean)));
      const nextSquare = add(mul(s.beta2, square), mul(s.fresh2, mul(slope, slope)));
      const scale = add(div(sqrt(nextSquare), s.correction2), s.epsilon);
      return { mean: nextMean, square: nextSquare, weight: sub(start, mul(s.rate, div(nextMean, scale))) };
    },
  };
}

/** Options of {@link rmsProp}. */
export interface RmsPropOptions extends CommonOptions {
  /** Decay of the mean of squares. Default 0.99. */
  readonly alpha?: number | undefined;
  /** Default 0. */
  readonly momentum?: number | undefined;
  /** Default 1e-8. */
  readonly epsilon?: number | undefined;
}

/** RMSprop (Tieleman and Hinton 2012), as in PyTorch. Weight decay, where set, is added to the gradient (L2). */
export function rmsProp({
  learningRate = 0.001,
  alpha = 0.99,
  momentum = 0,
  epsilon = 1e-8,
}: RmsPropOptions = {}): OptimizerRule {
  assertRange('learningRate', learningRate, 0, Number.POSITIVE_INFINITY);
  assertRange('alpha', alpha, 0, 1);
  assertRange('momentum', momentum, 0, 1);
  return {
    name: 'rmsProp',
    learningRate,
    state: momentum === 0 ? ['square'] : ['square', 'direction'],
    scalars: ['rate', 'alpha', 'fresh', 'momentum', 'epsilon', 'weightDecay'],
    scalarsAt: ({ learningRate: rate, weightDecay }) => ({
      rate,
      alpha,
      fresh: 1 - alpha,
      momentum,
      epsilon,
      weightDecay,
    }),
    formula: ({ weight, gradient, square, direction, ...s }) => {
      const slope = add(gradient, mul(s.weightDecay, weight));
      const next = add(mul(s.alpha, square), mul(s.fresh, mul(slope, slope)));
      const scaled = div(slope, add(sqrt(next), s.epsilon));
      if (momentum === 0) return { square: next, weight: sub(weight, mul(s.rate, scaled)) };
      const along = add(mul(s.momentum, direction), scaled);
      return { square: next, direction: along, weight: sub(weight, mul(s.rate, along)) };
    },
  };
}

/** Options of {@link adagrad}. */
export interface AdagradOptions extends CommonOptions {
  /** Default 1e-10. */
  readonly epsilon?: number | undefined;
}

/** Adagrad (Duchi et al. 2011), as in PyTorch. Weight decay, where set, is added to the gradient (L2). */
export function adagrad({ learningRate = 0.01, epsilon = 1e-10 }: AdagradOptions = {}): OptimizerRule {
  assertRange('learningRate', learningRate, 0, Number.POSITIVE_INFINITY);
  return {
    name: 'adagrad',
    learningRate,
    state: ['square'],
    scalars: ['rate', 'epsilon', 'weightDecay'],
    scalarsAt: ({ learningRate: rate, weightDecay }) => ({ rate, epsilon, weightDecay }),
    formula: ({ weight, gradient, square, rate, epsilon: small, weightDecay }) => {
      const slope = add(gradient, mul(weightDecay, weight));
      const next = add(square, mul(slope, slope));
      return { square: next, weight: sub(weight, mul(rate, div(slope, add(sqrt(next), small)))) };
    },
  };
}

function assertRange(name: string, value: number, least: number, below: number): void {
  if (value >= least && value < below) return;
  throw usageError(`invalid ${name}: ${value}; expected at least ${least} and less than ${below}`);
}
