import { Command } from 'commander';
import { fetchCommand } from './dataFetch.ts';
import { simulateCommand } from './dataSimulate.ts';

/** `trainyard data …`: everything about data files. */
export function dataCommand(): Command {
  return new Command('data').summary('describe, fetch and simulate data').addCommand(fetchCommand()).addCommand(simulateCommand());
}
