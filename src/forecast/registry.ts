import { closestWord } from '../core/closestWord.ts';
import { usageError } from '../core/errors.ts';
import type { ForecasterFamily } from './family.ts';
import type { Forecaster, ForecasterSpec } from './forecaster.ts';
import { medianOfMedians } from './medianOfMedians.ts';
import { naive } from './naive.ts';
import { prophet } from './prophet.ts';
import { seasonalNaive } from './seasonalNaive.ts';

/** Every kind of forecaster, by name. */
export const forecasterFamilies: readonly ForecasterFamily[] = [
  medianOfMedians,
  prophet,
  seasonalNaive,
  naive,
];

/**
 * Makes the forecaster that a spec describes; options left out have their defaults.
 *
 * @throws TrainyardError of kind `usage` for an unknown model or option, or a value that makes no sense.
 * @example
 * const forecaster = createForecaster({ name: 'medianOfMedians', options: { windows: [7, 14] } });
 * const forecast = forecaster.fit(panel).predict(48);
 */
export function createForecaster(spec: ForecasterSpec): Forecaster {
  const family = familyNamed(spec.name);
  for (const key of Object.keys(spec.options)) assertOption(family, key);
  return family.create({ ...spec, options: { ...family.defaults, ...spec.options } });
}

/**
 * Reads a list of models: names with commas between, each followed by its options, colons between. No character of
 * it needs quoting in a shell.
 *
 * @throws TrainyardError of kind `usage` for an unknown model or option, or a model named twice.
 * @example
 * parseModels('medianOfMedians:windows=11/18/30:statistic=mean,seasonalNaive,naive');
 */
export function parseModels(text: string): ForecasterSpec[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) throw usageError('no models', 'name at least one, for instance medianOfMedians');
  const specs = words.map(parseModel);
  const names = specs.map(modelName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`model named twice: ${twice}`, 'leave one out');
  return specs;
}

/**
 * Name of a model in tables: its family, and the options that differ from the defaults; models with different options
 * have different names, and `parseModels` reads a name back as its model.
 */
export function modelName({ name, options }: ForecasterSpec): string {
  const { defaults } = familyNamed(name);
  const told = Object.entries(options).filter(([key, value]) => String(value) !== String(defaults[key]));
  return [
    name,
    ...told.map(([key, value]) => `${key}=${typeof value === 'object' ? value.join('/') : value}`),
  ].join(':');
}

function parseModel(word: string): ForecasterSpec {
  const [name, ...settings] = word.split(':');
  const family = familyNamed(name);
  const given: Record<string, string> = {};
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    const key = equals < 0 ? setting : setting.slice(0, equals);
    assertOption(family, key);
    if (equals < 0 || equals === setting.length - 1) {
      throw usageError(`option ${name}:${key} has no value`, `write ${name}:${key}=…`);
    }
    if (Object.hasOwn(given, key)) throw usageError(`option given twice: ${name}:${key}`, 'leave one out');
    given[key] = setting.slice(equals + 1);
  }
  return { name, options: { ...family.defaults, ...family.parse(given) } };
}

function assertOption({ name, defaults, perCity = [] }: ForecasterFamily, key: string): void {
  const known = Object.keys(defaults);
  const dot = key.indexOf('.');
  const forCity = dot > 0 && dot < key.length - 1 && perCity.includes(key.slice(0, dot));
  if (known.includes(key) || forCity) return;
  const closest = closestWord(key, known);
  const expected = [...known, ...perCity.map((option) => `${option}.City`)];
  const list = expected.length > 0 ? `its options are ${expected.join(', ')}` : 'it has no options';
  throw usageError(
    `unknown option of ${name}: ${key || '(empty)'}`,
    closest ? `did you mean ${closest}? ${list}` : list,
  );
}

function familyNamed(name: string): ForecasterFamily {
  const family = forecasterFamilies.find((candidate) => candidate.name === name);
  if (family) return family;
  const names = forecasterFamilies.map((candidate) => candidate.name);
  const closest = closestWord(name, names);
  throw usageError(
    `unknown model: ${name}`,
    closest ? `did you mean ${closest}? known are ${names.join(', ')}` : `known are ${names.join(', ')}`,
  );
}
