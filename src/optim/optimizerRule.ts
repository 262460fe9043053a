import type { Expression } from '../runtime/vectorKernel.ts';

/** How an optimiser changes a weight: a formula over arrays that are all as long as the weights. */
export interface OptimizerRule {
  readonly name: string;
  readonly learningRate: number;
  /** Arrays it keeps between updates, zeros at first. */
  readonly state: readonly string[];
  /** Numbers that the formula needs. */
  readonly scalars: readonly string[];
  /** Their values at an update. */
  scalarsAt(update: UpdateSettings): Readonly<Record<string, number>>;
  /** New weight and state from the old ones. */
  formula(terms: FormulaTerms): Readonly<Record<string, Expression>>;
}

/** What differs from update to update. */
export interface UpdateSettings {
  /** Counts updates from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** What a formula is made of; state and scalars come by their names. */
export type FormulaTerms = Readonly<Record<string, Expression>> & {
  readonly weight: Expression;
  readonly gradient: Expression;
};
