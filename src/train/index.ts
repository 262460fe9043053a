export {
  createTrainingStep,
  type StepReport,
  type TrainingStep,
  type TrainingStepOptions,
} from './trainingStep.ts';
