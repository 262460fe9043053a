import { readFile, writeFile } from 'node:fs/promises';
import { dataError, fileError, TrainyardError } from '../core/errors.ts';
import { writeFileAtomically } from '../core/outputFiles.ts';
import { listFeatures } from './features.ts';
import type { FittedRegressor, ProphetModel } from './model.ts';
import { type ProphetOptions, resolveOptions, type Seasonality } from './options.ts';

/** The model as JSON, with a name of the format and its version; the same model gives the same text. */
export function writeProphet(model: ProphetModel): string {
  return `${JSON.stringify({ format, version, ...model })}\n`;
}

/**
 * Reads a model back, to the last bit.
 *
 * @param source named in errors.
 * @throws TrainyardError of kind `data` that names the field, for text that is no model or a damaged one.
 */
export function readProphet(text: string, source = 'model'): ProphetModel {
  const fields = parse(text, source);
  if (fields.format !== format)
    throw dataError(
      `${source}: format is ${show(fields.format)}; expected ${format}`,
      'give a file that saveProphet wrote',
    );
  if (fields.version !== version)
    throw dataError(
      `${source}: version is ${show(fields.version)}; expected ${version}`,
      'save the model again',
    );
  const field = <T>(name: string, holds: (value: unknown) => value is T, expected: string): T => {
    const value = fields[name];
    if (holds(value)) return value;
    throw dataError(
      `${source}: ${name} is ${show(value)}; expected ${expected}`,
      'the file is damaged or was changed: save the model again',
    );
  };
  const number = (name: string) => field(name, isNumber, 'a number');
  const numbers = (name: string) => field(name, isNumbers, 'a list of numbers');
  const positive = (name: string) => field(name, isPositive, 'a number above 0');
  const options = resolved(field('options', isRecord, 'an object'), source);
  const model: ProphetModel = {
    options,
    start: number('start'),
    timeScale: positive('timeScale'),
    valueOffset: number('valueOffset'),
    valueScale: positive('valueScale'),
    hasFloor: field('hasFloor', isBoolean, 'true or false'),
    changepoints: numbers('changepoints'),
    seasonalities: field('seasonalities', isSeasonalities, 'a list of seasonalities'),
    regressors: field('regressors', isRegressors, 'a list of regressors'),
    k: number('k'),
    m: number('m'),
    delta: numbers('delta'),
    beta: numbers('beta'),
    sigma: positive('sigma'),
    logPosterior: number('logPosterior'),
    rows: positive('rows'),
  };
  const counts = [
    ['delta', model.delta.length, model.changepoints.length],
    ['beta', model.beta.length, listFeatures(model).length],
  ] as const;
  for (const [name, found, expected] of counts) {
    if (found !== expected) throw dataError(`${source}: ${name} has ${found} values; expected ${expected}`);
  }
  return model;
}

/** Saves a model as JSON; the file is replaced as a whole or not at all. */
export async function saveProphet(model: ProphetModel, path: string): Promise<void> {
  await writeFileAtomically(path, (temporary) => writeFile(temporary, writeProphet(model)));
}

/**
 * Loads a model that {@link saveProphet} wrote.
 *
 * @throws TrainyardError of kind `file` when it cannot be read, `data` when it is not a model.
 */
export async function loadProphet(path: string): Promise<ProphetModel> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileError(`cannot read ${path}: ${cause.message}`, 'check the path', cause);
  });
  return readProphet(text, path);
}

const format = 'trainyard prophet';
const version = 1;

function parse(text: string, source: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {}
  throw dataError(`${source}: not a JSON object`, 'give a file that saveProphet wrote');
}

function resolved(options: Record<string, unknown>, source: string) {
  try {
    return resolveOptions(options as ProphetOptions);
  } catch (error) {
    const reason = error instanceof TrainyardError ? error.message : 'not those of a model';
    throw dataError(
      `${source}: options: ${reason}`,
      'the file is damaged or was changed: save the model again',
    );
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isPositive(value: unknown): value is number {
  return isNumber(value) && value > 0;
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isNumber);
}

function isSeasonalities(value: unknown): value is Seasonality[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isRecord(one) &&
        typeof one.name === 'string' &&
        isPositive(one.period) &&
        Number.isInteger(one.fourierOrder) &&
        isPositive(one.fourierOrder) &&
        isPositive(one.priorScale) &&
        isMode(one.mode) &&
        (one.condition === undefined || typeof one.condition === 'string'),
    )
  );
}

function isRegressors(value: unknown): value is FittedRegressor[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isRecord(one) &&
        typeof one.name === 'string' &&
        isPositive(one.priorScale) &&
        isMode(one.mode) &&
        isNumber(one.mean) &&
        isPositive(one.deviation),
    )
  );
}

function isMode(value: unknown): boolean {
  return value === 'additive' || value === 'multiplicative';
}
