import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import {
  type CalibrationShape,
  calibrateInterval,
  historyDifficulty,
  type PastForecast,
} from './conformal.ts';
import { valuesOf } from './testing/panels.ts';

const missing = Number.NaN;

describe('on exchangeable errors', () => {
  // Skewed and heavy-tailed: the interval may not lean on a shape. Independent series, one step each.
  const skewed = (random: ReturnType<typeof randomStream>) => Math.exp(1.2 * random.normal()) - 1;

  it.each([
    { level: 80, past: 9 },
    { level: 80, past: 28 },
    { level: 80, past: 99 },
    { level: 95, past: 39 },
    { level: 95, past: 60 },
    { level: 95, past: 199 },
  ])('holds $level % of outcomes after $past past forecasts', ({ level, past }) => {
    const trials = 6000;
    const covered = coverage({ level, past, trials, error: skewed });
    const tail = (1 - level / 100) / 2;
    const promised = 1 - (2 * Math.floor((past + 1) * tail + 1e-9)) / (past + 1);
    expect(promised).toBeGreaterThanOrEqual(level / 100 - 1e-9);
    // The count of held outcomes is binomial: five standard deviations either way.
    expect(Math.abs(covered - promised)).toBeLessThan(5 * Math.sqrt((promised * (1 - promised)) / trials));
  });

  it('holds as many outcomes after much filling as after none, when filling makes errors larger', () => {
    const random = randomStream(2, 'difficulty');
    const trials = 6000;
    const shape = independentSeries(trials);
    const draw = () => {
      const difficulty = Float64Array.from({ length: trials }, () => 1 + random.uniform());
      return { difficulty, error: difficulty.map((one) => one * random.normal()) };
    };
    const past = valuesOf(60, () => 0).map(() => {
      const { difficulty, error } = draw();
      return { point: new Float64Array(trials), truth: error, difficulty };
    });
    const next = draw();
    const { lower, upper } = calibrateInterval(
      past,
      { point: new Float64Array(trials), difficulty: next.difficulty },
      shape,
      80,
    );
    for (const filled of [true, false]) {
      const chosen = valuesOf(trials, (s) => s).filter((s) => next.difficulty[s] > 1.5 === filled);
      const held = chosen.filter((s) => lower[s] <= next.error[s] && next.error[s] <= upper[s]).length;
      const promised = 1 - 12 / 61;
      const spread = Math.sqrt((promised * (1 - promised)) / chosen.length);
      expect(Math.abs(held / chosen.length - promised)).toBeLessThan(5 * spread);
    }
  });

  it('holds at least its level when steps are pooled', () => {
    const random = randomStream(3, 'pooled');
    const [trials, horizon] = [1500, 5];
    const shape = { ...independentSeries(trials), horizon };
    const draw = () => Float64Array.from({ length: trials * horizon }, () => skewed(random));
    const past = Array.from({ length: 10 }, () => pastOf(draw(), trials));
    const point = new Float64Array(trials * horizon);
    const { lower, upper } = calibrateInterval(past, { point, difficulty: ones(trials) }, shape, 95);
    const next = draw();
    const held = next.filter((error, cell) => lower[cell] <= error && error <= upper[cell]).length;
    // Cells of a series share their scores, so only series count as independent.
    expect(held / next.length).toBeGreaterThan(0.95 - 5 * Math.sqrt((0.95 * 0.05) / trials));
  });

  function coverage({
    level,
    past,
    trials,
    error,
  }: {
    level: number;
    past: number;
    trials: number;
    error: (random: ReturnType<typeof randomStream>) => number;
  }): number {
    const random = randomStream(1, 'coverage', level, past);
    const draw = () => Float64Array.from({ length: trials }, () => error(random));
    const folds = Array.from({ length: past }, () => pastOf(draw(), trials));
    const current = { point: new Float64Array(trials), difficulty: ones(trials) };
    const { lower, upper } = calibrateInterval(folds, current, independentSeries(trials), level);
    const next = draw();
    return next.filter((outcome, s) => lower[s] <= outcome && outcome <= upper[s]).length / trials;
  }
});

it('takes the floor((n + 1) a/2)-th smallest and largest error', () => {
  const errors = valuesOf(19, (index) => index - 9);
  const { lower, upper } = calibrateOne(errors, { level: 80, point: 100 });
  expect([lower, upper]).toEqual([100 - 8, 100 + 8]);
  const wider = calibrateOne(errors, { level: 90, point: 100 });
  expect([wider.lower, wider.upper]).toEqual([100 - 9, 100 + 9]);
});

it('lies unevenly around the forecast when errors do, and always holds it', () => {
  const { lower, upper } = calibrateOne(
    valuesOf(19, (index) => index),
    { level: 80, point: 100 },
  );
  expect([lower, upper]).toEqual([100, 117]);
});

it('grows in proportion to the share of filled history', () => {
  const errors = valuesOf(19, (index) => index - 9);
  const read = calibrateOne(errors, { level: 80, point: 100, difficulty: 1 });
  const filled = calibrateOne(errors, { level: 80, point: 100, difficulty: 1.5 });
  expect(filled.upper - filled.lower).toBe(1.5 * (read.upper - read.lower));
});

it('counts the errors of hard times for less', () => {
  const errors = valuesOf(19, (index) => 2 * (index - 9));
  const past = errors.map((error) => ({
    ...pastOf(Float64Array.of(error), 1),
    difficulty: Float64Array.of(2),
  }));
  const current = { point: Float64Array.of(100), difficulty: Float64Array.of(1) };
  const { lower, upper } = calibrateInterval(past, current, independentSeries(1), 80);
  expect([lower[0], upper[0]]).toEqual([92, 108]);
});

