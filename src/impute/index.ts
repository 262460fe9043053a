export { defaultSteps, formatSteps, imputePanel, parseSteps, stepsScope } from './chain.ts';
export { countFills, type FillCounts } from './countFills.ts';
export {
  defaultMethods,
  type EvaluationOptions,
  type EvaluationRow,
  evaluateImputation,
} from './evaluate.ts';
export type { Scenario } from './hideCells.ts';
export type { ImputeStep, StepOption, StepSpec, StepValue } from './step.ts';
export { imputeSteps } from './steps.ts';
