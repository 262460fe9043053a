import { Command } from 'commander';
import { usageError } from '../core/errors.ts';
import {
  addForecastOptions,
  type ForecastFlags,
  resumable,
  setUpForecast,
  wholeNumber,
} from './forecastOptions.ts';
import { addPanelOptions } from './panelOptions.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';

/** The options of `forecast`; `demo` calls it with its own. */
export interface ForecastCommandFlags extends ForecastFlags {
  at?: string;
  past: string;
}

/** `trainyard forecast FILES… --out DIR`: the next hours of every series, with a report. */
export function forecastCommand(): Command {
  const command = new Command('forecast')
    .summary('forecast the next hours of every series, with a report')
    .description(
      'Fills gaps, forecasts every series, says how good such forecasts have been lately.\n' +
        'Writes forecast.csv and .parquet, scores.json and report.html, and submission.csv for data of KDD Cup 2018.',
    )
    .argument('<files...>', 'CSV, .csv.gz, Parquet, JSON lines or .tsf files; quoted patterns are expanded')
    .requiredOption('--out <folder>', 'folder for the results')
    .option(
      '--at <moment>',
      'first hour to forecast, for instance 2018-04-29 (default: the hour after the data)',
    )
    .option('--past <n>', 'earlier starts to show the forecasts of beside what came true; 0 for none', '14');
  addForecastOptions(command, 'medianOfMedians,seasonalNaive,naive');
  addPanelOptions(command);
  return addCommonOptions(command).action((files: string[], flags: ForecastCommandFlags) =>
    runCommand(flags, (context) => forecast(files, flags, context)),
  );
}

/** Does the work of the command. */
export async function forecast(
  files: string[],
  flags: ForecastCommandFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const { formatTime, parseTime } = await import('../panel/timeText.ts');
  const at = flags.at === undefined ? undefined : parseTime(flags.at, '--at');
  const past = wholeNumber('--past', flags.past, 0);
  const setUp = await setUpForecast(files, flags, context);
  const { panel, report, rolling, metric, seed } = setUp;
  const [
    { openOutputFolder },
    { openFoldStore },
    { rollingForecast },
    { scoreTable },
    { selectStarts },
    panels,
  ] = await Promise.all([
    import('../core/outputFiles.ts'),
    import('../forecast/foldStore.ts'),
    import('../forecast/rollingForecast.ts'),
    import('../metrics/scoreTable.ts'),
    import('../metrics/forecastTable.ts'),
    import('../panel/panel.ts'),
  ]);
  const start = at ?? panels.timeAt(panel, panel.length);
  const index = panels.indexAt(panel, start);
  if (index > panel.length || index < 1) {
    throw usageError(
      `--at ${formatTime(start)} is outside the data`,
      `the data allows ${formatTime(panels.timeAt(panel, 1))} to ${formatTime(panels.timeAt(panel, panel.length))} UTC`,
    );
  }
  // What came after the start is not shown either: the report is that of a forecast.
  const seen = panels.slicePanel(panel, 0, index);
  const starts = pastStarts(start, past, seen.start, rolling.every, rolling.horizon * panel.step);

  const out = await openOutputFolder(flags.out);
  try {
    const store = openFoldStore(flags.out, panels.fingerprint(seen), (kept, all) =>
      terminal.info(`going on from an interrupted run: ${kept} of ${all} folds are there`),
    );
    const table = await resumable(() => rollingForecast(seen, { ...rolling, starts, store }));
    const future = selectStarts(table, starts.length - 1, starts.length);
    const known = starts.filter((one) => one + rolling.horizon * panel.step <= start).length;
    const backtest = known > 0 ? selectStarts(table, 0, known) : undefined;
    const scores = backtest && scoreTable(backtest, { kdd2018: metric === 'kdd2018', seed });

    const [{ provenanceOf, scoresText, writeReport, nullForNaN }, files_, { imputePanel }, { isKdd2018 }] =
      await Promise.all([
        import('./results.ts'),
        import('../forecast/forecastFiles.ts'),
        import('../impute/chain.ts'),
        import('../panel/kddTargets.ts'),
      ]);
    await files_.writeForecastFiles(future, out.pathFor('forecast.csv'), out.pathFor('forecast.parquet'), {
      future: true,
    });
    if (isKdd2018(report)) await files_.writeSubmission(future, 0, out.pathFor('submission.csv'));
    const silent = future.models.flatMap(({ model, point }) =>
      future.series
        .filter((_, s) => Number.isNaN(point[s * future.horizon]))
        .map(({ id }) => `${model} has no forecast of ${id}: no reading in its windows`),
    );
    for (const line of silent) terminal.warn(line);
    await writeReport(out, {
      title: `Forecast of ${panel.series.length} series from ${formatTime(start).slice(0, 16)} UTC`,
      provenance: provenanceOf(setUp, { 'forecast start': `${formatTime(start)} UTC` }),
      panel: imputePanel(seen, rolling.steps ?? []),
      reading: report,
      forecasts: future.models.map((_, m) => ({
        model: future.models[m].model,
        forecast: forecastOf(future, m),
      })),
      backtest,
      scores,
      warnings: silent,
    });
    const paths = await out.commit();
    await store.clear();
    if (flags.json) terminal.data(JSON.stringify({ scores, files: paths }, nullForNaN, 2));
    else if (scores)
      terminal.data(
        `how good such forecasts were from ${known} earlier starts:\n${scoresText(scores, metric)}`,
      );
    terminal.info(`wrote ${paths.join(', ')}`);
  } finally {
    await out.discard();
  }
}

// Earlier starts, and the start itself: the latest ones whose outcome is known when the forecast is made come last.
function pastStarts(start: number, past: number, first: number, every: number, length: number): number[] {
  const overlapping = Math.ceil(length / every) - 1;
  const count = past === 0 ? 0 : past + overlapping;
  // At least a day of history for the earliest.
  const possible = Math.max(0, Math.floor((start - first - 86_400_000) / every));
  return Array.from({ length: Math.min(count, possible) + 1 }, (_, k) => start - k * every).reverse();
}

function forecastOf(
  table: import('../metrics/forecastTable.ts').ForecastTable,
  m: number,
): import('../forecast/forecaster.ts').Forecast {
  const { point, intervals } = table.models[m];
  const perSeries = (values: Float64Array) =>
    table.series.map((_, s) => values.subarray(s * table.horizon, (s + 1) * table.horizon));
  return {
    start: table.starts[0],
    step: table.step,
    horizon: table.horizon,
    point: perSeries(point),
    intervals: intervals.map(({ level, lower, upper }) => ({
      level,
      lower: perSeries(lower),
      upper: perSeries(upper),
    })),
  };
}
