import type { Command } from 'commander';
import { usageError } from '../core/errors.ts';
import type { PanelReading } from '../panel/readingReport.ts';
import type { ReadPanelOptions } from '../panel/readOptions.ts';
import type { CommandContext } from './runCommand.ts';

/** What {@link addPanelOptions} adds to a command's options. */
export interface PanelFlags {
  layout?: string;
  time?: string;
  id?: string;
  value?: string;
  tz?: string;
  timeFormat?: string;
  panelTz?: string;
  freq?: string;
  duplicates?: string;
  negatives?: string;
  stations?: string;
  measures?: string;
  unit?: string;
  exclude?: string;
  dropEmpty?: boolean;
}

/** Adds the options of every command that reads data files. */
export function addPanelOptions(command: Command): Command {
  return command
    .optionsGroup('Reading the files:')
    .option('--layout <name>', 'layout of the files (default: recognised from the header)')
    .option('--time <column>', 'time column of a table in no known layout')
    .option('--id <column>', 'its column of series ids')
    .option('--value <columns>', 'its column of values, or several with commas between them')
    .option('--tz <zone>', "zone of times without an offset (default: the layout's)")
    .option('--time-format <format>', 'strptime format of the times, for instance "%d/%m/%Y %H:%M"')
    .option('--panel-tz <zone>', 'zone in which hours of the day are counted (default: that of the files)')
    .option(
      '--freq <duration>',
      'distance between steps (default: 1h, or the commonest distance in long tables)',
    )
    .option(
      '--duplicates <rule>',
      'which of several readings of one hour counts: first, last or mean',
      'first',
    )
    .option('--negatives <rule>', 'concentrations below zero: missing or keep', 'missing')
    .option('--stations <file>', 'table of coordinates: station,latitude,longitude[,city]')
    .option('--measures <list>', 'measures to take, for instance PM2.5,PM10 (default: all)')
    .option('--unit <list>', 'units where the files do not say, for instance CO=ug/m3,O3=ppb')
    .option('--exclude <list>', 'series or stations to leave out, with * as wildcard')
    .option('--drop-empty', 'leave out series without any reading');
}

/** Reads the files a command was given; says on stderr what was read and what was cleaned. */
export async function readPanelFromOptions(
  files: readonly string[],
  flags: PanelFlags,
  { terminal, signal }: CommandContext,
): Promise<PanelReading> {
  const [{ readPanel }, { formatTime, parseDuration }] = await Promise.all([
    import('../panel/readPanel.ts'),
    import('../panel/timeText.ts'),
  ]);
  const options: ReadPanelOptions = {
    layout: flags.layout,
    time: flags.time,
    id: flags.id,
    value: flags.value,
    timeZone: flags.tz,
    timeFormat: flags.timeFormat,
    panelTimeZone: flags.panelTz,
    step: flags.freq === undefined ? undefined : parseDuration(flags.freq, '--freq'),
    duplicates: oneOf('--duplicates', flags.duplicates ?? 'first', ['first', 'last', 'mean'] as const),
    negatives: oneOf('--negatives', flags.negatives ?? 'missing', ['missing', 'keep'] as const),
    stations: flags.stations,
    measures:
      flags.measures === undefined || flags.measures === 'all' ? undefined : splitList(flags.measures),
    units: flags.unit === undefined ? undefined : parseUnits(flags.unit),
    signal,
    onProgress: terminal.progress,
  };
  const reading = keepWanted(await readPanel(files, options), flags);
  const { panel, report } = reading;
  const last = formatTime(panel.start + (panel.length - 1) * panel.step);
  terminal.info(
    `read ${panel.series.length} series from ${formatTime(panel.start)} to ${last} UTC ` +
      `(${[...new Set(report.files.map(({ layout }) => layout))].join(', ')})`,
  );
  if (report.duplicates > 0)
    terminal.info(`repeated readings: ${report.duplicates}, took the ${options.duplicates}`);
  if (report.negatives > 0) {
    const done = options.negatives === 'keep' ? 'kept' : 'set missing';
    terminal.info(`concentrations below zero: ${report.negatives}, ${done}`);
  }
  for (const warning of report.warnings) terminal.warn(warning);
  return reading;
}

/**
 * Checks an option that takes one of a few words.
 *
 * @throws TrainyardError of kind `usage` naming the option, the word found and the words expected.
 */
export function oneOf<Word extends string>(option: string, found: string, expected: readonly Word[]): Word {
  const word = expected.find((candidate) => candidate === found);
  if (word === undefined) throw usageError(`invalid ${option}: ${found}; expected ${expected.join(', ')}`);
  return word;
}

/** The words of a comma-separated option. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function keepWanted({ panel, report }: PanelReading, { exclude, dropEmpty }: PanelFlags): PanelReading {
  const patterns = splitList(exclude ?? '').map(wildcard);
  const observed = new Map(report.series.map((series) => [series.id, series.observed]));
  const series = panel.series.filter(
    ({ id, station }) =>
      !patterns.some((pattern) => pattern.test(id) || pattern.test(station)) &&
      !(dropEmpty && observed.get(id) === 0),
  );
  if (series.length === panel.series.length) return { panel, report };
  if (series.length === 0) {
    throw usageError('no series left after --exclude and --drop-empty', 'leave fewer out');
  }
  const kept = new Set(series.map(({ id }) => id));
  const readings = report.series.filter(({ id }) => kept.has(id));
  return {
    panel: { ...panel, series },
    report: {
      ...report,
      series: readings,
      duplicates: readings.reduce((sum, { duplicates }) => sum + duplicates, 0),
      negatives: readings.reduce((sum, { negatives }) => sum + negatives, 0),
    },
  };
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

function parseUnits(text: string): Record<string, string> {
  return Object.fromEntries(
    splitList(text).map((pair) => {
      const [measure, unit] = pair.split('=');
      if (!measure || !unit) {
        throw usageError(`invalid --unit: ${pair}; expected MEASURE=UNIT such as CO=ug/m3`);
      }
      return [measure, unit];
    }),
  );
}
