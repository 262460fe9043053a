export { type TrainingGraphOptions, trainingGraph } from './trainingGraph.ts';
export {
  createTrainingStep,
  type StepReport,
  type TrainingStep,
  type TrainingStepOptions,
} from './trainingStep.ts';
