import { Command } from 'commander';
import { usageError } from '../core/errors.ts';
import type { EvaluationRow } from '../impute/evaluate.ts';
import type { StepSpec } from '../impute/step.ts';
import type { Panel } from '../panel/panel.ts';
import { wholeNumber } from './forecastOptions.ts';
import { addPanelOptions, type PanelFlags, readPanelFromOptions } from './panelOptions.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';
import { decimals, textTable } from './textTable.ts';

interface ImputeFlags extends PanelFlags {
  steps?: string;
  out?: string;
  evaluate?: boolean;
  methods?: string[];
  seed: string;
  workers?: string;
  json?: boolean;
  quiet?: boolean;
}

/** `trainyard impute FILES… --out FILE` fills gaps; with `--evaluate` it measures how well. */
export function imputeCommand(): Command {
  const command = new Command('impute')
    .summary('fill missing values, or measure how well that works')
    .description(
      'Fills missing values by a chain of steps and writes the panel in the long form with a filled_by column.\n' +
        'With --evaluate: hides known values, fills them, and scores only those, method by method.',
    )
    .argument('<files...>', 'CSV, .csv.gz, Parquet, JSON lines or .tsf files; quoted patterns are expanded')
    .option(
      '--steps <chain>',
      'steps in order, for instance linear:3,seasonalFill:hour,mean (default: linear:72,median:hour)',
    )
    .option('--out <file>', 'file to write: .csv, .csv.gz or .parquet')
    .option('--evaluate', 'hide known values, fill them and score only those')
    .option('--methods <chain...>', 'chains to compare in the evaluation (default: --steps and single steps)')
    .option('--seed <n>', 'seed of what is hidden', '1')
    .option('--workers <n>', 'worker threads; 0 for none (default: one per core)')
    .option('--json', 'print the summary or the evaluation as JSON on stdout');
  addPanelOptions(command);
  return addCommonOptions(command).action((files: string[], flags: ImputeFlags) =>
    runCommand(flags, (context) => impute(files, flags, context)),
  );
}

async function impute(files: string[], flags: ImputeFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  if (flags.out === undefined && !flags.evaluate) {
    throw usageError(
      'nothing to do: neither --out nor --evaluate',
      'add --out filled.parquet, or --evaluate',
    );
  }
  const { defaultSteps, formatSteps, imputePanel, parseSteps } = await import('../impute/chain.ts');
  const steps = flags.steps === undefined ? defaultSteps : parseSteps(flags.steps);
  const methods = flags.methods?.map(parseSteps);
  const { panel } = await readPanelFromOptions(files, flags, context);
  if (flags.evaluate) await evaluate(panel, steps, methods, flags, context);
  if (flags.out === undefined) return;

  const { writePanel } = await import('../panel/writePanel.ts');
  const filled = imputePanel(panel, steps);
  const counts = countCells(filled);
  await writePanel(filled, flags.out);
  if (flags.json && !flags.evaluate) {
    terminal.data(JSON.stringify({ steps: formatSteps(steps), ...counts, file: flags.out }, null, 2));
  }
  const bySteps = Object.entries(counts.filledBy).map(
    ([step, count]) => `${step} filled ${count.toLocaleString('en')}`,
  );
  terminal.info(
    [
      `read ${counts.read.toLocaleString('en')} cells`,
      ...bySteps,
      `${counts.missing.toLocaleString('en')} missing`,
    ].join(', '),
  );
  if (counts.empty.length > 0) {
    terminal.warn(
      `${counts.empty.length} series have no reading at all and stay empty: ${counts.empty.slice(0, 5).join(', ')}`,
    );
  }
  terminal.info(`wrote ${flags.out}`);
}

async function evaluate(
  panel: Panel,
  steps: readonly StepSpec[],
  methods: readonly (readonly StepSpec[])[] | undefined,
  flags: ImputeFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { defaultMethods, evaluateImputation } = await import('../impute/evaluate.ts');
  const rows = await evaluateImputation(panel, {
    methods: methods ?? [steps, ...defaultMethods.slice(1)],
    seed: wholeNumber('--seed', flags.seed, 0),
    workers: flags.workers === undefined ? undefined : wholeNumber('--workers', flags.workers, 0),
    signal,
    onProgress: terminal.progress,
  });
  if (flags.json)
    terminal.data(JSON.stringify(rows, (_key, value) => (Number.isNaN(value) ? null : value), 2));
  else terminal.data(evaluationText(rows));
}

function evaluationText(rows: readonly EvaluationRow[]): string {
  const header = ['hidden', 'method', 'gap', 'cells', 'filled', 'mae', 'rmse', 'mae / sd'];
  const cells = rows.map(({ scenario, method, gap, cells: count, filled, mae, rmse, standardisedMae }) => [
    scenario,
    method,
    gap,
    String(count),
    decimals(filled, 3),
    decimals(mae, 3),
    decimals(rmse, 3),
    decimals(standardisedMae, 3),
  ]);
  return `${textTable(header, cells)}\n\ngap: steps of the run of missing cells a hidden cell lies in; sd: standard deviation of its series`;
}

function countCells({ series, fillSteps, length }: Panel) {
  const counts = new Array<number>(fillSteps.length + 1).fill(0);
  let missing = 0;
  const empty: string[] = [];
  for (const { id, values, filledBy } of series) {
    let gaps = 0;
    for (let i = 0; i < length; i++) {
      if (Number.isNaN(values[i])) gaps++;
      else counts[filledBy?.[i] ?? 0]++;
    }
    missing += gaps;
    if (gaps === length) empty.push(id);
  }
  const filledBy = Object.fromEntries(fillSteps.map((step, index) => [step, counts[index + 1]]));
  return { read: counts[0], filledBy, missing, empty };
}
