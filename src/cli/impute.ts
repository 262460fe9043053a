import { Command } from 'commander';
import { usageError } from '../core/errors.ts';
import type { StepSpec } from '../impute/step.ts';
import type { Panel } from '../panel/panel.ts';
import { wholeNumber } from './forecastOptions.ts';
import { addPanelOptions, type PanelFlags, readPanelFromOptions } from './panelOptions.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';

interface ImputeFlags extends PanelFlags {
  steps?: string;
  out?: string;
  evaluate?: boolean;
  methods?: string;
  seed?: string;
  workers?: string;
  imputers?: string;
  refit?: string;
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
      'steps in order, commas between (default: linear:3,neighbours:0.999:inputs=own,linear:72,median:hour)',
    )
    .option('--out <file>', 'file to write: .csv, .csv.gz or .parquet')
    .option('--imputers <folder>', 'keep trained models here, and use them again while the data are the same')
    .option(
      '--refit <when>',
      'changed: when data or settings changed; never: use saved models on newer data too',
    )
    .option('--workers <n>', 'worker threads; 0 for none (default: one per core)')
    .option('--json', 'print the summary or the evaluation as JSON on stdout')
    .optionsGroup('Measuring how well it works:')
    .option('--evaluate', 'hide known values, fill them and score only those')
    .option('--methods <chains>', 'chains to compare, semicolons between (default: --steps and each step)')
    .option('--seed <n>', 'seed of what is hidden (default: 1)')
    .addHelpText('after', stepsHelp);
  addPanelOptions(command);
  return addCommonOptions(command).action((files: string[], flags: ImputeFlags) =>
    runCommand(flags, (context) => impute(files, flags, context)),
  );
}

// Spelled out here, as reading the steps themselves would make --help slower; a test compares the names.
const stepsHelp = `
Steps:
  linear:3                     straight lines across gaps of up to 3 steps; linear:any across all
  neighbours                   boosted trees on the same measure at the other stations of the city in the same
                               hour, where fewer than half of them are missing: :maxMissing=17 (a count or a
                               share), :inputs=own+hour+month+measures+distance (none unless told), :objective=,
                               :numIterations=, :learningRate=, :numLeaves=, :minDataInLeaf=, :featureFraction=,
                               :lambdaL1=, :lambdaL2=, :minRows=, :seed=
  inverseDistance              mean of the other stations in the same hour, weighted by distance; :2 is the power
  nearestStations              regressions on the 5 best-correlated stations in the same hour; :k=5:by=distance
  seasonalFill:hour            forward, then backward fill within the same hour of day; :maxDays=14 bounds it
  seasonalFill:day             forward, then backward fill within the same day
  mean, mean:hour              mean of the series, or of its readings at the same hour of day
  median, median:hour          likewise the median
  previous, previous:6         the last value carried forward, over at most 6 steps
  none                         no step at all`;

async function impute(files: string[], flags: ImputeFlags, context: CommandContext): Promise<void> {
  assertPurpose(flags);
  const [{ defaultSteps, parseSteps }, { assertTablePath }] = await Promise.all([
    import('../impute/chain.ts'),
    import('../tables/writeTable.ts'),
  ]);
  // Everything that can be wrong with the options is found before the files are read.
  if (flags.out !== undefined) assertTablePath(flags.out);
  const steps = flags.steps === undefined ? defaultSteps : parseSteps(flags.steps);
  const evaluation = {
    methods: flags.methods?.split(';').map(parseSteps),
    seed: wholeNumber('--seed', flags.seed ?? '1', 0),
    workers: flags.workers === undefined ? undefined : wholeNumber('--workers', flags.workers, 0),
  };
  if (flags.refit !== undefined && flags.refit !== 'changed' && flags.refit !== 'never') {
    throw usageError(`invalid --refit: ${flags.refit}; expected changed or never`);
  }
  const { panel } = await readPanelFromOptions(files, flags, context);
  if (flags.evaluate) await evaluate(panel, steps, evaluation, flags, context);
  if (flags.out !== undefined) await fillAndWrite(panel, steps, flags.out, flags, context);
}

