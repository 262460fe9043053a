import { type Dataset, train, writeModel } from '../src/gbdt/index.ts';

/** One model of many on the same bins. */
export interface ManyTask {
  dataset: Dataset;
  model: number;
}

/** Trains the model and returns the length of its text. */
export function trainOne({ dataset, model }: ManyTask): number {
  const label = dataset.label.map((y, i) => y + ((i * (model + 1)) % 7));
  return writeModel(train({ ...dataset, label }, { numIterations: 100 }).model).length;
}
