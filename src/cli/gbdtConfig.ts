import { readFile } from 'node:fs/promises';
import { closestWord } from '../core/closestWord.ts';
import { fileError, type TrainyardError, usageError } from '../core/errors.ts';
import { parameterLines } from '../gbdt/parameterLines.ts';
import { defaultParameters, parameterAliases } from '../gbdt/parameters.ts';
import { camelCase, flagOf, fullName, type ParameterValues, readParameter } from './gbdtParameters.ts';

/** What a config file of LightGBM says. */
export interface GbdtConfig {
  readonly parameters: ParameterValues;
  /** Files, columns and the like, by LightGBM's names. */
  readonly settings: Partial<Record<Setting, string>>;
}

type Setting = keyof typeof settingAliases;

const settingAliases = {
  data: ['train', 'train_data', 'train_data_file', 'data_filename'],
  valid: ['test', 'valid_data', 'valid_data_file', 'test_data', 'test_data_file', 'valid_filenames'],
  output_model: ['model_output', 'model_out'],
  input_model: ['model_input', 'model_in'],
  label_column: ['label'],
  weight_column: ['weight'],
  ignore_column: ['ignore_feature', 'blacklist'],
  categorical_feature: ['cat_feature', 'categorical_column', 'cat_column', 'categorical_features'],
  header: ['has_header'],
  is_provide_training_metric: ['training_metric', 'is_training_metric', 'train_metric'],
  metric_freq: ['output_freq'],
} as const;

// What LightGBM does with these changes its speed or its messages, never its model.
const harmless = new Set([
  ...['verbosity', 'verbose'],
  ...['force_col_wise', 'force_row_wise', 'deterministic', 'histogram_pool_size', 'hist_pool_size'],
  ...[
    'is_enable_sparse',
    'is_sparse',
    'enable_sparse',
    'sparse',
    'enable_bundle',
    'is_enable_bundle',
    'bundle',
  ],
  ...['two_round', 'two_round_loading', 'use_two_round_loading', 'pre_partition', 'is_pre_partition'],
]);

const fixedAliases: Record<string, string> = {
  boosting_type: 'boosting',
  boost: 'boosting',
  device: 'device_type',
  tree: 'tree_learner',
  tree_type: 'tree_learner',
  tree_learner_type: 'tree_learner',
};

/**
 * Reads a config file of LightGBM's command line: `key = value` on each line, comments after `#`.
 *
 * @throws TrainyardError of kind `usage` naming file and line of a key that is unknown or set to what we lack.
 */
export async function readConfig(path: string): Promise<GbdtConfig> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileError(`cannot read ${path}: ${cause.message}`, 'check the path', cause);
  });
  const parameters: ParameterValues = {};
  const settings: Partial<Record<Setting, string>> = {};
  const lineOf = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.replace(/#.*/, '').trim();
    if (content === '') continue;
    const place = `${path} line ${index + 1}`;
    const equals = content.indexOf('=');
    if (equals <= 0)
      throw usageError(`${place}: "${content}"; expected key = value`, 'comments begin with #');
    const key = content.slice(0, equals).trim();
    const value = content
      .slice(equals + 1)
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2');
    const parameter = fullName(camelCase(key));
    const setting = settingNames.get(key);
    const name = parameter ?? setting ?? key;
    const earlier = lineOf.get(name);
    if (earlier !== undefined) {
      throw usageError(`${place}: ${key} is set on line ${earlier} already`, 'keep one of the lines');
    }
    lineOf.set(name, index + 1);
    if (parameter) parameters[parameter] = readParameter(parameter, value, `${key} (${place})`);
    else if (setting) settings[setting] = value;
    else assertAsOurs(key, value, place);
  }
  return { parameters, settings };
}

const settingNames = new Map<string, Setting>(
  Object.entries(settingAliases).flatMap(([name, aliases]) =>
    [name, ...aliases].map((alias) => [alias, name as Setting] as const),
  ),
);

// Settings we do not have are accepted where they say what we do anyway.
function assertAsOurs(key: string, value: string, place: string): void {
  if (harmless.has(key)) return;
  if (key === 'task' || key === 'task_type') {
    if (value === 'train') return;
    throw usageError(`${place}: task = ${value}; expected train`, 'predict by trainyard gbdt predict');
  }
  const name = fixedAliases[key] ?? key;
  const ours = fixed().get(name);
  if (ours === undefined) throw unknownKey(key, place);
  if (plain(value) === plain(ours) || (name === 'boosting' && value === 'gbrt')) return;
  throw usageError(
    `${place}: ${key} = ${value} is not supported; expected ${ours === '' ? 'nothing' : ours}`,
    'remove the line, or train with LightGBM itself: the model can be used here',
  );
}

function fixed(): Map<string, string> {
  const lines = parameterLines(defaultParameters).map((line) => /^\[(\w+): ?(.*)\]$/.exec(line));
  return new Map(lines.flatMap((found) => (found ? [[found[1], found[2].trim()] as const] : [])));
}

function plain(value: string): string {
  if (/^(true|\+)$/i.test(value)) return '1';
  if (/^(false|-)$/i.test(value)) return '0';
  return value !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : value;
}

function unknownKey(key: string, place: string): TrainyardError {
  const known = [...Object.keys(defaultParameters), ...Object.keys(parameterAliases)].map((name) =>
    flagOf(name, '_'),
  );
  const meant = closestWord(key, [...known, ...settingNames.keys(), ...fixed().keys()]);
  return usageError(
    `${place}: unknown key ${key}`,
    meant ? `did you mean ${meant}?` : 'the keys are those of LightGBM',
  );
}
