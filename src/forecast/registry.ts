import { closestWord } from '../core/closestWord.ts';
import { usageError } from '../core/errors.ts';
import type { ForecasterFamily } from './family.ts';
import type { Forecaster, ForecasterSpec } from './forecaster.ts';
import { medianOfMedians } from './medianOfMedians.ts';
import { naive } from './naive.ts';
import { seasonalNaive } from './seasonalNaive.ts';

/** Every kind of forecaster, by name. */
export const forecasterFamilies: readonly ForecasterFamily[] = [medianOfMedians, seasonalNaive, naive];

/** Makes the forecaster that a spec describes. */
export function createForecaster(spec: ForecasterSpec): Forecaster {
  const family = familyNamed(spec.name);
  return family.create({ ...spec, options: { ...family.defaults, ...spec.options } });
}

/**
 * Reads a list of models such as `medianOfMedians:windows=11/18/30:statistic=mean,seasonalNaive,naive`.
 *
 * @throws TrainyardError of kind `usage` for an unknown model or option, or a model named twice.
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

/** Name of a model in tables: its family, and the options that differ from the defaults. */
export function modelName({ name, options }: ForecasterSpec): string {
  const { defaults } = familyNamed(name);
  const told = Object.entries(options).filter(([key, value]) => String(value) !== String(defaults[key]));
  return [
    name,
    ...told.map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('/') : value}`),
  ].join(':');
}

function parseModel(word: string): ForecasterSpec {
  const [name, ...settings] = word.split(':');
  const family = familyNamed(name);
  const given: Record<string, string> = {};
  for (const setting of settings) {
    const [key, value] = setting.split('=');
    const known = Object.keys(family.defaults);
    if (!known.includes(key) || value === undefined) {
      const expected = known.length > 0 ? known.map((option) => `${name}:${option}=…`).join(', ') : 'none';
      throw usageError(`unknown option of ${name}: ${setting}`, `its options are ${expected}`);
    }
    given[key] = value;
  }
  return { name, options: { ...family.defaults, ...family.parse(given) } };
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
