import type { Command } from 'commander';
import { cancelledError, TrainyardError, usageError } from '../core/errors.ts';
import type { RollingOptions } from '../forecast/rollingForecast.ts';
import type { Panel } from '../panel/panel.ts';
import type { PanelReading } from '../panel/readingReport.ts';
import { oneOf, type PanelFlags, readPanelFromOptions, splitList } from './panelOptions.ts';
import type { CommandContext } from './runCommand.ts';

/** What {@link addForecastOptions} adds. */
export interface ForecastFlags extends PanelFlags {
  horizon: string;
  models: string;
  steps?: string;
  every: string;
  delay: string;
  refit: string;
  levels: string;
  calibration: string;
  metric?: string;
  workers?: string;
  seed: string;
  out: string;
  json?: boolean;
  quiet?: boolean;
}

/** The scores that `--metric` chooses from. */
export const metricNames = ['smape', 'mae', 'rmse', 'mase', 'pinball', 'kdd2018'] as const;
export type MetricName = (typeof metricNames)[number];

/** Adds the options that `forecast` and `backtest` share. */
export function addForecastOptions(command: Command, models: string): Command {
  return command
    .optionsGroup('Forecasting:')
    .option('--horizon <steps>', 'steps to forecast', '48')
    .option(
      '--models <list>',
      'medianOfMedians, seasonalNaive, naive; options as medianOfMedians:windows=11/18/30',
      models,
    )
    .option('--steps <chain>', 'imputation, for instance linear:3,seasonalFill:hour,mean; none for none')
    .option('--every <duration>', 'distance between forecast starts', '1d')
    .option('--delay <duration>', 'hold back the last hours before a start, as a live feed would', '0h')
    .option('--refit <n>', 'fit models anew at every n-th start', '1')
    .option('--levels <list>', 'levels of the prediction intervals in percent; none for none', '80,95')
    .option('--calibration <n>', 'earlier forecasts that calibrate the intervals of each', '28')
    .option('--metric <name>', `score that comes first: ${metricNames.join(', ')}`)
    .option('--workers <n>', 'worker threads; 0 for none (default: one per core)')
    .option('--seed <n>', 'seed of everything random', '1')
    .option('--json', 'print the scores as JSON on stdout');
}

/** What both commands need after reading: the series to forecast, and the options in the library's terms. */
export interface ForecastSetUp extends PanelReading {
  readonly rolling: Omit<RollingOptions, 'starts'>;
  readonly metric: MetricName;
  readonly seed: number;
}

/** Reads the files and the options; for files of KDD Cup 2018 the competition's series are chosen. */
export async function setUpForecast(
  files: readonly string[],
  flags: ForecastFlags,
  context: CommandContext,
): Promise<ForecastSetUp> {
  const [{ parseModels }, { quickSteps, parseSteps }, { parseDuration }, { isKdd2018, kddTargets }] =
    await Promise.all([
      import('../forecast/registry.ts'),
      import('../impute/chain.ts'),
      import('../panel/timeText.ts'),
      import('../panel/kddTargets.ts'),
    ]);
  const { terminal, signal } = context;
  const rolling = {
    models: parseModels(flags.models),
    every: parseDuration(flags.every, '--every'),
    horizon: wholeNumber('--horizon', flags.horizon, 1),
    delay: parseDuration(flags.delay, '--delay'),
    refit: wholeNumber('--refit', flags.refit, 1),
    steps: flags.steps === undefined ? quickSteps : parseSteps(flags.steps),
    levels:
      flags.levels === 'none' ? [] : splitList(flags.levels).map((level) => percentage('--levels', level)),
    calibration: wholeNumber('--calibration', flags.calibration, 0),
    workers: flags.workers === undefined ? undefined : wholeNumber('--workers', flags.workers, 0),
    signal,
    onProgress: terminal.progress,
  };
  const seed = wholeNumber('--seed', flags.seed, 0);
  const metric = flags.metric === undefined ? undefined : oneOf('--metric', flags.metric, metricNames);
  const reading = await readPanelFromOptions(files, flags, context);
  const competition = isKdd2018(reading.report);
  let panel = reading.panel;
  if (panel.fillSteps.length > 0) {
    terminal.info(
      'cells that were filled in count as missing: they were filled with knowledge of what came later',
    );
  }
  if (competition && flags.measures === undefined) {
    panel = kddTargets(panel);
    if (panel.series.length < reading.panel.series.length) {
      terminal.info(
        `forecasting the ${panel.series.length} series of KDD Cup 2018 out of ${reading.panel.series.length}; ` +
          '--measures all takes every one',
      );
    }
  }
  assertReadings(panel);
  return {
    panel,
    report: reading.report,
    rolling,
    metric: metric ?? (competition ? 'kdd2018' : 'smape'),
    seed,
  };
}

/** Reads an option that is a whole number. */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least) {
    throw usageError(`invalid ${option}: ${text}; expected a whole number of at least ${least}`);
  }
  return value;
}

/** Runs work that keeps what it finished; being cancelled then says how to go on. */
export async function resumable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TrainyardError && error.kind === 'cancelled') {
      throw cancelledError(
        'stopped; finished folds are kept',
        'run the same command again to go on from there',
      );
    }
    throw error;
  }
}

function percentage(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 100))
    throw usageError(`invalid ${option}: ${text}; expected percentages between 0 and 100`);
  return value;
}

function assertReadings(panel: Panel): void {
  const empty = panel.series.filter(({ values }) => values.every(Number.isNaN)).map(({ id }) => id);
  if (empty.length === 0) return;
  const named = empty.slice(0, 5).join(', ');
  throw usageError(
    `${empty.length} series without any reading: ${named}${empty.length > 5 ? ', …' : ''}`,
    'leave them out by --drop-empty or --exclude',
  );
}
