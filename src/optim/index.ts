export type { NamedArrays } from './arrayLayout.ts';
export {
  createOptimizer,
  type Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  type ParameterGroup,
  type UpdateReport,
} from './optimizer.ts';
export type { OptimizerRule } from './optimizerRule.ts';
export {
  type AdagradOptions,
  type AdamOptions,
  adagrad,
  adam,
  adamW,
  type CommonOptions,
  type RmsPropOptions,
  rmsProp,
  type SgdOptions,
  sgd,
} from './optimizers.ts';
export {
  constantSchedule,
  cosineSchedule,
  oneCycleSchedule,
  type PlateauSchedule,
  reduceOnPlateau,
  type Schedule,
  stepSchedule,
  withWarmUp,
} from './schedules.ts';
