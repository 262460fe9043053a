import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDataset } from './dataset.ts';
import { writeModel } from './modelText.ts';
import type { GbdtParameters } from './parameters.ts';
import { predict, predictRaw } from './predict.ts';
import { type FixtureSpec, fixtureData } from './testing/fixtureData.ts';
import { train } from './train.ts';

interface FixtureCase {
  name: string;
  data: FixtureSpec;
  valid: boolean;
  parameters: GbdtParameters;
  history: Record<string, number[]> | null;
  bestIteration: number | null;
  raw: number[];
  predictions: number[];
}

const cases: FixtureCase[] = load('cases');
const models: Record<string, string> = load('models');

describe('models beside those of LightGBM 4.7, to the last bit', () => {
  it.each(cases)('$name', (fixture) => {
    const { data, parameters } = fixture;
    const dataset = createDataset(fixtureData(data), parameters);
    const validation = fixture.valid
      ? [{ data: createDataset(fixtureData(data, 1), {}, { reference: dataset }) }]
      : [];
    const { model, history, bestIteration } = train(dataset, parameters, { validation });

    // Every tree: features, gains, thresholds, directions, values, weights and counts of leaves and nodes.
    expect(writeModel(model).split('\nparameters:')[0]).toBe(models[fixture.name]);
    if (fixture.history) expect(history.valid_0).toEqual(fixture.history);
    expect(bestIteration ?? null).toBe(fixture.bestIteration);

    const columns = fixtureData(data, 2).columns.map((column) => column.slice(0, 50));
    const all = { numIterations: model.trees.length };
    const raw = predictRaw(model, { columns }, all);
    expect(Array.from(raw.slice(0, fixture.raw.length))).toEqual(fixture.raw);
    const predictions = predict(model, { columns }, all);
    expect(Array.from(predictions.slice(0, fixture.predictions.length))).toEqual(fixture.predictions);
  });
});

function load(name: string) {
  const path = new URL(`../../fixtures/gbdt/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString());
}
