import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { createDataset } from './dataset.ts';
import { writeModel } from './modelText.ts';
import type { GbdtParameters } from './parameters.ts';
import { train } from './train.ts';

/** Numbers, few values, categories, gaps. */
function table(rows: number) {
  const random = randomStream(2, 'threads');
  const draw = (value: () => number) =>
    Float64Array.from({ length: rows }, () => (random.uniform() < 0.05 ? Number.NaN : value()));
  const columns = [
    ...Array.from({ length: 7 }, () => draw(random.normal)),
    draw(() => random.integer(3)),
    draw(() => random.integer(30)),
  ];
  const label = Float64Array.from(
    { length: rows },
    (_, i) =>
      2 * (columns[0][i] || 0) - (columns[1][i] || 0) ** 2 + ((columns[8][i] || 0) % 5) + random.normal(),
  );
  return { columns, label, weight: label.map((value) => 1 + (value > 0 ? 1 : 0)) };
}

const { columns, label, weight } = table(1500);
const data = { columns, label, categoricalFeatures: [8] };
const classes = { ...data, label: label.map((value) => (value < -1 ? 0 : value < 2 ? 1 : 2)) };

describe('training on several threads', () => {
  const cases: [string, Parameters<typeof createDataset>[0], GbdtParameters][] = [
    ['squares', data, {}],
    ['absolutes', data, { objective: 'regressionL1' }],
    ['weights', { ...data, weight }, { lambdaL1: 0.1, lambdaL2: 1 }],
    ['classes', classes, { objective: 'multiclass', numClass: 3 }],
    ['samples of rows and columns', data, { baggingFraction: 0.6, baggingFreq: 1, featureFraction: 0.6 }],
    ['columns by node', data, { featureFractionByNode: 0.5 }],
    ['constraints', { columns, label }, { monotoneConstraints: [1, -1, 0, 0, 0, 0, 0, 0, 1] }],
    ['small leaves', data, { minDataInLeaf: 1, numLeaves: 60, maxDepth: 7 }],
    ['few bins', data, { maxBin: 7 }],
  ];
  it.each(cases)('grows the same trees to the last byte: %s', (_, table, parameters) => {
    const dataset = createDataset(table, parameters);
    const [one, ...others] = [1, 2, 3].map((numThreads) =>
      writeModel(train(dataset, { ...parameters, numIterations: 5, numThreads }).model),
    );
    expect(one.match(/^Tree=/gm)?.length).toBeGreaterThan(1);
    for (const other of others) expect(other).toBe(one);
  });

  it('ends its threads when training ends early', async () => {
    const dataset = createDataset(data);
    const stop = new AbortController();
    const onIteration = (iteration: number) => {
      if (iteration === 2) stop.abort();
      return true;
    };
    const { signal } = stop;
    expect(() => train(dataset, { numThreads: 2 }, { signal, onIteration })).toThrow('cancelled');
    const before = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    expect(after).toBeLessThanOrEqual(before);
  });

  it('refuses numbers that are none of threads', () => {
    expect(() => train(createDataset(data), { numThreads: -2 })).toThrow('invalid numThreads: -2');
    expect(() => train(createDataset(data), { numThreads: 1.5 })).toThrow('invalid numThreads: 1.5');
  });
});
