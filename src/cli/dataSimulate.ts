import { Command } from 'commander';
import { wholeNumber } from './forecastOptions.ts';
import { splitList } from './panelOptions.ts';
import { addCommonOptions, runCommand } from './runCommand.ts';

interface SimulateFlags {
  out: string;
  seed: string;
  stations: string;
  days: string;
  measures: string;
  start: string;
  truth?: string;
  quiet?: boolean;
}

/** `trainyard data simulate --out FILE`: the readings of a city that does not exist. */
export function simulateCommand(): Command {
  const command = new Command('simulate')
    .summary('simulate the readings of a city that does not exist')
    .description(
      'Simulates a network of correlated stations with daily and weekly cycles, episodes of pollution, sensor faults\n' +
        'and outages, and writes its readings in the long form. The data is plainly marked as simulated.',
    )
    .requiredOption('--out <file>', 'file to write: .csv, .csv.gz or .parquet')
    .option('--seed <n>', 'seed of everything random', '1')
    .option('--stations <n>', 'number of stations', '12')
    .option('--days <n>', 'number of days', '240')
    .option('--measures <list>', 'of PM2.5, PM10, NO2, O3', 'PM2.5,PM10,O3')
    .option('--start <day>', 'first day', '2024-01-01')
    .option('--truth <file>', 'also write what happened, without faults and gaps');
  return addCommonOptions(command).action((flags: SimulateFlags) =>
    runCommand(flags, async ({ terminal }) => {
      const [{ simulatePanel, writeSimulation }, { writePanel }, { parseTime }] = await Promise.all([
        import('../panel/simulate.ts'),
        import('../panel/writePanel.ts'),
        import('../panel/timeText.ts'),
      ]);
      const simulation = simulatePanel({
        seed: wholeNumber('--seed', flags.seed, 0),
        stations: wholeNumber('--stations', flags.stations, 1),
        days: wholeNumber('--days', flags.days, 1),
        measures: splitList(flags.measures),
        start: parseTime(flags.start, '--start'),
      });
      await writeSimulation(simulation, flags.out);
      if (flags.truth !== undefined) await writePanel(simulation.truth, flags.truth);
      const { series, length } = simulation.panel;
      terminal.info(`simulated ${series.length} series of ${length} hours; no such city exists`);
      terminal.info(`wrote ${[flags.out, flags.truth].filter((path) => path !== undefined).join(', ')}`);
    }),
  );
}
