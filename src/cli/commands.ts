import type { Command } from 'commander';
import { backtestCommand } from './backtest.ts';
import { dataCommand } from './data.ts';
import { demoCommand } from './demo.ts';
import { forecastCommand } from './forecast.ts';
import { gbdtCommand } from './gbdt.ts';
import { imputeCommand } from './impute.ts';

/** Every command, in the order of `--help`. Their modules must stay light: heavy imports go inside actions. */
export const commands: readonly (() => Command)[] = [
  demoCommand,
  forecastCommand,
  backtestCommand,
  imputeCommand,
  dataCommand,
  gbdtCommand,
];
