import { describe, expect, it } from 'vitest';
import { predictContributions } from './contributions.ts';
import { createDataset } from './dataset.ts';
import { layOutForest } from './forest.ts';
import { predict, predictLeaves, predictRaw } from './predict.ts';
import { fixtureData } from './testing/fixtureData.ts';
import { train } from './train.ts';
import { childFor, type Tree } from './tree.ts';

const spec = {
  rows: 300,
  columns: ['smooth', 'fewCategory', 'rounded', 'few'],
  seed: 3,
  missing: 0.15,
  label: 'value',
  weighted: false,
} as const;
const data = fixtureData(spec);
const { model } = train(createDataset(data), { numIterations: 6, numLeaves: 8, minDataPerGroup: 5 });

describe('contributions', () => {
  it('sum to the raw score', () => {
    const contributions = predictContributions(model, data);
    const raw = predictRaw(model, data);
    for (let row = 0; row < spec.rows; row++) {
      const sum = contributions.slice(row * 5, row * 5 + 5).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(raw[row], 10);
    }
  });

  it('are the Shapley values of the game of known features', () => {
    const [tree] = model.trees;
    const only = { numIterations: 1 };
    for (const row of [0, 7, 40]) {
      const values = data.columns.map((column) => column[row]);
      const contributions = predictContributions(model, { rows: [values] }, only);
      for (let feature = 0; feature < 4; feature++) {
        expect(contributions[feature]).toBeCloseTo(shapley(tree, values, feature), 10);
      }
      expect(contributions[4]).toBeCloseTo(expectation(tree, values, new Set()), 10);
    }
  });
});

describe('prediction', () => {
  it('of parts adds up to the whole', () => {
    const first = predictRaw(model, data, { numIterations: 2 });
    const rest = predictRaw(model, data, { startIteration: 2 });
    const all = predictRaw(model, data);
    for (const [i, value] of all.entries()) expect(first[i] + rest[i]).toBeCloseTo(value, 10);
  });

  it('of a leaf is the value of that leaf', () => {
    const leaves = predictLeaves(model, data, { numIterations: 1 });
    const raw = predictRaw(model, data, { numIterations: 1 });
    for (const [i, leaf] of leaves.entries()) expect(model.trees[0].leafValue[leaf]).toBe(raw[i]);
  });

  it('of no row is empty', () => {
    expect(predict(model, { rows: [] }).length).toBe(0);
    expect(predict(model, { columns: [[], [], [], []] }).length).toBe(0);
  });

  it('lays out trees of one leaf too', () => {
    expect(layOutForest([{ ...model.trees[0], numLeaves: 1, leafValue: Float64Array.of(2) }]).roots[0]).toBe(
      ~0,
    );
  });

  it.each<[string, () => unknown, RegExp]>([
    ['too few features', () => predict(model, { rows: [[1, 2]] }), /table has 2 features; expected 4/],
    [
      'other names',
      () => predict(model, { rows: [[1, 2, 3, 4]] }, { featureNames: ['a', 'b', 'c', 'd'] }),
      /feature 0 is "a"; expected "Column_0"/,
    ],
    [
      'a start beyond the end',
      () => predict(model, data, { startIteration: 7 }),
      /invalid startIteration: 7/,
    ],
    ['half an iteration', () => predict(model, data, { numIterations: 0.5 }), /invalid numIterations: 0.5/],
    ['no table', () => predict(model, {} as { rows: number[][] }), /invalid feature table/],
  ])('refuses %s', (_, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});

// By definition: the mean change over all orders in which features become known.
function shapley(tree: Tree, values: number[], feature: number): number {
  const others = [0, 1, 2, 3].filter((f) => f !== feature);
  let sum = 0;
  for (let mask = 0; mask < 8; mask++) {
    const known = new Set(others.filter((_, bit) => (mask >> bit) & 1));
    const weight = [6, 2, 2, 6][known.size] / 24;
    const without = expectation(tree, values, known);
    sum += weight * (expectation(tree, values, new Set([...known, feature])) - without);
  }
  return sum;
}

function expectation(tree: Tree, values: number[], known: ReadonlySet<number>, node = 0): number {
  if (node < 0) return tree.leafValue[~node];
  const feature = tree.splitFeature[node];
  if (known.has(feature)) return expectation(tree, values, known, childFor(tree, node, values[feature]));
  const count = (child: number) => (child < 0 ? tree.leafCount[~child] : tree.internalCount[child]);
  return [tree.leftChild[node], tree.rightChild[node]].reduce(
    (sum, child) => sum + (count(child) / count(node)) * expectation(tree, values, known, child),
    0,
  );
}
