export { defaultSteps, formatSteps, imputePanel, parseSteps, stepsScope } from './chain.ts';
export { type EvaluationOptions, type EvaluationRow, evaluateImputation } from './evaluate.ts';
export type { ImputeStep, StepOption, StepSpec, StepValue } from './step.ts';
export { imputeSteps } from './steps.ts';