function assertPurpose({ out, evaluate, methods, seed, imputers, refit }: ImputeFlags): void {
  if (out === undefined && !evaluate) {
    throw usageError(
      'nothing to do: neither --out nor --evaluate',
      'add --out filled.parquet, or --evaluate',
    );
  }
  if (refit !== undefined && imputers === undefined) {
    throw usageError('--refit without --imputers', 'add --imputers FOLDER, or leave --refit out');
  }
  if (imputers !== undefined && out === undefined) {
    throw usageError('--imputers without --out', 'add --out filled.parquet, or leave --imputers out');
  }
  for (const [option, given] of Object.entries({ methods, seed })) {
    if (given !== undefined && !evaluate) {
      throw usageError(`--${option} is for --evaluate only`, `add --evaluate, or leave --${option} out`);
    }
  }
}

async function fillAndWrite(
  panel: Panel,
  steps: readonly StepSpec[],
  path: string,
  flags: ImputeFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const [{ formatSteps, imputePanel }, { trainImputers }, { countFills }, { writePanel }] = await Promise.all(
    [
      import('../impute/chain.ts'),
      import('../impute/neighbours/trainImputers.ts'),
      import('../impute/countFills.ts'),
      import('../panel/writePanel.ts'),
    ],
  );
  const { models, trained, reused, warnings } = await trainImputers(panel, steps, {
    folder: flags.imputers,
    refit: flags.refit === 'never' ? 'never' : 'changed',
    workers: flags.workers === undefined ? undefined : wholeNumber('--workers', flags.workers, 0),
    signal,
    onProgress: terminal.progress,
  });
  for (const warning of warnings) terminal.warn(warning);
  if (trained + reused > 0) terminal.info(`imputation models: ${trained} trained, ${reused} reused`);
  const filled = imputePanel(panel, steps, { models });
  await writePanel(filled, path, { signal, onProgress: terminal.progress });
  const counts = countFills(filled);
  // Of two results, the one that was asked for beside the file is printed.
  if (flags.json && !flags.evaluate) {
    const { series, length } = panel;
    terminal.data(
      JSON.stringify(
        { file: path, steps: formatSteps(steps), series: series.length, length, trained, reused, ...counts },
        null,
        2,
      ),
    );
  }
  const total = panel.series.length * panel.length;
  const share = (count: number) => `${count.toLocaleString('en')} (${((100 * count) / total).toFixed(2)} %)`;
  terminal.info(`cells read: ${share(counts.read)}`);
  for (const [step, count] of Object.entries(counts.filledBy))
    terminal.info(`filled by ${step}: ${share(count)}`);
  terminal.info(`still missing: ${share(counts.missing)}`);
  terminal.info(`wrote ${path}`);
}

async function evaluate(
  panel: Panel,
  steps: readonly StepSpec[],
  evaluation: { methods: StepSpec[][] | undefined; seed: number; workers: number | undefined },
  flags: ImputeFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const [{ defaultMethods, evaluateImputation }, { evaluationText }] = await Promise.all([
    import('../impute/evaluate.ts'),
    import('./evaluationText.ts'),
  ]);
  const { seed, workers, methods = [steps, ...defaultMethods(panel)] } = evaluation;
  const rows = await evaluateImputation(panel, {
    methods,
    seed,
    workers,
    signal,
    onProgress: terminal.progress,
  });
  if (!flags.json) {
    terminal.data(evaluationText(rows));
    return;
  }
  // JSON has no NaN.
  const nullForNaN = (_key: string, value: unknown) => (Number.isNaN(value) ? null : value);
  terminal.data(JSON.stringify({ seed, rows }, nullForNaN, 2));
}
