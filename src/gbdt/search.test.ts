import { describe, expect, it } from 'vitest';
import { crossValidate } from './crossValidate.ts';
import { createDataset } from './dataset.ts';
import { groupedFolds, kFolds } from './folds.ts';
import { writeModel } from './modelText.ts';
import type { GbdtParameters } from './parameters.ts';
import { type SearchOptions, type SearchResult, searchParameters } from './search.ts';
import type { SearchSpace } from './searchSpace.ts';
import { type FixtureSpec, fixtureData } from './testing/fixtureData.ts';
import { train } from './train.ts';

const spec: FixtureSpec = {
  rows: 400,
  columns: ['smooth', 'rounded', 'few', 'zeros'],
  seed: 5,
  missing: 0.1,
  label: 'value',
  weighted: false,
};
const data = fixtureData(spec);
const folds = kFolds(spec.rows, { folds: 3, seed: 1 });
const space = {
  learningRate: [0.3, 0.05],
  nEstimators: [4, 9],
  numLeaves: [4, 15],
} satisfies SearchSpace;

describe('a grid', () => {
  it('scores every setting as cross-validating it alone does, growing the longest of each only', async () => {
    const { trials, models, best } = await searchParameters(data, space, { folds, workers: 0 });
    expect(trials.length).toBe(8);
    expect(models).toBe(4 * 3);
    for (const { parameters, score, std, foldScores, iterations } of trials) {
      const { scores } = await crossValidate(data, parameters, { folds, workers: 0 });
      expect(scores.l2.mean.at(-1)).toBe(score);
      expect(scores.l2.std.at(-1)).toBe(std);
      expect(scores.l2.folds.map((values) => values.at(-1))).toEqual(foldScores);
      expect(iterations).toBe(parameters.numIterations);
    }
    const scores = trials.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    expect(best).toEqual(trials[0].parameters);
  });

  it('is the same for any number of threads', async () => {
    const options = { folds, parameters: { baggingFreq: 1, earlyStoppingRound: 2 } };
    const sampled = { ...space, subsample: [0.5, 0.9] };
    const alone = await searchParameters(data, sampled, { ...options, workers: 0 });
    for (const workers of [1, 3]) {
      const other = await searchParameters(data, sampled, { ...options, workers });
      expect(withoutTimes(other)).toEqual(withoutTimes(alone));
    }
  });

  it('ranks by what a metric wants', async () => {
    const binary = fixtureData({ ...spec, label: 'binary' });
    const parameters = { objective: 'binary' } as const;
    const search = (metric: string) =>
      searchParameters(binary, space, { parameters, metric, folds, workers: 0 });
    const byArea = await search('auc');
    const areas = byArea.trials.map(({ score }) => score);
    expect(byArea.higherIsBetter).toBe(true);
    expect(areas).toEqual(areas.toSorted((a, b) => b - a));
    const byError = await search('binaryError');
    expect(byError.metric).toBe('binary_error');
    expect(byError.trials[0].score).toBe(Math.min(...byError.trials.map(({ score }) => score)));
  });

  it('stops every setting on the mean of its folds, and hands on the iterations that were best', async () => {
    const parameters = { earlyStoppingRound: 3, objective: 'regressionL1' } as const;
    const tried = { learningRate: [0.5, 0.8], numIterations: [5, 400] };
    const { trials, best } = await searchParameters(data, tried, { parameters, folds, workers: 0 });
    for (const trial of trials) {
      const alone = await crossValidate(data, { ...parameters, ...trial.parameters }, { folds, workers: 0 });
      expect(trial.iterations).toBe(alone.bestIteration);
      expect(trial.score).toBe(alone.scores.l1.mean[trial.iterations - 1]);
    }
    expect(best).toEqual({
      objective: 'regressionL1',
      learningRate: trials[0].parameters.learningRate,
      numIterations: trials[0].iterations,
    });
    expect(train(createDataset(data, best), best).model.trees.length).toBe(trials[0].iterations);
  });

  it('bins once for each way of binning that the space holds', async () => {
    const rare = {
      columns: [...data.columns, data.label.map((_, i) => (i % 50 === 0 ? 1 : 0))],
      label: data.label,
    };
    const tried = { maxBin: [16, 255], minDataInLeaf: [2, 20] };
    const { trials } = await searchParameters(rare, tried, { folds, workers: 0 });
    for (const { parameters, score } of trials) {
      const { scores } = await crossValidate(rare, parameters, { folds, workers: 0 });
      expect(scores.l2.mean.at(-1)).toBe(score);
    }
    expect(new Set(trials.map(({ score }) => score)).size).toBe(4);
  });

  it('keeps groups together', async () => {
    const groups = Array.from({ length: spec.rows }, (_, i) => `week ${Math.floor(i / 40)}`);
    const grouped = groupedFolds(groups, { folds: 3 });
    const { trials } = await searchParameters(data, { numLeaves: [5] }, { folds: grouped, workers: 0 });
    const { scores } = await crossValidate(data, { numLeaves: 5 }, { folds: grouped, workers: 0 });
    expect(trials[0].score).toBe(scores.l2.mean[99]);
  });
});

