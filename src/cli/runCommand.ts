import type { Command } from 'commander';
import { type ErrorKind, TrainyardError } from '../core/errors.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** What every command gets to work with. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once. */
  readonly signal: AbortSignal;
}

/** Adds the options every command has. */
export function addCommonOptions(command: Command): Command {
  return command.option('-q, --quiet', 'print nothing but results, warnings and errors', false);
}

/**
 * Runs the work of a command: turns errors into one message with a remedy on stderr and an exit code
 * (2 wrong usage or data, 1 anything else, 130 cancelled).
 */
export async function runCommand(
  { quiet }: { quiet?: boolean | undefined },
  work: (context: CommandContext) => Promise<void>,
): Promise<void> {
  const terminal = openTerminal({ quiet });
  const controller = new AbortController();
  const cancel = () => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    terminal.warn('stopping; press Ctrl-C again to end at once');
    controller.abort();
  };
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  try {
    await work({ terminal, signal: controller.signal });
  } catch (error) {
    process.exitCode = reportError(error, terminal);
  } finally {
    // After Ctrl-C they stay until the process ends, or a second one would change its exit code.
    if (!controller.signal.aborted) {
      process.off('SIGINT', cancel);
      process.off('SIGTERM', cancel);
    }
  }
}

/** Prints an error and returns the exit code that belongs to it. */
export function reportError(error: unknown, terminal: Terminal): number {
  if (error instanceof TrainyardError) {
    terminal.error(error.message);
    if (error.remedy) terminal.error(`${terminal.bold('fix:')} ${error.remedy}`, '  ');
    return exitCodes[error.kind];
  }
  terminal.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  terminal.error('this is a fault of trainyard itself: please report it with the command you ran', '  ');
  return 1;
}

const exitCodes: Record<ErrorKind, number> = { usage: 2, data: 2, file: 2, network: 1, cancelled: 130 };
