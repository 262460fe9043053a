import { Command } from 'commander';
import type { PanelDescription, SeriesDescription } from '../panel/describePanel.ts';
import { hour } from '../panel/panel.ts';
import { addPanelOptions, type PanelFlags, readPanelFromOptions } from './panelOptions.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';
import { decimals, textTable } from './textTable.ts';

interface DescribeFlags extends PanelFlags {
  stuck: string;
  json?: boolean;
  quiet?: boolean;
}

/** `trainyard data describe FILES…`: what the files hold, series by series. */
export function describeCommand(): Command {
  const command = new Command('describe')
    .summary('say what files hold and what is odd about it')
    .description(
      'Reads files as every command does and describes each series: range, observed share, gaps by length,\n' +
        'repeated and negative readings, stuck runs of one value and runs out of range.',
    )
    .argument('<files...>', 'CSV, .csv.gz, Parquet, JSON lines or .tsf files; quoted patterns are expanded')
    .option('--stuck <duration>', 'how long one value must last to count as stuck', '1d')
    .option('--json', 'print the description as JSON on stdout');
  addPanelOptions(command);
  return addCommonOptions(command).action((files: string[], flags: DescribeFlags) =>
    runCommand(flags, (context) => describeFiles(files, flags, context)),
  );
}

async function describeFiles(files: string[], flags: DescribeFlags, context: CommandContext): Promise<void> {
  const [{ describePanel }, { parseDuration }] = await Promise.all([
    import('../panel/describePanel.ts'),
    import('../panel/timeText.ts'),
  ]);
  const stuck = parseDuration(flags.stuck, '--stuck');
  const { panel, report } = await readPanelFromOptions(files, flags, context);
  const description = describePanel(panel, report, { stuck });
  context.terminal.data(
    flags.json ? JSON.stringify(description, undefined, 2) : describeInText(description, flags.stuck),
  );
}

/** The description as aligned tables: files, readings, then gaps; `stuck` as the user wrote it. */
function describeInText(description: PanelDescription, stuck: string): string {
  const { series, start, end, step, length } = description;
  const unit = step === hour ? 'hours' : `steps of ${step / 60_000} minutes`;
  return [
    `${series.length} series of ${length} ${unit}, ${start} to ${end} UTC`,
    '',
    textTable(
      ['file', 'layout', 'rows'],
      description.files.map(({ path, layout, rows }) => [path, layout, String(rows)]),
    ),
    '',
    `stuck: ${unit} in runs of one value of ${stuck} or more; out of range: ${unit} beyond what a working station reports`,
    textTable(readingsHeader, series.map(readingsRow)),
    '',
    `gaps between readings by length in ${unit}; before the first and after the last reading stand apart`,
    textTable(
      ['series', ...gapColumns.map(([from, to]) => rangeText(from, to)), 'longest', 'before', 'after'],
      series.map(gapsRow),
    ),
  ].join('\n');
}

const readingsHeader = [
  'series',
  'unit',
  'first',
  'last',
  'observed',
  'min',
  'median',
  'max',
  'duplicates',
  'negatives',
  'stuck',
  'out of range',
];

function readingsRow(series: SeriesDescription): string[] {
  const { id, unit, first, last, share, minimum, median, maximum, stuck, outOfRange } = series;
  return [
    id,
    unit,
    first?.slice(0, 16) ?? '',
    last?.slice(0, 16) ?? '',
    `${decimals(share * 100, 1)}%`,
    ...[minimum, median, maximum].map((value) =>
      value === null ? '' : String(Number(value.toPrecision(6))),
    ),
    ...[series.duplicates, series.negatives].map((count) => String(count ?? '')),
    String(stuck.steps),
    outOfRange.range === null ? '' : String(outOfRange.steps),
  ];
}

const gapColumns: readonly (readonly [from: number, to: number])[] = [
  [1, 1],
  [2, 3],
  [4, 6],
  [7, 24],
  [25, 72],
  [73, Number.POSITIVE_INFINITY],
];

function gapsRow({ id, gaps, before, after }: SeriesDescription): string[] {
  const counts = gapColumns.map(([from, to]) =>
    gaps.lengths.reduce((sum, { length, count }) => sum + (length >= from && length <= to ? count : 0), 0),
  );
  return [id, ...[...counts, gaps.longest, before, after].map(String)];
}

function rangeText(from: number, to: number): string {
  if (from === to) return String(from);
  return to === Number.POSITIVE_INFINITY ? `${from}+` : `${from}-${to}`;
}
