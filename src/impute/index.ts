export { defaultSteps, formatSteps, imputePanel, parseSteps, quickSteps, stepsScope } from './chain.ts';
export { countFills, type FillCounts } from './countFills.ts';
export {
  defaultMethods,
  type EvaluationOptions,
  type EvaluationRow,
  evaluateImputation,
} from './evaluate.ts';
export type { Scenario } from './hideCells.ts';
export {
  type ExplainOptions,
  explainFills,
  type FillExplanation,
  type FillPart,
} from './neighbours/explainFills.ts';
export {
  type TrainedImputers,
  type TrainImputersOptions,
  trainImputers,
} from './neighbours/trainImputers.ts';
export type { ImputeStep, StepOption, StepSpec, StepValue, TrainedModels } from './step.ts';
export { imputeSteps } from './steps.ts';
