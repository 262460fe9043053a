#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../core/version.ts';
import { commands } from './commands.ts';

const program = new Command('trainyard')
  .description('Train, label and forecast in TypeScript, at native speed, with results you can trust.')
  .version(packageVersion())
  .showHelpAfterError('(add --help for the options)')
  .exitOverride();
for (const command of commands) program.addCommand(inheritSettings(command(), program));

// `| head` closes the pipe once it has seen enough, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
// Messages that nobody reads must not stop the work.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed its message; help and version are no failures, wrong usage is exit code 2.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

// `addCommand` leaves a command with settings of its own; help and errors should behave alike at every level.
function inheritSettings(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
  return command;
}
