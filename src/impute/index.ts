export { defaultSteps, formatSteps, imputePanel, imputeSteps, parseSteps, stepsScope } from './chain.ts';
export { type EvaluationOptions, type EvaluationRow, evaluateImputation } from './evaluate.ts';
export { fillEachSeries, type ImputeStep, type StepSpec } from './step.ts';
