import { Command } from 'commander';
import { gbdtInspectCommand } from './gbdtInspect.ts';
import { gbdtPredictCommand } from './gbdtPredict.ts';
import { gbdtTrainCommand } from './gbdtTrain.ts';

/** `trainyard gbdt …`: gradient boosting on tables. */
export function gbdtCommand(): Command {
  return new Command('gbdt')
    .summary('train, use and look at gradient-boosted trees')
    .addCommand(gbdtTrainCommand())
    .addCommand(gbdtPredictCommand())
    .addCommand(gbdtInspectCommand());
}
