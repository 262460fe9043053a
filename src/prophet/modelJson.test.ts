import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fitProphet } from './fit.ts';
import { loadProphet, readProphet, saveProphet, writeProphet } from './modelJson.ts';
import { predictProphet } from './predict.ts';
import { loadFixtures, rowsOf, valuesOf } from './testing/fixtures.ts';

const fixtures = loadFixtures().filter(({ times }) => times.length < 1000);

it('reads back what it wrote, to the last bit', () => {
  for (const fixture of fixtures) {
    const model = fitProphet({ ...rowsOf(fixture, 'history'), values: valuesOf(fixture) }, fixture.options);
    const read = readProphet(writeProphet(model));
    expect(read).toEqual(model);
    const rows = rowsOf(fixture, 'horizon');
    expect(predictProphet(read, rows)).toEqual(predictProphet(model, rows));
  }
});

it('saves and loads a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-prophet-'));
  try {
    const [fixture] = fixtures;
    const model = fitProphet({ ...rowsOf(fixture, 'history'), values: valuesOf(fixture) }, fixture.options);
    const path = join(folder, 'model.json');
    await saveProphet(model, path);
    expect(await loadProphet(path)).toEqual(model);
    writeFileSync(path, 'no model');
    await expect(loadProphet(path)).rejects.toThrow(`${path}: not a JSON object`);
    await expect(loadProphet(join(folder, 'absent.json'))).rejects.toThrow('cannot read');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('rejects a file', () => {
  const [fixture] = fixtures;
  const model = fitProphet({ ...rowsOf(fixture, 'history'), values: valuesOf(fixture) }, fixture.options);
  const fields = JSON.parse(writeProphet(model)) as Record<string, unknown>;
  it.each([
    ['of another format', { format: 'prophet' }, 'format is "prophet"; expected trainyard prophet'],
    ['of a later version', { version: 2 }, 'version is 2; expected 1'],
    ['without a rate', { k: undefined }, 'k is absent; expected a number'],
    ['whose offset became text', { m: '3' }, 'm is "3"; expected a number'],
    ['with a null among its changes', { delta: [null] }, 'delta is [null]; expected a list of numbers'],
    ['with a coefficient too few', { beta: model.beta.slice(1) }, `beta has ${model.beta.length - 1} values`],
    ['with a change too many', { delta: [...model.delta, 0] }, 'delta has 26 values; expected 25'],
    ['whose noise is nought', { sigma: 0 }, 'sigma is 0; expected a number above 0'],
    [
      'with options that are no more known',
      { options: { growth: 'cubic' } },
      'options: invalid growth: cubic',
    ],
    [
      'with damaged seasonalities',
      { seasonalities: [{}] },
      'seasonalities is [{}]; expected a list of seasonalities',
    ],
    ['with damaged regressors', { regressors: [1] }, 'regressors is [1]; expected a list of regressors'],
  ])('%s', (_, changed, message) => {
    expect(() => readProphet(JSON.stringify({ ...fields, ...changed }), 'model.json')).toThrow(
      `model.json: ${message}`,
    );
  });
});