describe('settings that grow the same model', () => {
  it('are trained once, and a parameter without effect is named', async () => {
    const tried = { subsample: [0.3, 0.5, 0.7], numLeaves: [4, 8] };
    const { trials, models, warnings } = await searchParameters(data, tried, { folds, workers: 0 });
    expect(models).toBe(2 * 3);
    expect(trials.length).toBe(6);
    expect(new Set(trials.map(({ score }) => score)).size).toBe(2);
    expect(warnings).toEqual([expect.stringMatching(/^baggingFraction had no effect: baggingFreq is 0;/)]);
    // As LightGBM has it: to the last tree.
    const text = [0.3, 0.7].map((subsample) => writeModel(train(createDataset(data), { subsample }).model));
    expect(trees(text[0])).toBe(trees(text[1]));
  });

  it('are told from those that differ', async () => {
    const tried = { subsample: [0.3, 0.7], baggingFreq: [0, 1], maxDepth: [-1, 2, 3] };
    const { models, warnings, trials } = await searchParameters(data, tried, {
      parameters: { numLeaves: 4, numIterations: 5 },
      folds,
      workers: 0,
    });
    // Three ways of bagging; trees of 4 leaves are at most 3 deep.
    expect(models).toBe(3 * 2 * 3);
    expect(warnings).toEqual([]);
    for (const { parameters, score } of trials) {
      const alone = await crossValidate(
        data,
        { numLeaves: 4, numIterations: 5, ...parameters },
        { folds, workers: 0 },
      );
      expect(alone.scores.l2.mean[4]).toBe(score);
    }
  });

  it.each<[string, SearchSpace, GbdtParameters]>([
    ['baggingFreq', { baggingFreq: [0, 3] }, {}],
    ['baggingSeed', { baggingSeed: [3, 4] }, { baggingFreq: 1 }],
    ['featureFractionSeed', { featureFractionSeed: [2, 9] }, {}],
    ['dataRandomSeed', { dataRandomSeed: [1, 9] }, {}],
    ['seed', { seed: [1, 9] }, {}],
    ['alpha', { alpha: [0.5, 0.9] }, {}],
    ['fairC', { fairC: [1, 2] }, { objective: 'huber' }],
    ['poissonMaxDeltaStep', { poissonMaxDeltaStep: [0.5, 0.9] }, {}],
    ['sigmoid', { sigmoid: [1, 2] }, {}],
    ['scalePosWeight', { scalePosWeight: [1, 2] }, {}],
    ['isUnbalance', { isUnbalance: [false, true] }, {}],
    ['catSmooth', { catSmooth: [1, 10] }, {}],
    ['minDataPerGroup', { minDataPerGroup: [5, 100] }, {}],
    ['maxCatThreshold', { maxCatThreshold: [5, 32] }, {}],
    ['catL2', { catL2: [1, 10] }, {}],
    ['maxCatToOnehot', { maxCatToOnehot: [1, 4] }, {}],
    ['maxDepth', { maxDepth: [30, 40] }, {}],
    ['multiErrorTopK', { multiErrorTopK: [1, 2] }, {}],
    ['firstMetricOnly', { firstMetricOnly: [false, true] }, {}],
    ['earlyStoppingMinDelta', { earlyStoppingMinDelta: [0, 1] }, {}],
  ])('by %s grow it to the last bit', async (name, tried, parameters) => {
    const [, values] = Object.entries(tried)[0];
    const texts = (Array.isArray(values) ? values : []).map((value: unknown) => {
      const own = { numIterations: 6, ...parameters, [name]: value };
      return trees(writeModel(train(createDataset(data, own), own).model));
    });
    expect(texts[1]).toBe(texts[0]);
    const given = { parameters: { numIterations: 6, ...parameters }, folds, workers: 0 };
    const { models, warnings } = await searchParameters(data, tried, given);
    expect(models).toBe(3);
    expect(warnings[0]).toMatch(`${name} had no effect: `);
  });
});

