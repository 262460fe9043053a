import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { cancelledError, throwIfCancelled, usageError } from '../core/errors.ts';
import type { EvaluationHistory } from '../gbdt/evaluation.ts';
import type { Model } from '../gbdt/model.ts';
import type { ResolvedParameters } from '../gbdt/parameters.ts';
import { wholeNumber } from './forecastOptions.ts';
import { columnList } from './gbdtColumns.ts';
import type { GbdtConfig } from './gbdtConfig.ts';
import type { TrainingTable } from './gbdtData.ts';
import {
  addParameterOptions,
  asParameters,
  camelCase,
  type ParameterValues,
  parametersFromFlags,
} from './gbdtParameters.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';

interface TrainFlags extends Readonly<Record<string, unknown>> {
  readonly out?: string;
  readonly label?: string;
  readonly weight?: string;
  readonly ignoreColumn?: string;
  readonly categoricalFeature?: string;
  readonly header: boolean;
  readonly dropUnlabelled?: boolean;
  readonly valid?: readonly string[];
  readonly config?: string;
  readonly initModel?: string;
  readonly saveHistory?: string;
  readonly trainingMetric?: boolean;
  readonly metricFreq?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `trainyard gbdt train DATA --label COLUMN --out model.txt`: a model from a table. */
export function gbdtTrainCommand(): Command {
  const command = new Command('train')
    .summary('train a model on a CSV or Parquet file')
    .description(
      'Trains gradient-boosted trees and writes them in the text format of LightGBM, which reads them too.\n' +
        'Ctrl-C writes the iterations that are finished; --init-model goes on from them.',
    )
    .argument('[data]', 'CSV, .csv.gz, Parquet or JSON lines file to learn from')
    .option('--out <file>', 'model file to write')
    .optionsGroup('Columns (by name, or counted from 0 without the label):')
    .option('--label <column>', 'what is to be learned')
    .option('--weight <column>', 'how much each row counts')
    .option('--ignore-column <columns>', 'columns to leave out, commas between')
    .option('--categorical-feature <columns>', 'columns of categories, texts or numbers, commas between')
    .option('--drop-unlabelled', 'leave out rows whose label is missing')
    .option('--no-header', 'the first row is data; columns are Column_0, Column_1, ...')
    .optionsGroup('Files:')
    .option('--valid <file>', 'file to score after every iteration; may be given several times', collect)
    .option('--init-model <file>', 'model to go on training from')
    .option('--config <file>', 'LightGBM config file of key = value lines; flags override it')
    .option('--save-history <file>', 'every metric of every iteration, as .csv or .json')
    .optionsGroup('Messages:')
    .option('--training-metric', 'score the training data too (default: where there is no --valid)')
    .option('--metric-freq <n>', 'print the metrics of every n-th iteration')
    .option('--json', 'print a summary as JSON on stdout')
    .addHelpText(
      'after',
      "\nLightGBM's other names of parameters, such as --eta and --n-estimators, are accepted too.",
    );
  addCommonOptions(command);
  return addParameterOptions(command).action((data: string | undefined, flags: TrainFlags) =>
    runCommand(flags, (context) => trainCommand(data, flags, context)),
  );
}

async function trainCommand(
  data: string | undefined,
  flags: TrainFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, signal } = context;
  const plan = await planTraining(data, flags);
  const [{ createDataset }, { trainAsync }, { saveModel }, { numIterations }, { plural }] = await Promise.all(
    [
      import('../gbdt/dataset.ts'),
      import('../gbdt/train.ts'),
      import('../gbdt/modelFiles.ts'),
      import('../gbdt/model.ts'),
      import('../report/numberText.ts'),
    ],
  );
  const { table, validation, initModel } = await readTables(plan, context);
  throwIfCancelled(signal);
  const parameters = asParameters(plan.parameters);
  const dataset = createDataset(table, parameters, { initModel });
  const sets = validation.map((set, i) => ({
    data: createDataset(set, {}, { reference: dataset }),
    name: plan.validNames[i],
  }));
  const before = initModel ? numIterations(initModel) : 0;
  const started = performance.now();
  const result = await trainAsync(dataset, parameters, {
    validation: sets,
    evaluateTraining: plan.evaluateTraining,
    onProgress: terminal.progress,
    onIteration: (iteration, history) => {
      if (plan.metricFreq > 0 && iteration % plan.metricFreq === 0) {
        terminal.info(`[${iteration}] ${metricsText(history, iteration)}`);
      }
      return !signal.aborted;
    },
  });
  for (const warning of result.warnings) terminal.warn(warning);
  const trained = numIterations(result.model) - before;
  // What was interrupted is to be gone on with, so all of it is kept.
  const best = signal.aborted ? trained : (result.bestIteration ?? trained);
  const model = await finishModel(result.model, before + best, table);
  await saveModel(model, plan.out);
  if (plan.history) await saveHistory(plan.history, result.history);
  if (signal.aborted) {
    throw cancelledError(
      `stopped after ${trained} of ${plan.resolved.numIterations} iterations; ${plan.out} holds them`,
      `go on by the same command with --init-model ${plan.out} --num-iterations ${plan.resolved.numIterations - trained}`,
    );
  }
  const scores = metricsOf(result.history, best);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  terminal.info(
    `trained ${plural(trained, 'iteration')} in ${seconds} s${result.bestIteration === undefined ? '' : `; iteration ${best} is the best`}`,
  );
  for (const { set, metric, value } of scores) terminal.info(`${set}: ${metric} ${value}`);
  terminal.info(`wrote ${plan.out}`);
  if (flags.json) {
    const summary = {
      model: plan.out,
      data: table.path,
      rows: dataset.numRows,
      features: dataset.featureNames,
      categoricalFeatures: table.categoricalFeatures.map((index) => dataset.featureNames[index]),
      iterations: before + best,
      trained,
      bestIteration: result.bestIteration ?? null,
      metrics: nested(scores),
      parameters: plan.resolved,
      warnings: result.warnings,
    };
    terminal.data(JSON.stringify(summary, null, 2));
  }
}

