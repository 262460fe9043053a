import { join } from 'node:path';
import { Command } from 'commander';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';

interface DemoFlags {
  out: string;
  seed: string;
  workers?: string;
  quiet?: boolean;
}

/** `trainyard demo --out DIR`: everything at once, on a simulated city. */
export function demoCommand(): Command {
  const command = new Command('demo')
    .summary('simulate a city, clean it, forecast it and write the report')
    .description(
      'Runs the whole way on simulated data: messy CSV, gaps filled, past forecasts scored, 48 hours forecast, report.',
    )
    .requiredOption('--out <folder>', 'folder for the results')
    .option('--seed <n>', 'seed of everything random', '1')
    .option('--workers <n>', 'worker threads; 0 for none (default: one per core)');
  return addCommonOptions(command).action((flags: DemoFlags) =>
    runCommand(flags, (context) => demo(flags, context)),
  );
}

async function demo(flags: DemoFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const [{ simulatePanel, writeSimulation }, { forecast, forecastCommand }, { wholeNumber }] =
    await Promise.all([
      import('../panel/simulate.ts'),
      import('./forecast.ts'),
      import('./forecastOptions.ts'),
    ]);
  const file = join(flags.out, 'simulated.csv.gz');
  const simulation = simulatePanel({ seed: wholeNumber('--seed', flags.seed, 0) });
  await writeSimulation(simulation, file);
  terminal.info(
    `simulated a city that does not exist: ${simulation.panel.series.length} series of ${simulation.panel.length} hours in ${file}`,
  );
  const defaults = forecastCommand().opts();
  await forecast([file], { ...defaults, ...flags, past: '28' } as never, context);
  terminal.info(`open ${join(flags.out, 'report.html')}`);
}