describe('random search', () => {
  const ranges: SearchSpace = {
    learningRate: { from: 0.01, to: 1, scale: 'log' },
    numLeaves: { from: 2, to: 5, integer: true },
    lambdaL2: { from: 0, to: 3 },
    objective: ['regression', 'huber'],
  };
  const options = {
    strategy: 'random',
    parameters: { numIterations: 2 },
    metric: 'l1',
    folds,
    workers: 0,
  } as const;

  it('draws from lists and ranges, more trials beginning with the same', async () => {
    const few = await searchParameters(data, ranges, { ...options, trials: 6, seed: 2 });
    const many = await searchParameters(data, ranges, { ...options, trials: 60, seed: 2 });
    expect(few.trials.length).toBe(6);
    for (const { parameters } of few.trials) {
      expect(many.trials.map((trial) => trial.parameters)).toContainEqual(parameters);
    }
    const drawn = many.trials.map(({ parameters }) => parameters);
    expect(new Set(drawn.map(({ numLeaves }) => numLeaves))).toEqual(new Set([2, 3, 4, 5]));
    expect(new Set(drawn.map(({ objective }) => objective)).size).toBe(2);
    const rates = drawn.map(({ learningRate }) => learningRate ?? 0);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.01);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1);
    // Half of them below the middle of the logarithms, give or take four deviations.
    expect(Math.abs(rates.filter((rate) => rate < 0.1).length - 30)).toBeLessThan(16);
  });

  it('ends with the whole grid where that is small', async () => {
    const { trials } = await searchParameters(
      data,
      { numLeaves: [2, 3, 4], maxDepth: [2, 3] },
      { ...options, trials: 99 },
    );
    expect(trials.length).toBe(6);
  });

  it('draws other settings for another seed', async () => {
    const [a, b] = await Promise.all(
      [1, 2].map((seed) => searchParameters(data, ranges, { ...options, trials: 3, seed })),
    );
    expect(a.trials.map(({ parameters }) => parameters)).not.toEqual(
      b.trials.map(({ parameters }) => parameters),
    );
  });
});