it('does not go below 0 for concentrations, and does for other measures', () => {
  const errors = valuesOf(19, (index) => 10 * (index - 9));
  expect(calibrateOne(errors, { level: 80, point: 5, nonNegative: true }).lower).toBe(0);
  expect(calibrateOne(errors, { level: 80, point: 5 }).lower).toBe(-75);
});

describe('with few scores', () => {
  it('pools the steps beside, nearest first, until they are enough', () => {
    // Nine errors make an 80 % interval; three past forecasts make three steps.
    const shape = { ...independentSeries(1), horizon: 5 };
    const past = [1, 2, 3].map((size) =>
      pastOf(Float64Array.of(1000, size, 10 * size, 100 * size, -1000), 1),
    );
    const point = new Float64Array(5);
    const { lower, upper } = calibrateInterval(past, { point, difficulty: ones(1) }, shape, 80);
    // Around the middle step: steps 1, 2 and 3, of which 300 is the largest and 1 the smallest.
    expect([lower[2], upper[2]]).toEqual([0, 300]);
    // At the first step: steps 0, 1 and 2.
    expect([lower[0], upper[0]]).toEqual([0, 1000]);
    expect([lower[4], upper[4]]).toEqual([-1000, 300]);
  });

  it('takes those of the city and measure for a series with too few', () => {
    const shape: CalibrationShape = {
      seriesCount: 3,
      horizon: 1,
      groups: ['Beijing O3', 'Beijing O3', 'London O3'],
      nonNegative: [false, false, false],
    };
    const past = valuesOf(9, (index) => index).map((index) =>
      pastOf(Float64Array.of(missing, index - 4, missing), 3),
    );
    const point = Float64Array.of(50, 50, 50);
    const { lower, upper } = calibrateInterval(past, { point, difficulty: ones(3) }, shape, 80);
    expect([...lower]).toEqual([46, 46, missing]);
    expect([...upper]).toEqual([54, 54, missing]);
  });

  it('reaches as far as the largest error met when there is no more to pool', () => {
    const { lower, upper } = calibrateOne([-3, 7], { level: 95, point: 10 });
    expect([lower, upper]).toEqual([7, 17]);
  });
});

describe('awkward input', () => {
  it('has no interval without past forecasts, nor around a missing forecast', () => {
    const current = { point: Float64Array.of(5), difficulty: ones(1) };
    const none = calibrateInterval([], current, independentSeries(1), 80);
    expect([none.lower[0], none.upper[0]]).toEqual([missing, missing]);
    const around = calibrateOne([1, 2, 3], { level: 80, point: missing });
    expect([around.lower, around.upper]).toEqual([missing, missing]);
  });

  it('leaves out past forecasts whose outcome is not known, or that were missing', () => {
    const known = valuesOf(19, (index) => index - 9);
    const all = known.map((error) => pastOf(Float64Array.of(error), 1));
    const unknown: PastForecast = { ...pastOf(Float64Array.of(missing), 1) };
    const unmade: PastForecast = { ...pastOf(Float64Array.of(1e9), 1), point: Float64Array.of(missing) };
    const current = { point: Float64Array.of(0), difficulty: ones(1) };
    const expected = calibrateInterval(all, current, independentSeries(1), 80);
    expect(calibrateInterval([unknown, ...all, unmade], current, independentSeries(1), 80)).toEqual(expected);
  });

  it('gives an empty interval for past forecasts without any error', () => {
    const { lower, upper } = calibrateOne(
      valuesOf(19, () => 0),
      { level: 95, point: 3 },
    );
    expect([lower, upper]).toEqual([3, 3]);
  });

  it('keeps a finite interval beside one infinite error', () => {
    const errors = valuesOf(19, (index) => (index === 18 ? Number.POSITIVE_INFINITY : index - 9));
    expect(calibrateOne(errors, { level: 80, point: 0 }).upper).toBe(8);
  });
});

describe('difficulty', () => {
  it('is 1 plus the share of cells filled or missing in the window', () => {
    const values = Float64Array.of(9, 3, missing, 5, 6);
    expect(historyDifficulty(values, Uint8Array.of(1, 0, 0, 1, 0), 4)).toBe(1.5);
    expect(historyDifficulty(values, undefined, 4)).toBe(1.25);
    expect(historyDifficulty(values, undefined, 2)).toBe(1);
  });

  it('looks at the whole of a history shorter than the window', () => {
    expect(historyDifficulty(Float64Array.of(missing, 1), undefined, 168)).toBe(1.5);
  });
});

function calibrateOne(
  errors: readonly number[],
  {
    level,
    point,
    difficulty = 1,
    nonNegative = false,
  }: {
    level: number;
    point: number;
    difficulty?: number;
    nonNegative?: boolean;
  },
): { lower: number; upper: number } {
  const past = errors.map((error) => pastOf(Float64Array.of(error), 1));
  const shape = { ...independentSeries(1), nonNegative: [nonNegative] };
  const current = { point: Float64Array.of(point), difficulty: Float64Array.of(difficulty) };
  const { lower, upper } = calibrateInterval(past, current, shape, level);
  return { lower: lower[0], upper: upper[0] };
}

// A past forecast of 0 whose errors are the truth.
function pastOf(errors: Float64Array, series: number): PastForecast {
  return { point: new Float64Array(errors.length), truth: errors, difficulty: ones(series) };
}

function ones(count: number): Float64Array {
  return new Float64Array(count).fill(1);
}

function independentSeries(seriesCount: number): CalibrationShape {
  return {
    seriesCount,
    horizon: 1,
    groups: valuesOf(seriesCount, (index) => index).map(String),
    nonNegative: valuesOf(seriesCount, () => 0).map(() => false),
  };
}