/** Everything that flags and config file say, checked before any data is read. */
interface TrainingPlan {
  readonly data: string;
  readonly out: string;
  readonly valid: readonly string[];
  readonly validNames: readonly string[];
  readonly initModel: string | undefined;
  readonly history: string | undefined;
  readonly parameters: ParameterValues;
  readonly resolved: ResolvedParameters;
  readonly evaluateTraining: boolean;
  readonly metricFreq: number;
  readonly columns: {
    label: string | undefined;
    weight: string | undefined;
    ignore: string[];
    categorical: string[];
  };
  readonly header: boolean;
  readonly dropUnlabelled: boolean;
}

async function planTraining(data: string | undefined, flags: TrainFlags): Promise<TrainingPlan> {
  const [{ readConfig }, { resolveParameters }, { createMetrics }, { assertWritable }] = await Promise.all([
    import('./gbdtConfig.ts'),
    import('../gbdt/parameters.ts'),
    import('../gbdt/metrics.ts'),
    import('../core/outputFiles.ts'),
  ]);
  const given = parametersFromFlags(flags);
  const config: GbdtConfig =
    flags.config === undefined ? { parameters: {}, settings: {} } : await readConfig(flags.config);
  const { settings } = config;
  const parameters = { ...config.parameters, ...given };
  const resolved = resolveParameters(asParameters(parameters));
  createMetrics(resolved);
  const input = data ?? settings.data;
  if (input === undefined)
    throw usageError('no data to learn from', 'name a file: trainyard gbdt train DATA');
  const out = flags.out ?? settings.output_model;
  if (out === undefined) throw usageError('no model file to write', 'add --out model.txt');
  const valid = flags.valid ?? columnList(settings.valid);
  if (resolved.earlyStoppingRound > 0 && valid.length === 0) {
    throw usageError(
      'early stopping needs a validation set',
      'add --valid FILE, or leave --early-stopping-round out',
    );
  }
  const history = flags.saveHistory;
  if (history !== undefined && !/\.(csv|json)$/.test(history)) {
    throw usageError(`cannot tell the form of ${history} from its ending`, 'end it in .csv or .json');
  }
  for (const path of [out, ...(history === undefined ? [] : [history])]) {
    if ([input, ...valid].some((file) => resolve(file) === resolve(path))) {
      throw usageError(`${path} is both read and written`, 'choose another output path');
    }
    await assertWritable(path);
  }
  return {
    data: input,
    out,
    valid,
    validNames: namesOf(valid),
    initModel: flags.initModel ?? settings.input_model,
    history,
    parameters,
    resolved,
    evaluateTraining:
      flags.trainingMetric ??
      (settings.is_provide_training_metric === undefined
        ? valid.length === 0
        : isTrue(settings.is_provide_training_metric)),
    metricFreq: wholeNumber('--metric-freq', flags.metricFreq ?? settings.metric_freq ?? '0', 0),
    columns: {
      label: flags.label ?? settings.label_column,
      weight: flags.weight ?? settings.weight_column,
      ignore: columnList(flags.ignoreColumn ?? settings.ignore_column),
      categorical: columnList(flags.categoricalFeature ?? settings.categorical_feature),
    },
    header: flags.header && (settings.header === undefined || isTrue(settings.header)),
    dropUnlabelled: flags.dropUnlabelled ?? false,
  };
}

