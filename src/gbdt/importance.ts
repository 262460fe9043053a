import { usageError } from '../core/errors.ts';
import { numIterations as iterationsOf, type Model } from './model.ts';

/** What a feature's importance counts: splits made with it, or the gains of those. */
export type ImportanceKind = 'split' | 'gain';

/**
 * How much each feature matters to a model, in the order of the features. Splits without gain do not count.
 *
 * @param numIterations First so many iterations. Default: the best iteration, or all.
 *
 * @example
 * const gains = featureImportance(model, 'gain');
 */
export function featureImportance(
  model: Model,
  kind: ImportanceKind = 'split',
  numIterations: number = model.bestIteration ?? iterationsOf(model),
): Float64Array {
  if (kind !== 'split' && kind !== 'gain') {
    throw usageError(`invalid kind of importance: ${JSON.stringify(kind)}; expected split or gain`);
  }
  const totals = new Float64Array(model.featureNames.length);
  for (const tree of model.trees.slice(0, numIterations * model.treesPerIteration)) {
    for (const [node, feature] of tree.splitFeature.entries()) {
      const gain = tree.splitGain[node];
      if (gain > 0) totals[feature] += kind === 'split' ? 1 : gain;
    }
  }
  return totals;
}

/** Splits made with each feature, over all trees. */
export function splitCounts(model: Model): Float64Array {
  return featureImportance(model, 'split', iterationsOf(model));
}
