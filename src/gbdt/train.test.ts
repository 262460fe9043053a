import { describe, expect, it } from 'vitest';
import { createDataset, takeRows } from './dataset.ts';
import { numIterations } from './model.ts';
import { writeModel } from './modelText.ts';
import type { ObjectiveName } from './parameters.ts';
import { predict, predictRaw } from './predict.ts';
import { fixtureData } from './testing/fixtureData.ts';
import { train, trainAsync } from './train.ts';

const spec = {
  rows: 400,
  columns: ['smooth', 'rounded', 'few', 'zeros'],
  seed: 11,
  missing: 0.1,
  label: 'value',
  weighted: false,
} as const;
const data = fixtureData(spec);
const { columns, label } = data;

describe('training', () => {
  it('learns: errors fall far below those of the mean', () => {
    const { model } = train(createDataset(data), { numIterations: 60, minDataInLeaf: 5 });
    const predictions = predict(model, data);
    const mean = average(label);
    const error = average(predictions.map((p, i) => (p - label[i]) ** 2));
    expect(error).toBeLessThan(average(predictions.map((_, i) => (mean - label[i]) ** 2)) / 5);
  });

  it('grows the same model while letting events in, and keeps what is finished when told to stop', async () => {
    const dataset = createDataset(data);
    let events = 0;
    const timer = setInterval(() => events++, 0);
    const { model } = await trainAsync(dataset, { numIterations: 30 });
    clearInterval(timer);
    expect(writeModel(model)).toBe(writeModel(train(dataset, { numIterations: 30 }).model));
    expect(events).toBeGreaterThan(0);
    let stop = false;
    setImmediate(() => {
      stop = true;
    });
    const stopped = await trainAsync(dataset, { numIterations: 1e6 }, { onIteration: () => !stop });
    expect(numIterations(stopped.model)).toBeLessThan(100);
    expect(numIterations(stopped.model)).toBeGreaterThan(0);
    await expect(trainAsync(dataset, { numLeaves: 1 })).rejects.toThrow('invalid numLeaves: 1');
  });

  it('gives scores on validation sets that its model then predicts', () => {
    const dataset = createDataset(data);
    const other = fixtureData(spec, 1);
    const valid = createDataset(other, {}, { reference: dataset });
    const { model, history } = train(
      dataset,
      { numIterations: 7 },
      { validation: [{ data: valid, name: 'next' }] },
    );
    const predictions = predict(model, other);
    expect(history.next.l2.length).toBe(7);
    const error = average(predictions.map((p, i) => (p - Math.fround(other.label[i])) ** 2));
    expect(history.next.l2[6]).toBeCloseTo(error, 10);
  });

  it('is scored by its prefixes: the history of a long run holds that of every shorter one', () => {
    const dataset = createDataset(data);
    const valid = createDataset(fixtureData(spec, 1), {}, { reference: dataset });
    const options = { validation: [{ data: valid }] };
    const long = train(dataset, { numIterations: 12 }, options);
    const short = train(dataset, { numIterations: 5 }, options);
    expect(long.history.valid_0.l2.slice(0, 5)).toEqual(short.history.valid_0.l2);
    expect(predict(long.model, data, { numIterations: 5 })).toEqual(predict(short.model, data));
  });

  it('stops early, keeps all trees and predicts with the best iterations', () => {
    const dataset = createDataset(data);
    const valid = createDataset(fixtureData(spec, 1), {}, { reference: dataset });
    const parameters = { numIterations: 500, learningRate: 0.5, earlyStoppingRound: 4 };
    const { model, bestIteration, history } = train(dataset, parameters, { validation: [{ data: valid }] });
    const errors = history.valid_0.l2;
    expect(bestIteration).toBe(errors.indexOf(Math.min(...errors)) + 1);
    expect(numIterations(model)).toBe((bestIteration ?? 0) + 4);
    expect(predict(model, data)).toEqual(predict(model, data, { numIterations: bestIteration ?? 0 }));
  });

  it('takes metrics of one`s own, and stops when told to', () => {
    const worst = {
      name: 'worst',
      higherIsBetter: false,
      evaluate: (p: Float64Array, { label: y }: { label: Float32Array }) =>
        p.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0),
    };
    const { history, model } = train(
      createDataset(data),
      { numIterations: 50, metric: 'l1' },
      { evaluateTraining: true, metrics: [worst], onIteration: (iteration) => iteration < 3 },
    );
    expect(Object.keys(history.training)).toEqual(['l1', 'worst']);
    expect(history.training.worst.length).toBe(3);
    expect(numIterations(model)).toBe(3);
  });

  it('is the same for rows, columns and one long array', () => {
    const rows = Array.from(label, (_, i) => columns.map((column) => column[i]));
    const models = [
      { columns, label },
      { rows, label },
      { values: rows.flat(), numFeatures: 4, label },
    ].map((table) => writeModel(train(createDataset(table), { numIterations: 3 }).model));
    expect(models[1]).toBe(models[0]);
    expect(models[2]).toBe(models[0]);
  });

  it('on some rows of a dataset is as on a dataset of those rows binned alike', () => {
    const dataset = createDataset(data);
    const rows = Array.from({ length: 200 }, (_, i) => i * 2);
    const part = createDataset(
      {
        columns: columns.map((c) => c.filter((_, i) => i % 2 === 0)),
        label: label.filter((_, i) => i % 2 === 0),
      },
      {},
      { reference: dataset },
    );
    const taken = train(takeRows(dataset, rows), { numIterations: 4 }).model;
    expect(writeModel(taken)).toBe(writeModel(train(part, { numIterations: 4 }).model));
  });

  it('ignores rows of weight 0', () => {
    const weight = Float64Array.from(label, (_, i) => (i < 300 ? 1 : 0));
    const wild = label.map((y, i) => (i < 300 ? y : 1e6));
    const all = createDataset({ columns, label: wild, weight }, { minDataInLeaf: 1 });
    const some = takeRows(
      all,
      Array.from({ length: 300 }, (_, i) => i),
    );
    const parameters = { numIterations: 5, minDataInLeaf: 1, minSumHessianInLeaf: 20 };
    const difference = predict(train(all, parameters).model, { columns }).map(
      (p, i) => p - predict(train(some, parameters).model, { columns })[i],
    );
    expect(Math.max(...difference.map(Math.abs))).toBeLessThan(1e-9);
  });

  it('keeps monotone constraints', () => {
    const { model } = train(createDataset(data), { numIterations: 30, monotoneConstraints: [1, -1, 0, 0] });
    for (const feature of [0, 1]) {
      const grid = Array.from({ length: 80 }, (_, i) => [0.5, 0.5, 1, 2].with(feature, i / 4 - 10));
      const predictions = predict(model, { rows: grid });
      for (let i = 1; i < predictions.length; i++) {
        const step = (predictions[i] - predictions[i - 1]) * (feature === 0 ? 1 : -1);
        expect(step).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it.each<ObjectiveName>(['regression', 'regressionL1', 'huber', 'fair', 'poisson', 'quantile', 'mape'])(
    'lowers its own loss: %s',
    (objective) => {
      const positive = label.map((y) => Math.max(0, y) + 1);
      const dataset = createDataset({ columns, label: positive });
      const { history } = train(dataset, { objective, numIterations: 20 }, { evaluateTraining: true });
      const [losses] = Object.values(history.training);
      expect(losses[19]).toBeLessThan(losses[0]);
    },
  );

  it('has quantiles that hold their share of the labels', () => {
    for (const alpha of [0.1, 0.5, 0.9]) {
      const { model } = train(createDataset(data), { objective: 'quantile', alpha, numIterations: 50 });
      const below = average(predict(model, data).map((p, i) => (label[i] <= p ? 1 : 0)));
      expect(Math.abs(below - alpha)).toBeLessThan(0.06);
    }
  });

  it('gives chances that sum to 1', () => {
    const classes = label.map((y) => (y > 4 ? 2 : y > 2 ? 1 : 0));
    const dataset = createDataset({ columns, label: classes });
    const { model } = train(dataset, { objective: 'multiclass', numClass: 3, numIterations: 5 });
    const chances = predict(model, data);
    expect(chances.length).toBe(1200);
    for (let i = 0; i < 1200; i += 3) expect(chances[i] + chances[i + 1] + chances[i + 2]).toBeCloseTo(1, 12);
  });

  it('can be cancelled', () => {
    const controller = new AbortController();
    const onIteration = () => {
      controller.abort();
      return true;
    };
    expect(() => train(createDataset(data), {}, { signal: controller.signal, onIteration })).toThrow(
      'cancelled',
    );
  });
});

describe('awkward training data', () => {
  it('gives a constant and says so where no feature can be split', () => {
    const { model, warnings } = train(
      createDataset({
        columns: [
          [1, 1, 1],
          [0, 0, 0],
        ],
        label: [1, 2, 6],
      }),
      {},
    );
    expect(warnings[0]).toMatch(/no usable feature/);
    expect(Array.from(predict(model, { rows: [[5, 5]] }))).toEqual([3]);
  });

  it('says when training ended before its time', () => {
    const dataset = createDataset(
      { columns: [[1, 2, 3, 4]], label: [1, 1, 1, 1] },
      { featurePreFilter: false },
    );
    const { warnings } = train(dataset, { minDataInLeaf: 1 });
    expect(warnings[0]).toMatch(/training ended after 0 iterations/);
  });

  it('takes infinities and huge numbers as they are', () => {
    const column = Array.from(
      { length: 60 },
      (_, i) => [-Infinity, -1e300, 1e300, Infinity, 0, Number.NaN][i % 6],
    );
    const y = column.map((x) => (x > 0 ? 1 : 0));
    const { model } = train(createDataset({ columns: [column], label: y }), {
      minDataInLeaf: 2,
      learningRate: 1,
    });
    const [low, high] = predictRaw(model, { rows: [[-Infinity], [Infinity]] });
    expect(high).toBeGreaterThan(low);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a missing label',
      () => createDataset({ columns: [[1, 2]], label: [1, Number.NaN] }),
      /label of row 1 is NaN/,
    ],
    [
      'an infinite label',
      () => createDataset({ columns: [[1]], label: [Infinity] }),
      /label of row 0 is Infinity/,
    ],
    [
      'too few labels',
      () => createDataset({ columns: [[1, 2]], label: [1] }),
      /label has 1 values; expected 2/,
    ],
    ['no column', () => createDataset({ columns: [], label: [] }), /no feature to learn from/],
    ['no row', () => createDataset({ columns: [[]], label: [] }), /no row to learn from/],
    [
      'unequal columns',
      () => createDataset({ columns: [[1], [1, 2]], label: [1] }),
      /column 1 has 2 rows; expected 1/,
    ],
    [
      'text',
      () => createDataset({ columns: [['a' as unknown as number]], label: [1] }),
      /column 0, row 0 holds "a"/,
    ],
    [
      'a negative weight',
      () => createDataset({ columns: [[1, 2]], label: [1, 2], weight: [1, -1] }),
      /weight of row 1 is -1/,
    ],
    [
      'only zero weights',
      () => createDataset({ columns: [[1]], label: [1], weight: [0] }),
      /every weight is 0/,
    ],
    [
      'a name twice',
      () => createDataset({ columns: [[1], [2]], label: [1], featureNames: ['a', 'a'] }),
      /feature name "a" occurs twice/,
    ],
    [
      'a name with a colon',
      () => createDataset({ columns: [[1]], label: [1], featureNames: ['a:b'] }),
      /invalid feature name/,
    ],
    [
      'an unknown category column',
      () => createDataset({ columns: [[1]], label: [1], categoricalFeatures: ['x'] }),
      /unknown categorical feature: "x"/,
    ],
    [
      'poisson below 0',
      () => train(createDataset({ columns: [[1]], label: [-1] }), { objective: 'poisson' }),
      /for poisson/,
    ],
    [
      'a class out of range',
      () => train(createDataset({ columns: [[1]], label: [3] }), { objective: 'multiclass', numClass: 3 }),
      /label of row 0 is 3; expected an integer from 0 to 2/,
    ],
    [
      'bins of another dataset',
      () => train(createDataset(data), { maxBin: 16 }),
      /maxBin is 16 but the dataset was binned with 255/,
    ],
    [
      'smaller leaves than filtered for',
      () =>
        train(createDataset({ columns: [[0, 0, 0, 0, 1, 1, 1]], label: [1, 2, 3, 4, 5, 6, 7] }), {
          minDataInLeaf: 1,
        }),
      /minDataInLeaf is 1, but feature Column_0 was left out for 20/,
    ],
    [
      'a validation set of its own bins',
      () => train(createDataset(data), {}, { validation: [{ data: createDataset(data) }] }),
      /not binned with the training set/,
    ],
    [
      'a custom objective that is missing',
      () => train(createDataset(data), { objective: 'custom' }),
      /no objective function/,
    ],
    [
      'a custom objective of wrong size',
      () =>
        train(
          createDataset(data),
          { objective: 'custom' },
          { objective: () => ({ gradients: [1], hessians: [1] }) },
        ),
      /returned 1 gradients and 1 hessians; expected 400/,
    ],
    ['an unknown metric', () => train(createDataset(data), { metric: ['l3'] }), /unknown metric: l3/],
    [
      'constraints for other features',
      () => train(createDataset(data), { monotoneConstraints: [1] }),
      /1 monotoneConstraints for 4/,
    ],
    ['a row out of range', () => takeRows(createDataset(data), [400]), /invalid row 400/],
  ])('is refused: %s', (_, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});

function average(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