describe('successive halving', () => {
  const many = {
    learningRate: [0.02, 0.1, 0.3],
    numLeaves: [3, 5, 9],
    lambdaL2: [0, 5],
    numIterations: [8, 12],
  };
  const options = {
    parameters: { minDataInLeaf: 5 },
    folds: kFolds(spec.rows, { folds: 5, seed: 1 }),
    workers: 0,
  };
  const spared = ({ foldScores }: { foldScores: readonly number[] }) =>
    foldScores.filter(Number.isNaN).length;

  it('scores all settings on the last fold, a third on three, a ninth on all, and those as a grid does', async () => {
    const { trials, models } = await searchParameters(data, many, { ...options, halving: true });
    const grid = await searchParameters(data, many, options);
    expect(trials.map(spared)).toEqual([...Array(4).fill(0), ...Array(8).fill(2), ...Array(24).fill(4)]);
    expect(models).toBeLessThan(grid.models);
    const same = (parameters: GbdtParameters) =>
      grid.trials.find((trial) => JSON.stringify(trial.parameters) === JSON.stringify(parameters));
    // Every fold that was grown has the score of the grid.
    for (const { parameters, foldScores, score } of trials) {
      const expected = same(parameters)?.foldScores ?? [];
      expect(foldScores).toEqual(
        expected.map((value, i) => (Number.isNaN(foldScores[i]) ? Number.NaN : value)),
      );
      expect(foldScores[4]).toBe(expected[4]);
      const scored = foldScores.filter((value) => !Number.isNaN(value));
      expect(score).toBeCloseTo(scored.reduce((sum, value) => sum + value, 0) / scored.length, 12);
    }
    // The best third of the first round, and of the second, goes on.
    for (const [from, folds] of [
      [12, [4]],
      [4, [2, 3, 4]],
    ] as const) {
      const mean = ({ foldScores }: { foldScores: readonly number[] }) =>
        folds.reduce((sum, fold) => sum + foldScores[fold], 0) / folds.length;
      const kept = trials.slice(0, from).map(mean);
      const dropped = trials
        .slice(from)
        .filter((trial) => !Number.isNaN(mean(trial)))
        .map(mean);
      expect(Math.max(...kept)).toBeLessThanOrEqual(Math.min(...dropped));
    }
  });

  it('stops early on the folds there are, and in the end on all of them', async () => {
    const parameters = { ...options.parameters, earlyStoppingRound: 2 };
    const tried = { learningRate: [0.1, 0.3, 0.6], numLeaves: [3, 5, 9] };
    const { trials } = await searchParameters(data, tried, { ...options, parameters, halving: true });
    const alone = await crossValidate(data, { ...parameters, ...trials[0].parameters }, options);
    expect(trials[0].iterations).toBe(alone.bestIteration);
    expect(trials[0].score).toBe(alone.scores.l2.mean[trials[0].iterations - 1]);
  });

  it('is the same for any number of threads, and for random settings too', async () => {
    const random: SearchOptions = { ...options, halving: { factor: 2 }, strategy: 'random', trials: 9 };
    const alone = await searchParameters(data, many, random);
    // Folds 1, 2, 4, 5 for 9, 5, 3, 2 settings.
    expect(alone.trials.map(spared)).toEqual([0, 0, 1, 3, 3, 4, 4, 4, 4]);
    expect(withoutTimes(await searchParameters(data, many, { ...random, workers: 2 }))).toEqual(
      withoutTimes(alone),
    );
  });
});

