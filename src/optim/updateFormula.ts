import { add, type Expression, type Formula, max, min, mul, neg } from '../runtime/vectorKernel.ts';
import type { OptimizerRule } from './optimizerRule.ts';

/**
 * All that an update does to a weight: the rule's formula with scaling and clipping of gradients before it, and
 * averaging of weights behind it. Over arrays `weight`, `gradient`, the rule's own, and `average` if one is kept.
 */
export function updateFormula(
  rule: OptimizerRule,
  {
    clipValue,
    averageDecay,
  }: { readonly clipValue?: number | undefined; readonly averageDecay?: number | undefined },
): Formula<string, string> {
  return {
    arrays: ['weight', 'gradient', ...rule.state, ...(averageDecay === undefined ? [] : ['average'])],
    scalars: [...rule.scalars, 'gradientScale', 'clipValue', 'averageDecay', 'averageFresh'],
    update: (terms, scalars) => {
      const scaled = mul(terms.gradient, scalars.gradientScale);
      const gradient =
        clipValue === undefined ? scaled : min(max(scaled, neg(scalars.clipValue)), scalars.clipValue);
      const updated: Record<string, Expression> = {
        ...rule.formula({ ...terms, ...scalars, weight: terms.weight, gradient }),
      };
      if (averageDecay !== undefined) {
        updated.average = add(
          mul(scalars.averageDecay, terms.average),
          mul(scalars.averageFresh, updated.weight),
        );
      }
      return updated;
    },
  };
}
