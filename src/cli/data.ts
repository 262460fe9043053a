import { Command } from 'commander';
import { describeCommand } from './dataDescribe.ts';
import { fetchCommand } from './dataFetch.ts';
import { simulateCommand } from './dataSimulate.ts';

/** `trainyard data …`: everything about data files. */
export function dataCommand(): Command {
  return new Command('data')
    .summary('describe, fetch and simulate data')
    .addCommand(describeCommand())
    .addCommand(fetchCommand())
    .addCommand(simulateCommand());
}
