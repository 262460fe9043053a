import { resolve } from 'node:path';
import { Command } from 'commander';
import { csvField, csvNumber } from '../core/csvText.ts';
import { dataError, throwIfCancelled, usageError } from '../core/errors.ts';
import type { Model } from '../gbdt/model.ts';
import type { PredictOptions } from '../gbdt/predict.ts';
import type { Table, TextColumn } from '../tables/readTable.ts';
import type { WrittenColumn } from '../tables/writeTable.ts';
import { wholeNumber } from './forecastOptions.ts';
import { assertHeader, columnList, findColumn } from './gbdtColumns.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';

interface PredictFlags {
  readonly out?: string;
  readonly rawScore?: boolean;
  readonly leafIndex?: boolean;
  readonly contributions?: boolean;
  readonly startIteration?: string;
  readonly numIterations?: string;
  readonly keep?: string;
  readonly byPosition?: boolean;
  readonly ignoreColumn?: string;
  readonly header: boolean;
  readonly quiet?: boolean;
}

/** `trainyard gbdt predict MODEL DATA`: what a model says of every row of a table. */
export function gbdtPredictCommand(): Command {
  const command = new Command('predict')
    .summary('predict every row of a CSV or Parquet file')
    .description(
      'Predicts with a model of Trainyard or LightGBM. Columns are found by the names of the features, in any\n' +
        'order; others are ignored. Without --out the predictions go to stdout as CSV.',
    )
    .argument('<model>', 'model file')
    .argument('<data>', 'CSV, .csv.gz, Parquet or JSON lines file')
    .option('--out <file>', 'file to write: .csv, .csv.gz or .parquet')
    .option('--keep <columns>', 'columns to carry along, commas between')
    .optionsGroup('What is predicted (default: values, chances, ... as the objective has them):')
    .option('--raw-score', 'sums of leaf values, before sigmoid, exp or softmax')
    .option('--leaf-index', 'the leaf each row ends in, a column a tree')
    .option('--contributions', 'Shapley values: a column a feature, and bias; they sum to the raw score')
    .option('--start-iteration <n>', 'first iteration used, from 0')
    .option('--num-iterations <n>', 'iterations used (default: all)')
    .optionsGroup('Reading the data:')
    .option('--by-position', 'take the columns in their order instead of by name')
    .option('--ignore-column <columns>', 'with --by-position: columns that are no features')
    .option('--no-header', 'the first row is data; columns are Column_0, Column_1, ...');
  return addCommonOptions(command).action((model: string, data: string, flags: PredictFlags) =>
    runCommand(flags, (context) => predictCommand(model, data, flags, context)),
  );
}

async function predictCommand(
  modelPath: string,
  dataPath: string,
  flags: PredictFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal, signal } = context;
  const range = await planPrediction(modelPath, dataPath, flags);
  const [{ loadModel }, { iterationRange }] = await Promise.all([
    import('../gbdt/modelFiles.ts'),
    import('../gbdt/predict.ts'),
  ]);
  const model = await loadModel(modelPath);
  iterationRange(model, range);
  const { table, columns, kept } = await readFeatures(model, modelPath, dataPath, flags, context);
  throwIfCancelled(signal);
  const output = await predicted(model, table.rowCount === 0 ? [] : columns, range, flags);
  const written = [
    ...kept.map(({ name, text }) => ({ name, type: writtenType(text.type) })),
    ...output.names.map((name) => ({ name, type: output.type })),
  ];
  const doubled = kept.find(({ name }) => output.names.includes(name));
  if (doubled) {
    throw usageError(
      `column ${doubled.name} of --keep is called like one of the predictions`,
      'rename it in the data, or leave it out of --keep',
    );
  }
  const lines = linesOf(kept, output, table.rowCount, signal);
  if (flags.out === undefined) {
    const { writeToStdout } = await import('./writeToStdout.ts');
    process.stdout.write(`${written.map(({ name }) => csvField(name)).join(',')}\n`);
    await writeToStdout(lines);
    return;
  }
  const [{ writeTable }, { plural }] = await Promise.all([
    import('../tables/writeTable.ts'),
    import('../report/numberText.ts'),
  ]);
  await writeTable(flags.out, written, lines, { signal });
  terminal.info(`predicted ${plural(table.rowCount, 'row')}; wrote ${flags.out}`);
}

// What can be wrong with the options is found before the files are read.
async function planPrediction(
  modelPath: string,
  dataPath: string,
  flags: PredictFlags,
): Promise<PredictOptions> {
  const { out, byPosition, ignoreColumn } = flags;
  const kinds = (['rawScore', 'leafIndex', 'contributions'] as const).filter((kind) => flags[kind]);
  if (kinds.length > 1) {
    const words = { rawScore: '--raw-score', leafIndex: '--leaf-index', contributions: '--contributions' };
    throw usageError(
      `${kinds.map((kind) => words[kind]).join(' and ')} exclude each other`,
      'give one of them',
    );
  }
  if (ignoreColumn !== undefined && !byPosition) {
    throw usageError(
      '--ignore-column is for --by-position only',
      'leave it out: columns that are no features are ignored',
    );
  }
  if (out !== undefined) {
    const [{ assertTablePath }, { assertWritable }] = await Promise.all([
      import('../tables/writeTable.ts'),
      import('../core/outputFiles.ts'),
    ]);
    assertTablePath(out);
    if ([modelPath, dataPath].some((path) => resolve(path) === resolve(out))) {
      throw usageError(`${out} is both read and written`, 'choose another output path');
    }
    await assertWritable(out);
  }
  const whole = (option: string, text: string | undefined) =>
    text === undefined ? undefined : wholeNumber(option, text, 0);
  return {
    startIteration: whole('--start-iteration', flags.startIteration),
    numIterations: whole('--num-iterations', flags.numIterations),
  };
}

