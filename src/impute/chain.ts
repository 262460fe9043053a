import { closestWord } from '../core/closestWord.ts';
import { usageError } from '../core/errors.ts';
import type { Panel } from '../panel/panel.ts';
import type { ImputeStep, StepSpec, StepValue, TrainedModels } from './step.ts';
import { imputeSteps } from './steps.ts';

/**
 * What a panel is filled by unless told otherwise: a line across up to three hours, then the other stations, then
 * lines across gaps of up to three days, then the median of the hour of day. Chosen by `trainyard impute --evaluate`
 * on readings of Beijing and London; studies/imputation has the tables.
 */
export const defaultSteps: readonly StepSpec[] = parseSteps(
  'linear:3,neighbours:0.999:inputs=own,linear:72,median:hour',
);

/** The same without models to train: what forecasts fill gaps by unless told otherwise, many times over. */
export const quickSteps: readonly StepSpec[] = parseSteps('linear:72,median:hour');

/**
 * Fills a panel by a chain of steps, each filling what those before it left. Pure: the panel given is not changed,
 * and what nothing was filled in shares its storage. The result says, cell by cell, which step filled it (`filledBy`,
 * `fillSteps`).
 *
 * @param options.models Models trained beforehand by `trainImputers`; what is not among them is trained here.
 * @throws TrainyardError of kind `usage` for an unknown step or option, or a value that makes no sense.
 * @example
 * const filled = imputePanel(panel, parseSteps('linear:3,seasonalFill:hour,mean'));
 */
export function imputePanel(
  panel: Panel,
  steps: readonly StepSpec[],
  { models }: { readonly models?: TrainedModels | undefined } = {},
): Panel {
  return completeSteps(steps).reduce(
    (filled, { name, options, label }) => stepNamed(name).fill(filled, options, label, models),
    panel,
  );
}

/** The steps with every option set, each with the label that marks its cells. */
export function completeSteps(steps: readonly StepSpec[]): (StepSpec & { readonly label: string })[] {
  return steps.map(({ name, options: given }) => {
    const options = completeOptions(stepNamed(name), given);
    return { name, options, label: formatStep({ name, options }) };
  });
}

/**
 * Reads a chain such as `linear:3,seasonalFill:hour:maxDays=14,mean`: steps with commas between, each followed by its
 * options, colons between; the first option of a step needs no name. `none` is the empty chain.
 *
 * @throws TrainyardError of kind `usage` for an unknown step or option, or a value that makes no sense.
 */
export function parseSteps(text: string): StepSpec[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) throw usageError('no imputation steps', 'name some, or write none');
  if (words.length === 1 && words[0] === 'none') return [];
  return words.map(parseStep);
}

/** The text that {@link parseSteps} reads back as these steps. */
export function formatSteps(steps: readonly StepSpec[]): string {
  return steps.length === 0 ? 'none' : steps.map(formatStep).join(',');
}

/** `series` when every step fills each series from itself alone. */
export function stepsScope(steps: readonly StepSpec[]): 'series' | 'panel' {
  return steps.every(({ name }) => stepNamed(name).scope === 'series') ? 'series' : 'panel';
}

function parseStep(word: string): StepSpec {
  const [name, ...settings] = word.split(':');
  const step = stepNamed(name);
  const given: Record<string, StepValue> = {};
  for (const [position, setting] of settings.entries()) {
    const equals = setting.indexOf('=');
    const bare = equals < 0 && position === 0;
    const key = bare ? Object.keys(step.options)[0] : setting.slice(0, equals < 0 ? undefined : equals);
    assertOption(step, key);
    if (Object.hasOwn(given, key)) throw usageError(`option given twice: ${name}:${key}`, 'leave one out');
    given[key] = readValue(bare ? setting : setting.slice(equals < 0 ? setting.length : equals + 1));
  }
  return { name, options: completeOptions(step, given) };
}

// The first option is always told, the others where they are not as they would be anyway.
function formatStep({ name, options }: StepSpec): string {
  const known = stepNamed(name).options;
  const [first] = Object.keys(known);
  const told = Object.entries(options).filter(
    ([key, value]) => key !== first && value !== known[key]?.default,
  );
  const bare = options[first] === undefined ? [] : [String(options[first])];
  return [name, ...bare, ...told.map(([key, value]) => `${key}=${value}`)].join(':');
}

/** The options given, checked, and the defaults of the others. */
function completeOptions(step: ImputeStep, given: StepSpec['options']): StepSpec['options'] {
  for (const [key, value] of Object.entries(given)) {
    assertOption(step, key);
    const { accepts, expected } = step.options[key];
    if (accepts(value)) continue;
    throw usageError(
      `invalid ${key} of ${step.name}: ${value === '' ? '(empty)' : value}; expected ${expected}`,
    );
  }
  const complete: Record<string, StepValue> = {};
  for (const [key, option] of Object.entries(step.options)) {
    const value = given[key] ?? option.default;
    if (value !== undefined) complete[key] = value;
  }
  return complete;
}

function assertOption({ name, options }: ImputeStep, key: string): void {
  if (Object.hasOwn(options, key)) return;
  const known = Object.keys(options);
  const closest = closestWord(key, known);
  const list = known.length > 0 ? `its options are ${known.join(', ')}` : 'it has no options';
  throw usageError(
    `unknown option of ${name}: ${key || '(empty)'}`,
    closest ? `did you mean ${closest}? ${list}` : list,
  );
}

// Options are plain data: what looks like a number is one.
function readValue(text: string): StepValue {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function stepNamed(name: string): ImputeStep {
  const step = imputeSteps.find((candidate) => candidate.name === name);
  if (step) return step;
  const names = imputeSteps.map((candidate) => candidate.name);
  const closest = closestWord(name, names);
  throw usageError(
    `unknown imputation step: ${name}`,
    closest ? `did you mean ${closest}? known are ${names.join(', ')}` : `known are ${names.join(', ')}`,
  );
}
