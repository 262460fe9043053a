export {
  type AccumulatedReport,
  type AccumulatedStep,
  type AccumulationDescription,
  type AccumulationOptions,
  createAccumulatedStep,
} from './accumulation/accumulatedStep.ts';
export { createEvaluator, type Evaluator } from './accumulation/evaluator.ts';
export { fitMicroBatch, type MicroBatchPlan } from './accumulation/microBatch.ts';
export type { Feeds, Window, WindowSource } from './accumulation/windowRunner.ts';
export {
  type BestEpoch,
  type EpochReport,
  type FitOptions,
  type FitResult,
  type FitState,
  fit,
  validateOn,
} from './fit.ts';
export { type TrainingGraphOptions, trainingGraph } from './trainingGraph.ts';
export {
  createTrainingStep,
  type StepReport,
  type TrainingStep,
  type TrainingStepOptions,
} from './trainingStep.ts';
export {
  formatVerification,
  type Verification,
  type VerificationCheck,
  type VerifyOptions,
  verifyTraining,
} from './verify.ts';