interface KeptColumn {
  readonly name: string;
  readonly text: TextColumn;
}

/** The features of the model, in its order, and the columns to carry along. */
async function readFeatures(
  model: Model,
  modelPath: string,
  dataPath: string,
  flags: PredictFlags,
  { terminal, signal }: CommandContext,
): Promise<{ table: Table; columns: Float64Array[]; kept: KeptColumn[] }> {
  const [{ readTable }, { categoryListsOf }, { findFeatures, unseenWarning }, { encodeCategories }] =
    await Promise.all([
      import('../tables/readTable.ts'),
      import('../gbdt/categoryLists.ts'),
      import('./gbdtData.ts'),
      import('./gbdtCategories.ts'),
    ]);
  const lists = categoryListsOf(model, modelPath);
  let features: readonly string[] = [];
  let keep: readonly string[] = [];
  const table = await readTable(
    dataPath,
    (columns) => {
      if (flags.header) assertHeader(dataPath, columns);
      keep = columnList(flags.keep).map((given) => findColumn(dataPath, columns, given, '--keep'));
      features = flags.byPosition
        ? featuresByPosition(model, modelPath, dataPath, columns, flags)
        : findFeatures(dataPath, columns, { featureNames: model.featureNames, source: modelPath });
      return {
        numbers: features.filter((_, index) => !lists.has(index)),
        texts: [...new Set([...features.filter((_, index) => lists.has(index)), ...keep])],
      };
    },
    {
      header: flags.header,
      signal,
      onProgress: terminal.progress,
      advice: (column) =>
        `${modelPath} takes ${column} as numbers: write it as in the data it was trained on`,
    },
  );
  const columns = features.map((column, index) => {
    const list = lists.get(index);
    const text = table.texts.get(column);
    if (list === undefined || text === undefined) return table.numbers.get(column) ?? new Float64Array(0);
    const { values, unseen } = encodeCategories(text, list);
    if (unseen > 0) terminal.warn(unseenWarning(dataPath, column, unseen));
    return values;
  });
  const kept = keep.flatMap((name) => {
    const text = table.texts.get(name);
    return text ? [{ name, text }] : [];
  });
  return { table, columns, kept };
}

function featuresByPosition(
  model: Model,
  modelPath: string,
  dataPath: string,
  columns: readonly string[],
  flags: PredictFlags,
): string[] {
  const ignored = columnList(flags.ignoreColumn).map((given) =>
    findColumn(dataPath, columns, given, '--ignore-column'),
  );
  const features = columns.filter((column) => !ignored.includes(column));
  const expected = model.featureNames.length;
  if (features.length === expected) return features;
  throw dataError(
    `${dataPath} has ${features.length} columns; expected ${expected}, the features of ${modelPath}`,
    'name those that are no features by --ignore-column, or leave --by-position out',
  );
}

/** `[rows, names]` row after row. */
interface Prediction {
  readonly names: readonly string[];
  readonly values: Float64Array | Int32Array;
  readonly type: WrittenColumn['type'];
}

async function predicted(
  model: Model,
  columns: readonly Float64Array[],
  range: PredictOptions,
  flags: PredictFlags,
): Promise<Prediction> {
  const [{ iterationRange, predict, predictLeaves, predictRaw }, { predictContributions }] =
    await Promise.all([import('../gbdt/predict.ts'), import('../gbdt/contributions.ts')]);
  const { treesPerIteration: classes, featureNames } = model;
  const perClass = (name: string) =>
    classes === 1 ? [name] : Array.from({ length: classes }, (_, k) => `${name}_${k}`);
  const table = { columns };
  if (flags.leafIndex) {
    const { from, to } = iterationRange(model, range);
    const names = Array.from({ length: (to - from) * classes }, (_, i) => `tree_${from * classes + i}`);
    return { names, values: predictLeaves(model, table, range), type: 'INTEGER' };
  }
  if (flags.contributions) {
    const names = [...featureNames, 'bias'];
    return {
      names:
        classes === 1
          ? names
          : Array.from({ length: classes }, (_, k) => names.map((name) => `${name}_${k}`)).flat(),
      values: predictContributions(model, table, range),
      type: 'DOUBLE',
    };
  }
  return flags.rawScore
    ? { names: perClass('raw_score'), values: predictRaw(model, table, range), type: 'DOUBLE' }
    : { names: perClass('prediction'), values: predict(model, table, range), type: 'DOUBLE' };
}

function* linesOf(
  kept: readonly KeptColumn[],
  { names, values }: Prediction,
  rows: number,
  signal: AbortSignal,
): Generator<string> {
  const fields = kept.map(({ text }) => text.words.map(csvField));
  const width = names.length;
  const pieceLength = 4096;
  for (let from = 0; from < rows; from += pieceLength) {
    throwIfCancelled(signal);
    let piece = '';
    for (let row = from; row < Math.min(rows, from + pieceLength); row++) {
      const cells = kept.map(({ text }, i) => (text.codes[row] < 0 ? '' : fields[i][text.codes[row]]));
      for (let i = 0; i < width; i++) cells.push(csvNumber(values[row * width + i]));
      piece += `${cells.join(',')}\n`;
    }
    yield piece;
  }
}

function writtenType(type: string): WrittenColumn['type'] {
  if (/^(U?(TINY|SMALL)INT|INTEGER)$/.test(type)) return 'INTEGER';
  if (/^TIMESTAMP(_(S|MS|NS))?$/.test(type)) return 'TIMESTAMP';
  const kept = (['BIGINT', 'DOUBLE', 'BOOLEAN', 'DATE'] as const).find((name) => name === type);
  return kept ?? 'VARCHAR';
}