async function readTables(plan: TrainingPlan, context: CommandContext) {
  const { terminal } = context;
  const [{ featuresOf, readTrainingTable }, { loadModel }, { categoryListsOf }, { plural }] =
    await Promise.all([
      import('./gbdtData.ts'),
      import('../gbdt/modelFiles.ts'),
      import('../gbdt/categoryLists.ts'),
      import('../report/numberText.ts'),
    ]);
  const initModel = plan.initModel === undefined ? undefined : await loadModel(plan.initModel);
  const known =
    initModel && plan.initModel !== undefined
      ? featuresOf(initModel, categoryListsOf(initModel, plan.initModel), plan.initModel)
      : undefined;
  const before = initModel?.objective?.split(' ')[0];
  if (before !== undefined && camelCase(before) !== plan.resolved.objective) {
    terminal.warn(
      `${plan.initModel} was trained for ${before}; going on for ${plan.resolved.objective} mixes their scores`,
    );
  }
  const table = await readTrainingTable(plan.data, { ...plan, known }, context);
  const kinds = table.categoricalFeatures.length;
  terminal.info(
    `${table.path}: ${plural(table.label.length, 'row')}, ${plural(table.columns.length, 'feature')}` +
      (kinds > 0 ? `, ${kinds} of them categorical` : ''),
  );
  const odd = table.label.reduce((sum, label) => sum + (label === 0 || label === 1 ? 0 : 1), 0);
  if (plan.resolved.objective === 'binary' && odd > 0) {
    terminal.warn(
      `${table.path}: ${plural(odd, 'label')} other than 0 and 1; binary takes those above 0 for 1`,
    );
  }
  const trainedOn = {
    source: 'the training data',
    featureNames: table.featureNames,
    categoricalFeatures: new Set(table.categoricalFeatures),
    categoryLists: table.categoryLists,
  };
  const validation: TrainingTable[] = [];
  for (const path of plan.valid) {
    const set = await readTrainingTable(path, { ...plan, known: trainedOn }, context);
    terminal.info(`${path}: ${plural(set.label.length, 'row')} to validate on`);
    validation.push(set);
  }
  return { table, validation, initModel };
}

// The file cannot say which iteration was the best, so it ends there.
async function finishModel(
  model: Model,
  iterations: number,
  { categoryLists }: TrainingTable,
): Promise<Model> {
  const { withCategoryLists } = await import('../gbdt/categoryLists.ts');
  const whole = {
    ...model,
    trees: model.trees.slice(0, iterations * model.treesPerIteration),
    bestIteration: undefined,
  };
  return categoryLists ? withCategoryLists(whole, categoryLists) : whole;
}

async function saveHistory(path: string, history: EvaluationHistory): Promise<void> {
  const [{ writeFileAtomically }, { csvField }] = await Promise.all([
    import('../core/outputFiles.ts'),
    import('../core/csvText.ts'),
  ]);
  const rows = Object.entries(history).flatMap(([set, metrics]) =>
    Object.entries(metrics).flatMap(([metric, values]) =>
      values.map((value, i) => `${i + 1},${csvField(set)},${metric},${value}\n`),
    ),
  );
  const text = path.endsWith('.json')
    ? `${JSON.stringify(history)}\n`
    : `iteration,set,metric,value\n${rows.join('')}`;
  await writeFileAtomically(path, (temporary) => writeFile(temporary, text));
}

function metricsOf(history: EvaluationHistory, iteration: number) {
  return Object.entries(history).flatMap(([set, metrics]) =>
    Object.entries(metrics).map(([metric, values]) => ({
      set,
      metric,
      value: values[iteration - 1] ?? Number.NaN,
    })),
  );
}

function metricsText(history: EvaluationHistory, iteration: number): string {
  return metricsOf(history, iteration)
    .map(({ set, metric, value }) => `${set} ${metric} ${value.toPrecision(6)}`)
    .join(', ');
}

function nested(scores: readonly { set: string; metric: string; value: number }[]) {
  const sets: Record<string, Record<string, number>> = {};
  for (const { set, metric, value } of scores) sets[set] = { ...sets[set], [metric]: value };
  return sets;
}

// The name of the file, or its path where two files have the same name.
function namesOf(paths: readonly string[]): string[] {
  const names = paths.map((path) => basename(path));
  return new Set([...names, 'training']).size === names.length + 1 ? names : [...paths];
}

function isTrue(text: string): boolean {
  return /^(true|1|\+)$/i.test(text);
}

function collect(file: string, files: readonly string[] = []): string[] {
  return [...files, file];
}
