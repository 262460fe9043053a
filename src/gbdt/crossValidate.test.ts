import { describe, expect, it } from 'vitest';
import { crossValidate } from './crossValidate.ts';
import { createDataset } from './dataset.ts';
import { type Fold, kFolds } from './folds.ts';
import { writeModel } from './modelText.ts';
import type { GbdtParameters } from './parameters.ts';
import { predict } from './predict.ts';
import { type FixtureSpec, fixtureData, loadFixture } from './testing/fixtureData.ts';
import { train } from './train.ts';

interface Fixture {
  name: string;
  data: FixtureSpec;
  parameters: GbdtParameters;
  results: Record<string, number[]>;
  bestIteration: number | null;
}

const fixtures: Fixture[] = loadFixture('crossValidation');
const spec: FixtureSpec = {
  rows: 300,
  columns: ['smooth', 'rounded', 'few', 'zeros'],
  seed: 5,
  missing: 0.1,
  label: 'value',
  weighted: false,
};
const data = fixtureData(spec);
const inTurns = { folds: everyFourth(spec.rows), workers: 0 };

describe('cross-validation beside that of LightGBM', () => {
  it.each(fixtures)(
    'has its means and deviations: $name',
    async ({ data: given, parameters, results, bestIteration }) => {
      const { scores, bestIteration: best } = await crossValidate(fixtureData(given), parameters, {
        folds: everyFourth(given.rows),
        workers: 0,
      });
      expect(best ?? null).toBe(bestIteration);
      for (const [name, { mean, std }] of Object.entries(scores)) {
        const expected = results[`valid ${name}-mean`];
        // With early stopping LightGBM keeps what led to the best iteration.
        expect(mean.slice(0, expected.length)).toEqual(expected);
        expect(std.slice(0, expected.length)).toEqual(results[`valid ${name}-stdv`]);
      }
      expect(Object.keys(scores).length * 2).toBe(Object.keys(results).length);
    },
  );
});

