import { Command } from 'commander';
import { throwIfCancelled, usageError } from '../core/errors.ts';
import { addForecastOptions, type ForecastFlags, resumable, setUpForecast } from './forecastOptions.ts';
import { addPanelOptions } from './panelOptions.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';

interface BacktestFlags extends ForecastFlags {
  from: string;
  to: string;
  proveNoLeak?: boolean;
}

/** `trainyard backtest FILES… --from --to`: how good forecasts would have been. */
export function backtestCommand(): Command {
  const command = new Command('backtest')
    .summary('forecast from many past days and compare with what came true')
    .description(
      'Forecasts from every day of a range with nothing but the data before it, and compares with what came true.\n' +
        'Writes backtest.csv and .parquet, scores.json and report.html; prints the scores.',
    )
    .argument('<files...>', 'CSV, .csv.gz, Parquet, JSON lines or .tsf files; quoted patterns are expanded')
    .requiredOption('--from <day>', 'first forecast start, for instance 2018-04-01 (00:00 UTC)')
    .requiredOption('--to <day>', 'last forecast start')
    .requiredOption('--out <folder>', 'folder for the results')
    .option(
      '--prove-no-leak',
      'overwrite everything after each cutoff by garbage, rerun, and demand identical forecasts',
    );
  addForecastOptions(command, 'medianOfMedians,seasonalNaive,naive');
  addPanelOptions(command);
  return addCommonOptions(command).action((files: string[], flags: BacktestFlags) =>
    runCommand(flags, (context) => backtest(files, flags, context)),
  );
}

async function backtest(files: string[], flags: BacktestFlags, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const { parseTime, formatDay } = await import('../panel/timeText.ts');
  const [from, to] = [parseTime(flags.from, '--from'), parseTime(flags.to, '--to')];
  if (from > to) throw usageError(`--from ${flags.from} is after --to ${flags.to}`, 'swap them');
  const setUp = await setUpForecast(files, flags, context);
  const { panel, report, rolling, metric, seed } = setUp;
  const starts: number[] = [];
  for (let start = from; start <= to; start += rolling.every) starts.push(start);

  const [{ openOutputFolder }, { openFoldStore }, { rollingForecast }, { scoreTable }] = await Promise.all([
    import('../core/outputFiles.ts'),
    import('../forecast/foldStore.ts'),
    import('../forecast/rollingForecast.ts'),
    import('../metrics/scoreTable.ts'),
  ]);
  const out = await openOutputFolder(flags.out);
  try {
    const store = openFoldStore(flags.out, panel, (kept, all) =>
      terminal.info(`going on from an interrupted run: ${kept} of ${all} folds are there`),
    );
    const table = await resumable(() => rollingForecast(panel, { ...rolling, starts, store }));
    const scores = scoreTable(table, { kdd2018: metric === 'kdd2018', seed });
    let leakage: Awaited<ReturnType<typeof import('../forecast/proveNoLeak.ts').proveNoLeak>> | undefined;
    if (flags.proveNoLeak) {
      const { proveNoLeak } = await import('../forecast/proveNoLeak.ts');
      leakage = await resumable(() => proveNoLeak(panel, table, { ...rolling, starts, seed }));
      terminal.info(
        leakage.passed
          ? `no leakage: ${leakage.compared} numbers at ${leakage.cutoffs} cutoffs are bit-identical without the future`
          : `LEAKAGE: ${leakage.different} of ${leakage.compared} numbers change when the future does`,
      );
    }
    const [{ provenanceOf, scoresText, writeReport, nullForNaN }, { writeForecastFiles }, { imputePanel }] =
      await Promise.all([
        import('./results.ts'),
        import('../forecast/forecastFiles.ts'),
        import('../impute/chain.ts'),
      ]);
    await writeForecastFiles(table, out.pathFor('backtest.csv'), out.pathFor('backtest.parquet'));
    await writeReport(out, {
      title: `Backtest of ${panel.series.length} series, ${formatDay(from)} to ${formatDay(to)}`,
      provenance: provenanceOf(setUp, {
        starts: `${starts.length}, from ${flags.from} to ${flags.to} every ${flags.every}`,
      }),
      panel: imputePanel(panel, rolling.steps ?? []),
      reading: report,
      backtest: table,
      scores,
      leakage,
    });
    await resumable(async () => throwIfCancelled(signal));
    const paths = await out.commit();
    await store.clear();
    terminal.data(
      flags.json
        ? JSON.stringify({ scores, leakage, files: paths }, nullForNaN, 2)
        : scoresText(scores, metric),
    );
    terminal.info(`wrote ${paths.join(', ')}`);
    if (leakage && !leakage.passed)
      throw usageError('the backtest saw the future', leakage.examples.join('; '));
  } finally {
    await out.discard();
  }
}
