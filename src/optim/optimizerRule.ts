import type { Expression } from '../runtime/vectorKernel.ts';

/** How an optimiser changes a weight: a formula over arrays that are all as long as the weights. */
export interface OptimizerRule {
  readonly name: string;
  readonly learningRate: number;
  /** Arrays it keeps between updates, zeros at first. */
  readonly state: readonly string[];
  /** Numbers that the formula needs. */
  readonly scalars: readonly string[];
  /** Their values at an update, worked out in 64 bits. */
  scalarsAt<Value>(
    update: UpdateSettings<Value>,
    arithmetic: Arithmetic<Value>,
  ): Readonly<Record<string, Value | number>>;
  /** New weight and state from the old ones. */
  formula(terms: FormulaTerms): Readonly<Record<string, Expression>>;
}

/** What differs from update to update. */
export interface UpdateSettings<Value> {
  /** Counts updates from 1. */
  readonly step: Value;
  readonly learningRate: Value;
  readonly weightDecay: number;
}

/** Arithmetic on numbers when training, on tensors when the update is exported. */
export interface Arithmetic<Value> {
  sub(a: Value | number, b: Value | number): Value;
  mul(a: Value | number, b: Value | number): Value;
  div(a: Value | number, b: Value | number): Value;
  pow(a: Value | number, b: Value | number): Value;
  sqrt(a: Value): Value;
}

/** What a formula is made of; state and scalars come by their names. */
export type FormulaTerms = Readonly<Record<string, Expression>> & {
  readonly weight: Expression;
  readonly gradient: Expression;
};
