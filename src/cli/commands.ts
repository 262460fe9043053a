import type { Command } from 'commander';

/** Every command, in the order of `--help`. Their modules must stay light: heavy imports go inside actions. */
export const commands: readonly (() => Command)[] = [];
