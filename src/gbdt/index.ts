export type { BinMapper } from './binMapper.ts';
export {
  type CategoryLists,
  categoryListsOf,
  withCategoryLists,
} from './categoryLists.ts';
export { predictContributions } from './contributions.ts';
export { type CrossValidation, type CrossValidationOptions, crossValidate } from './crossValidate.ts';
export { createDataset, type Dataset, type DatasetOptions, type TrainingData, takeRows } from './dataset.ts';
export { dumpModel, type ModelDump } from './dumpModel.ts';
export type { EvaluationHistory } from './evaluation.ts';
export {
  type Fold,
  type FoldOptions,
  groupedFolds,
  kFolds,
  stratifiedFolds,
  type TimeFoldOptions,
  timeFolds,
} from './folds.ts';
export type { HalvingOptions } from './halving.ts';
export { featureImportance, type ImportanceKind } from './importance.ts';
export type { FoldScores } from './meanScores.ts';
export { createMetrics, type Metric } from './metrics.ts';
export { type Model, numIterations } from './model.ts';
export { loadModel, saveModel } from './modelFiles.ts';
export { readModel } from './modelReader.ts';
export { writeModel } from './modelText.ts';
export {
  defaultParameters,
  type GbdtParameters,
  type ObjectiveName,
  objectiveNames,
  type ResolvedParameters,
  resolveParameters,
} from './parameters.ts';
export { type PredictOptions, predict, predictLeaves, predictRaw } from './predict.ts';
export {
  type SearchOptions,
  type SearchResult,
  type SearchTrial,
  searchParameters,
} from './search.ts';
export type { NumberRange, SearchSpace } from './searchSpace.ts';
export type { FeatureTable, NumberArray } from './table.ts';
export { type CustomObjective, type TrainOptions, type TrainResult, train, trainAsync } from './train.ts';
export type { Tree } from './tree.ts';