describe('a search', () => {
  it('says how far it is, never promising less than before', async () => {
    const seen: [number, number][] = [];
    await searchParameters(data, space, {
      parameters: { minDataInLeaf: 5 },
      folds,
      workers: 0,
      halving: true,
      onProgress: ({ done, total }) => seen.push([done, total]),
    });
    expect(seen[0]).toEqual([0, 4]);
    const [done, total] = seen.at(-1) ?? [];
    expect(done).toBe(total);
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i][0]).toBeGreaterThanOrEqual(seen[i - 1][0]);
      expect(seen[i][1]).toBeGreaterThanOrEqual(seen[i - 1][1]);
    }
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const running = searchParameters(
      data,
      { numIterations: [5000] },
      { workers: 2, signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 200);
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'an unknown parameter',
      () => searchParameters(data, { leaves: [3] } as SearchSpace),
      /unsupported parameter: leaves/,
    ],
    ['an empty space', () => searchParameters(data, {}), /search space is empty/],
    ['an empty list', () => searchParameters(data, { numLeaves: [] }), /numLeaves has no value to try/],
    ['a value twice', () => searchParameters(data, { numLeaves: [3, 3] }), /numLeaves lists 3 twice/],
    ['a value out of range', () => searchParameters(data, { numLeaves: [31, 1] }), /invalid numLeaves: 1/],
    [
      'a parameter twice',
      () => searchParameters(data, { eta: [1], learningRate: [1] }),
      /learningRate is in the search space twice/,
    ],
    [
      'a parameter that is fixed',
      () => searchParameters(data, { numLeaves: [3] }, { parameters: { maxLeaves: 5 } }),
      /numLeaves is both fixed and in the search space/,
    ],
    [
      'a range in a grid',
      () => searchParameters(data, { lambdaL1: { from: 0, to: 1 } }),
      /lambdaL1 is a range, which a grid cannot try/,
    ],
    [
      'a range upside down',
      () => searchParameters(data, { lambdaL1: { from: 1, to: 0 } }),
      /invalid range of lambdaL1: 1 to 0/,
    ],
    [
      'a log range from 0',
      () => searchParameters(data, { lambdaL1: { from: 0, to: 1, scale: 'log' } }),
      /log scale needs numbers above 0/,
    ],
    [
      'a range of integers between fractions',
      () => searchParameters(data, { numLeaves: { from: 2.5, to: 9, integer: true } }),
      /invalid range of numLeaves: 2.5 to 9; expected integers/,
    ],
    [
      'an unknown scale',
      () => searchParameters(data, { lambdaL1: { from: 1, to: 2, scale: 'cube' as 'log' } }),
      /invalid scale of lambdaL1: cube/,
    ],
    [
      'a grid without end',
      () => {
        const hundred = Array.from({ length: 101 }, (_, i) => i + 2);
        return searchParameters(data, { numLeaves: hundred, minDataInLeaf: hundred, maxDepth: hundred });
      },
      /the grid has 1030301 settings/,
    ],
    [
      'no trial',
      () => searchParameters(data, { numLeaves: [3] }, { strategy: 'random', trials: 0 }),
      /invalid trials: 0/,
    ],
    [
      'an unknown strategy',
      () => searchParameters(data, { numLeaves: [3] }, { strategy: 'best' as 'grid' }),
      /invalid strategy: best/,
    ],
    [
      'an unknown metric',
      () => searchParameters(data, { numLeaves: [3] }, { metric: 'l3' }),
      /unknown metric: l3/,
    ],
    [
      'metrics to choose from',
      () => searchParameters(data, { metric: ['l1', 'l2'] }),
      /metric cannot be searched/,
    ],
    [
      'losses scored by themselves',
      () => searchParameters(data, { objective: ['regression', 'huber'] }),
      /scored by l2 and by huber/,
    ],
    [
      'a loss that scores change with',
      () => searchParameters(data, { alpha: [0.1, 0.9] }, { parameters: { objective: 'quantile' } }),
      /alpha, which changes what quantile measures/,
    ],
    [
      'a custom objective',
      () => searchParameters(data, { objective: ['custom'] }),
      /custom objective cannot be sent/,
    ],
    ['no iteration', () => searchParameters(data, { numIterations: [0, 5] }), /invalid numIterations: 0/],
    [
      'other bins than the dataset has',
      () => searchParameters(createDataset(data), { maxBin: [255, 16] }),
      /maxBin is 16 but the dataset/,
    ],
    [
      'more folds than rows',
      () => searchParameters(data, space, { folds: 401 }),
      /401 folds need as many rows; found 400/,
    ],
    [
      'a missing label',
      () => searchParameters({ ...data, label: [Number.NaN, ...data.label.slice(1)] }, space),
      /label of row 0 is NaN/,
    ],
    ['a factor of 1', () => searchParameters(data, space, { halving: { factor: 1 } }), /invalid factor: 1/],
  ])('refuses %s', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message);
  });
});

function withoutTimes(result: SearchResult) {
  return { ...result, trials: result.trials.map(({ seconds: _, ...trial }) => trial) };
}

function trees(text: string): string {
  return text.split('\nparameters:')[0];
}