describe('cross-validation', () => {
  it('is the same for any number of threads, early stopping included', async () => {
    const parameters = {
      numIterations: 200,
      learningRate: 0.3,
      earlyStoppingRound: 4,
      baggingFraction: 0.8,
      baggingFreq: 1,
    };
    const alone = await crossValidate(data, parameters, { ...inTurns, workers: 0 });
    expect(alone.scores.l2.mean.length).toBe((alone.bestIteration ?? 0) + 4);
    for (const workers of [1, 3]) {
      const other = await crossValidate(data, parameters, { ...inTurns, workers });
      expect(other).toEqual(alone);
    }
  });

  it('predicts every row with the model that did not see it', async () => {
    const kinds: FixtureSpec['columns'] = ['smooth', 'category', 'constant', 'few', 'manyCategory', 'zeros'];
    const mixed = fixtureData({ ...spec, rows: 900, columns: kinds, label: 'binary' });
    const parameters = {
      objective: 'binary',
      numIterations: 60,
      learningRate: 0.3,
      earlyStoppingRound: 3,
    } as const;
    const folds = everyFourth(900);
    const { predictions, models, bestIteration } = await crossValidate(mixed, parameters, {
      folds,
      workers: 0,
    });
    expect(bestIteration).toBeLessThan(60);
    for (const [i, { test }] of folds.entries()) {
      const expected = predict(models[i], mixed);
      expect(Array.from(test, (row) => predictions[row])).toEqual(Array.from(test, (row) => expected[row]));
    }
  });

  it('predicts several classes row after row', async () => {
    const classes = fixtureData({ ...spec, label: 'classes' });
    const parameters = { objective: 'multiclass', numClass: 3, numIterations: 5 } as const;
    const { predictions, models, folds } = await crossValidate(classes, parameters, inTurns);
    expect(predictions.length).toBe(900);
    const expected = predict(models[1], classes);
    for (const row of folds[1].test) {
      expect(predictions.slice(row * 3, row * 3 + 3)).toEqual(expected.slice(row * 3, row * 3 + 3));
    }
  });

  it('predicts means where folds overlap and nothing where none tests', async () => {
    const [a, b] = everyFourth(300);
    const folds = [a, a, { ...b, test: b.test.slice(1) }];
    const { predictions, models } = await crossValidate(data, { numIterations: 3 }, { folds, workers: 0 });
    expect(predictions[b.test[0]]).toBeNaN();
    expect(predictions[a.test[0]]).toBe(predict(models[0], data)[a.test[0]]);
  });

  it('goes on from start scores and from a model', async () => {
    const initScore = Float64Array.from({ length: 300 }, (_, i) => (i % 5) - 2);
    const { scores, predictions, folds } = await crossValidate(
      { ...data, initScore },
      { numIterations: 4 },
      inTurns,
    );
    const initModel = train(createDataset(data, { maxBin: 20 }), { numIterations: 3 }).model;
    const continued = await crossValidate(
      createDataset(data, {}, { initModel }),
      { numIterations: 4 },
      inTurns,
    );
    for (const [found, { mean, folds: byFold }] of [
      [predictions, scores.l2],
      [continued.predictions, continued.scores.l2],
    ] as const) {
      expect(mean.length).toBe(4);
      const errors = folds.map(({ test }) => {
        const squares = Array.from(test, (row) => (found[row] - Math.fround(data.label[row])) ** 2);
        return squares.reduce((sum, x) => sum + x, 0) / test.length;
      });
      for (const [fold, error] of errors.entries()) expect(byFold[fold][3]).toBeCloseTo(error, 10);
    }
    expect(continued.models[0].trees.length).toBe(7);
  });

  it('bins fold by fold when asked, as if each fold came alone', async () => {
    const weighted = fixtureData({ ...spec, weighted: true });
    const parameters = { numIterations: 4, maxBin: 32 };
    const { scores, models } = await crossValidate(weighted, parameters, { ...inTurns, binning: 'perFold' });
    const [{ train: rows, test }] = inTurns.folds;
    const take = (taken: Int32Array) => ({
      columns: weighted.columns.map((column) => Array.from(taken, (row) => column[row])),
      label: Array.from(taken, (row) => weighted.label[row]),
      weight: Array.from(taken, (row) => weighted.weight?.[row] ?? 0),
    });
    const dataset = createDataset(take(rows), parameters);
    const validation = [{ data: createDataset(take(test), {}, { reference: dataset }) }];
    const alone = train(dataset, parameters, { validation });
    expect(writeModel(models[0])).toBe(writeModel(alone.model));
    expect(scores.l2.folds[0]).toEqual(alone.history.valid_0.l2);
    const once = await crossValidate(weighted, parameters, inTurns);
    expect(once.scores.l2.mean).not.toEqual(scores.l2.mean);
  });

  it('goes on at the last value in a fold that cannot be split any more', async () => {
    const small = fixtureData({ ...spec, rows: 60 });
    const folds: Fold[] = [
      { train: rowsTo(50), test: Int32Array.of(50, 51, 52) },
      { train: rowsTo(8), test: Int32Array.of(8, 9, 10) },
    ];
    const { scores, warnings, predictions } = await crossValidate(
      small,
      { numIterations: 6 },
      { folds, workers: 0 },
    );
    const constant = rowsTo(8).reduce((sum, row) => sum + Math.fround(small.label[row]), 0) / 8;
    expect(predictions[9]).toBeCloseTo(constant, 12);
    expect(new Set(scores.l2.folds[1]).size).toBe(1);
    expect(scores.l2.folds[1].length).toBe(6);
    expect(new Set(scores.l2.folds[0]).size).toBe(6);
    expect(warnings).toEqual([expect.stringMatching(/^fold 1: training ended after 0 iterations/)]);
  });

  it('says how far it is', async () => {
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      expect(total).toBe(4);
      seen.push(done);
    };
    await crossValidate(data, { numIterations: 2 }, { ...inTurns, onProgress });
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const running = crossValidate(
      data,
      { numIterations: 3000 },
      { ...inTurns, workers: 2, signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 200);
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('cross-validation refuses', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a custom objective',
      () => crossValidate(data, { objective: 'custom' }),
      /custom objective cannot be sent/,
    ],
    ['no iteration', () => crossValidate(data, { numIterations: 0 }), /invalid numIterations: 0/],
    [
      'an unknown parameter',
      () => crossValidate(data, { leaves: 3 } as GbdtParameters),
      /unsupported parameter: leaves/,
    ],
    ['an unknown metric', () => crossValidate(data, { metric: 'l3' }), /unknown metric: l3/],
    [
      'a missing label',
      () => crossValidate({ ...data, label: data.label.map(() => Number.NaN) }),
      /label of row 0 is NaN/,
    ],
    [
      'more folds than rows',
      () => crossValidate(data, {}, { folds: 301 }),
      /301 folds need as many rows; found 300/,
    ],
    [
      'labels that the objective cannot use',
      () => crossValidate(data, { objective: 'poisson' }, { workers: 1 }),
      /for poisson/,
    ],
    [
      'bins twice',
      () => crossValidate(createDataset(data), {}, { binning: 'perFold' }),
      /a dataset is binned already/,
    ],
    [
      'workers that are none',
      () => crossValidate(data, { earlyStoppingRound: 1 }, { workers: -1 }),
      /invalid workers: -1/,
    ],
    [
      'a fold without weight',
      () => {
        const weight = data.label.map((_, i) => (i < 60 ? 0 : 1));
        return crossValidate({ ...data, weight }, {}, { folds: kFolds(300, { folds: 5 }) });
      },
      /every test row of fold 0 has weight 0/,
    ],
    [
      'a wrong way of binning',
      () => crossValidate(data, {}, { binning: 'twice' as 'once' }),
      /invalid binning: twice; expected once or perFold/,
    ],
  ])('%s', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message);
  });
});

describe('more folds', () => {
  it('than threads are shared out, and rows in any order are taken in theirs', async () => {
    const folds = kFolds(300, { folds: 7, seed: 1 });
    const parameters = { numIterations: 30, earlyStoppingRound: 2, learningRate: 0.5 };
    const ascending = await crossValidate(data, parameters, { folds, workers: 2 });
    const backwards = folds.map((fold) => ({ train: fold.train.toReversed(), test: fold.test.toReversed() }));
    expect(await crossValidate(data, parameters, { folds: backwards, workers: 0 })).toEqual(ascending);
  });
});

function everyFourth(numRows: number): Fold[] {
  const rows = rowsTo(numRows);
  return [0, 1, 2, 3].map((fold) => ({
    train: rows.filter((row) => row % 4 !== fold),
    test: rows.filter((row) => row % 4 === fold),
  }));
}

function rowsTo(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
