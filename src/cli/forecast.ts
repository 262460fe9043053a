import { Command } from 'commander';
import { throwIfCancelled } from '../core/errors.ts';
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
  const { terminal, signal } = context;
  const { formatTime, parseTime } = await import('../panel/timeText.ts');
  const at = flags.at === undefined ? undefined : parseTime(flags.at, '--at');
  const past = wholeNumber('--past', flags.past, 0);
  const setUp = await setUpForecast(files, flags, context);
  const { panel, report, rolling, metric, seed } = setUp;
  const [{ openOutputFolder }, { openFoldStore }, { forecastPanel }, { scoreTable }, panels] =
    await Promise.all([
      import('../core/outputFiles.ts'),
      import('../forecast/foldStore.ts'),
      import('../forecast/forecastPanel.ts'),
      import('../metrics/scoreTable.ts'),
      import('../panel/panel.ts'),
    ]);
  const start = at ?? panels.timeAt(panel, panel.length);

  const out = await openOutputFolder(flags.out);
  try {
    const store = openFoldStore(flags.out, panel, (kept, all) =>
      terminal.info(`going on from an interrupted run: ${kept} of ${all} folds are there`),
    );
    const {
      history,
      future,
      past: backtest,
    } = await resumable(() => forecastPanel(panel, { ...rolling, at: start, past, store }));
    const scores = backtest && scoreTable(backtest, { kdd2018: metric === 'kdd2018', seed });

    const [
      { provenanceOf, scoresText, writeReport, nullForNaN },
      { writeForecastFiles },
      { submissionNames, writeSubmission },
      { imputePanel },
      { trainImputers },
      { explainFills },
      { isKdd2018 },
      { componentsOf },
    ] = await Promise.all([
      import('./results.ts'),
      import('../forecast/forecastFiles.ts'),
      import('../forecast/submission.ts'),
      import('../impute/chain.ts'),
      import('../impute/neighbours/trainImputers.ts'),
      import('../impute/neighbours/explainFills.ts'),
      import('../panel/kddTargets.ts'),
      import('../forecast/componentsOf.ts'),
    ]);
    await writeForecastFiles(future, out.pathFor('forecast.csv'), out.pathFor('forecast.parquet'), {
      future: true,
    });
    if (isKdd2018(report) && panel.step === panels.hour) {
      for (const [m, name] of submissionNames(future).entries()) {
        const zero = await writeSubmission(future, m, out.pathFor(name));
        if (m === 0 && zero.length > 0)
          terminal.warn(
            `${name} has 0, as the competition counts it, for stations without forecast: ${zero.join(', ')}`,
          );
      }
    }
    const silent = future.models.flatMap(({ model, point }) =>
      future.series
        .filter((_, s) => Number.isNaN(point[s * future.horizon]))
        .map(({ id }) => `${model} has no forecast of ${id}: no reading in its windows`),
    );
    for (const line of silent) terminal.warn(line);
    const steps = rolling.steps ?? [];
    const { models } = await trainImputers(history, steps, {
      workers: rolling.workers,
      signal,
      onProgress: terminal.progress,
    });
    const filled = imputePanel(history, steps, { models });
    await writeReport(out, {
      title: `Forecast of ${panel.series.length} series from ${formatTime(start).slice(0, 16)} UTC`,
      provenance: provenanceOf(setUp, { 'forecast start': `${formatTime(start)} UTC` }),
      panel: filled,
      fills: explainFills(filled, steps, { models }),
      reading: report,
      forecasts: future.models.map((_, m) => ({
        model: future.models[m].model,
        forecast: forecastOf(future, m),
      })),
      components: componentsOf(filled, rolling),
      backtest,
      scores,
      warnings: silent,
    });
    await resumable(async () => throwIfCancelled(signal));
    const paths = await out.commit();
    await store.clear();
    if (flags.json) terminal.data(JSON.stringify({ scores, files: paths }, nullForNaN, 2));
    else if (scores)
      terminal.data(
        `how good such forecasts were from ${backtest?.starts.length} earlier starts:\n${scoresText(scores, metric)}`,
      );
    terminal.info(`wrote ${paths.join(', ')}`);
  } finally {
    await out.discard();
  }
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
