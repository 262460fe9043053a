import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { TrainyardError } from '../core/errors.ts';
import { createForecaster, forecasterFamilies, modelName, parseModels } from './registry.ts';
import { panelOf, valuesOf } from './testing/panels.ts';

const everyOption =
  'medianOfMedians:windows=11/18/30:statistic=mean:over=mean:windows.Beijing=golden5:windows.London=fibonacci,' +
  'seasonalNaive:days=7,naive';

it('reads models with and without options, defaults filled in', () => {
  expect(parseModels('medianOfMedians:windows=11/18/30:statistic=mean, seasonalNaive,naive')).toEqual([
    { name: 'medianOfMedians', options: { windows: [11, 18, 30], statistic: 'mean', over: 'median' } },
    { name: 'seasonalNaive', options: { days: 1 } },
    { name: 'naive', options: {} },
  ]);
});

it('names models by their options, so that several of a kind differ', () => {
  const specs = parseModels('medianOfMedians,medianOfMedians:windows=golden5,seasonalNaive:days=7');
  expect(specs.map(modelName)).toEqual([
    'medianOfMedians',
    'medianOfMedians:windows=golden5',
    'seasonalNaive:days=7',
  ]);
});

it('reads every name back as its model', () => {
  const specs = parseModels(everyOption);
  expect(parseModels(specs.map(modelName).join(','))).toEqual(specs);
});

it('names a model alike whether defaults are written or left out', () => {
  const [written] = parseModels('medianOfMedians:windows=auto:statistic=median');
  expect(modelName(written)).toBe('medianOfMedians');
  expect(modelName({ name: 'medianOfMedians', options: {} })).toBe('medianOfMedians');
});

it('needs no quoting in a shell', () => {
  expect(execFileSync('sh', ['-c', `printf %s ${everyOption}`], { encoding: 'utf8' })).toBe(everyOption);
});

it('makes a forecaster of every family from its defaults', () => {
  const history = panelOf([valuesOf(48, (index) => index)]);
  for (const { name } of forecasterFamilies) {
    const forecaster = createForecaster({ name, options: {} });
    expect(forecaster.minHistory(history)).toBe(1);
    const { point } = forecaster.fit(history).predict(1);
    expect(point[0][0]).toBeGreaterThanOrEqual(0);
  }
});

it('makes forecasters whose spec crosses to a worker thread', () => {
  const specs = parseModels(everyOption);
  expect(structuredClone(specs)).toEqual(specs);
});

describe('rejects', () => {
  it.each([
    ['', 'no models', 'name at least one, for instance medianOfMedians'],
    [' , ', 'no models', 'name at least one, for instance medianOfMedians'],
    ['medianOfMedian', 'unknown model: medianOfMedian', 'did you mean medianOfMedians? known are'],
    ['arima', 'unknown model: arima', 'known are medianOfMedians, prophet, seasonalNaive, naive'],
    ['constructor', 'unknown model: constructor', 'known are'],
    ['naive,naive', 'model named twice: naive', 'leave one out'],
    ['seasonalNaive:days=1,seasonalNaive', 'model named twice: seasonalNaive', 'leave one out'],
    ['medianOfMedians:window=11', 'unknown option of medianOfMedians: window', 'did you mean windows?'],
    ['medianOfMedians:statistic.London=mean', 'unknown option of medianOfMedians', 'its options are windows'],
    ['medianOfMedians:windows.=11', 'unknown option of medianOfMedians', 'windows.City'],
    ['medianOfMedians:', 'unknown option of medianOfMedians: (empty)', 'its options are'],
    ['naive:days=3', 'unknown option of naive: days', 'it has no options'],
    ['seasonalNaive:days', 'option seasonalNaive:days has no value', 'write seasonalNaive:days=…'],
    ['seasonalNaive:days=', 'option seasonalNaive:days has no value', 'write seasonalNaive:days=…'],
    ['seasonalNaive:days=1:days=7', 'option given twice: seasonalNaive:days', 'leave one out'],
    ['seasonalNaive:days=x', 'invalid seasonalNaive:days: x', ''],
  ])('%j', (text, message, remedy) => {
    const error = failureOf(() => parseModels(text));
    expect(error.kind).toBe('usage');
    expect(error.message).toContain(message);
    expect(error.remedy ?? '').toContain(remedy);
  });

  it('an unknown option in a spec made by hand', () => {
    expect(failureOf(() => createForecaster({ name: 'naive', options: { days: 3 } })).message).toBe(
      'unknown option of naive: days',
    );
  });
});

function failureOf(work: () => unknown): TrainyardError {
  try {
    work();
  } catch (error) {
    if (error instanceof TrainyardError) return error;
  }
  throw new Error('expected a TrainyardError');
}
