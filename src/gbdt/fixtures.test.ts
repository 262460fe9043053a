import { describe, expect, it } from 'vitest';
import { predictContributions } from './contributions.ts';
import { createDataset } from './dataset.ts';
import { featureImportance } from './importance.ts';
import { readModel } from './modelReader.ts';
import { writeModel } from './modelText.ts';
import type { GbdtParameters } from './parameters.ts';
import { predict, predictLeaves, predictRaw } from './predict.ts';
import { type FixtureSpec, fixtureData, loadFixture } from './testing/fixtureData.ts';
import { train } from './train.ts';

interface Predictions {
  raw: number[];
  predictions: number[];
  leaves: number[];
  contributions: number[];
}

interface FixtureCase extends Predictions {
  name: string;
  data: FixtureSpec;
  valid: boolean;
  parameters: GbdtParameters;
  history: Record<string, number[]> | null;
  bestIteration: number | null;
  splits: number[];
  gains: number[];
}

interface Special {
  data: FixtureSpec;
  full: string;
  continued: string;
  custom: string;
  initScore: string;
  foreign: (Predictions & { name: string; text: string })[];
}

const cases: FixtureCase[] = loadFixture('cases');
const models: Record<string, string> = loadFixture('models');
const special: Special = loadFixture('special');

describe('models beside those of LightGBM 4.7, to the last bit', () => {
  it.each(cases)('$name', (fixture) => {
    const { data, parameters } = fixture;
    const dataset = createDataset(fixtureData(data), parameters);
    const validation = fixture.valid
      ? [{ data: createDataset(fixtureData(data, 1), {}, { reference: dataset }) }]
      : [];
    const { model, history, bestIteration } = train(dataset, parameters, { validation });

    // Every tree: features, gains, thresholds, directions, values, weights and counts of leaves and nodes.
    expect(trees(writeModel(model))).toBe(models[fixture.name]);
    if (fixture.history) expect(history.valid_0).toEqual(fixture.history);
    expect(bestIteration ?? null).toBe(fixture.bestIteration);
    expectPredictions(model, data, fixture);
    const every = model.trees.length;
    expect(Array.from(featureImportance(model, 'split', every))).toEqual(fixture.splits);
    expectClose(featureImportance(model, 'gain', every), fixture.gains);
  });
});

describe('other ways of training beside LightGBM', () => {
  const { columns, label } = fixtureData(special.data);
  const data = { columns, label };
  const first = () => train(createDataset(data), { numIterations: 6 }).model;

  it('writes a whole file byte for byte, but for what the Python package appends', () => {
    expect(`${writeModel(first())}\npandas_categorical:null\n`).toBe(special.full);
  });

  it('goes on from a model', () => {
    const parameters = { objective: 'huber', learningRate: 0.25, numIterations: 5 } as const;
    const dataset = createDataset(data, {}, { initModel: first() });
    expect(trees(writeModel(train(dataset, parameters).model))).toBe(special.continued);
  });

  it('takes a custom objective', () => {
    const { model } = train(
      createDataset(data),
      { objective: 'custom', numIterations: 6 },
      {
        objective: (scores, { label: y }) => ({
          gradients: scores.map((score, i) => score - y[i]),
          hessians: new Float32Array(scores.length).fill(1),
        }),
      },
    );
    expect(trees(writeModel(model))).toBe(special.custom);
  });

  it('starts from given scores', () => {
    const initScore = columns[2].map((x) => (Number.isNaN(x) ? 0 : x * 0.5));
    const { model } = train(createDataset({ ...data, initScore }), { numIterations: 6 });
    expect(trees(writeModel(model))).toBe(special.initScore);
  });
});

describe('models that LightGBM wrote', () => {
  it.each(Object.keys(models))('come out as they went in: %s', (name) => {
    const text = models[name];
    expect(writeModel(readModel(text)).trimEnd()).toBe(text.trimEnd());
  });

  it.each(special.foreign)('of a kind we do not train predict the same: $name', (foreign) => {
    const model = readModel(foreign.text);
    expectPredictions(model, special.data, foreign, 0);
    expect(writeModel(model)).toBe(foreign.text);
  });
});

function trees(text: string): string {
  return text.split('\nparameters:')[0];
}

function expectPredictions(
  model: Parameters<typeof predict>[0],
  data: FixtureSpec,
  expected: Predictions,
  part = 2,
): void {
  const columns = fixtureData(data, part).columns.map((column) => column.slice(0, 50));
  const all = { numIterations: model.trees.length };
  const raw = predictRaw(model, { columns }, all);
  expect(Array.from(raw.slice(0, expected.raw.length))).toEqual(expected.raw);
  const predictions = predict(model, { columns }, all);
  expect(Array.from(predictions.slice(0, expected.predictions.length))).toEqual(expected.predictions);
  const leaves = predictLeaves(model, { columns }, all);
  expect(Array.from(leaves.slice(0, expected.leaves.length))).toEqual(expected.leaves);
  const contributions = predictContributions(model, { columns }, all);
  expectClose(contributions.slice(0, expected.contributions.length), expected.contributions);
}

function expectClose(found: Float64Array, expected: number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(value)));
  }
}
