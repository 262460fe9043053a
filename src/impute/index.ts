export { fillEachSeries, type ImputeStep, type StepSpec } from './step.ts';
