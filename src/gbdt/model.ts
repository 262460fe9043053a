import type { Tree } from './tree.ts';

/** A trained model. Plain data: it can be cloned and sent to workers. */
export interface Model {
  readonly trees: readonly Tree[];
  /** Values predicted a row. */
  readonly numClass: number;
  readonly treesPerIteration: number;
  readonly featureNames: readonly string[];
  /** What was seen of each feature: `[min:max]`, categories joined by `:`, or `none`. */
  readonly featureInfos: readonly string[];
  /** The loss as written in the model file, such as `binary sigmoid:1`; undefined for a custom one. */
  readonly objective: string | undefined;
  readonly monotoneConstraints: readonly number[];
  readonly labelIndex: number;
  /** True for random forests made elsewhere: predictions are means over iterations, raw scores still sums. */
  readonly averageOutput: boolean;
  /** Lines of the parameters section of the file, kept as they are. */
  readonly parameters: readonly string[];
  /** Whatever follows that section. */
  readonly trailer: string;
  /** Iterations that early stopping found best; predictions use these unless told otherwise. */
  readonly bestIteration: number | undefined;
}

/** Rounds of boosting in the model. */
export function numIterations(model: Model): number {
  return model.trees.length / model.treesPerIteration;
}
