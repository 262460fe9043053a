import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFolds, type Fold, groupedFolds, kFolds, stratifiedFolds, timeFolds } from './folds.ts';

const seeds = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined });

describe('k folds', () => {
  it('test every row once, in folds of nearly equal size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 90 }),
        fc.integer({ min: 2, max: 9 }),
        seeds,
        (rows, count, seed) => {
          fc.pre(count <= rows);
          const folds = kFolds(rows, { folds: count, seed });
          expectPartition(folds, rows);
          expectEven(folds.map(({ test }) => test.length));
        },
      ),
    );
  });

  it('keep neighbours together without a seed, and are the same for the same seed', () => {
    expect(kFolds(6, { folds: 3 }).map(({ test }) => [...test])).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(kFolds(50, { seed: 3 })).toEqual(kFolds(50, { seed: 3 }));
    expect(kFolds(50, { seed: 3 })).not.toEqual(kFolds(50, { seed: 4 }));
  });
});

describe('stratified folds', () => {
  it('give every fold its share of every class, to within one row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 120 }),
        fc.integer({ min: 2, max: 5 }),
        seeds,
        (classes, count, seed) => {
          const counts = new Map<number, number>();
          for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
          fc.pre([...counts.values()].every((size) => size >= count));
          const folds = stratifiedFolds(classes, { folds: count, seed });
          expectPartition(folds, classes.length);
          expectEven(folds.map(({ test }) => test.length));
          for (const name of counts.keys()) {
            expectEven(folds.map(({ test }) => test.filter((row) => classes[row] === name).length));
          }
        },
      ),
    );
  });
});

describe('grouped folds', () => {
  it('keep every group on one side', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 2, maxLength: 120 }),
        fc.integer({ min: 2, max: 5 }),
        (groups, count) => {
          fc.pre(new Set(groups).size >= count);
          const folds = groupedFolds(groups, { folds: count });
          expectPartition(folds, groups.length);
          for (const { train, test } of folds) {
            const tested = new Set(Array.from(test, (row) => groups[row]));
            expect(Array.from(train).some((row) => tested.has(groups[row]))).toBe(false);
          }
          // Dealt greedily, no fold is larger than another by more than one group.
          const sizes = folds.map(({ test }) => test.length);
          const largest = Math.max(...groups.map((name) => groups.filter((other) => other === name).length));
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largest);
        },
      ),
    );
  });

  it('take names of any script', () => {
    const folds = groupedFolds(['東四', 'Ёлка', '東四', ''], { folds: 3 });
    expect(folds.map(({ test }) => [...test])).toEqual([[0, 2], [1], [3]]);
  });
});

describe('folds in time', () => {
  it('train on what lies before the test, less the gap, and never further back than asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 12, maxLength: 100 }),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 8, max: 60 }),
        (times, count, gap, maxTrain) => {
          let folds: Fold[];
          try {
            folds = timeFolds(times, { folds: count, gap, maxTrain });
          } catch {
            return;
          }
          let before = Number.NEGATIVE_INFINITY;
          for (const { train, test } of folds) {
            const [start, end] = rangeOf(test, times);
            const [first, last] = rangeOf(train, times);
            expect(last).toBeLessThan(start - gap);
            expect(first).toBeGreaterThanOrEqual(start - gap - maxTrain);
            expect(start).toBeGreaterThan(before);
            // Every row of the time between is tested.
            expect(test.length).toBe(times.filter((time) => time >= start && time <= end).length);
            before = end;
          }
          expect(before).toBe(Math.max(...times));
        },
      ),
    );
  });

  it('are those of scikit-learn where times are row numbers', () => {
    const times = Array.from({ length: 13 }, (_, i) => i);
    // TimeSeriesSplit(3, gap=1, max_train_size=5).split(range(13))
    expect(plain(timeFolds(times, { folds: 3, gap: 1, maxTrain: 5 }))).toEqual([
      { train: [0, 1, 2], test: [4, 5, 6] },
      { train: [1, 2, 3, 4, 5], test: [7, 8, 9] },
      { train: [4, 5, 6, 7, 8], test: [10, 11, 12] },
    ]);
  });
});

describe('folds that cannot be', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['fewer than two', () => kFolds(5, { folds: 1 }), /invalid folds: 1; expected an integer of at least 2/],
    ['a fraction of a fold', () => kFolds(5, { folds: 2.5 }), /invalid folds: 2.5/],
    ['more folds than rows', () => kFolds(3, { folds: 4 }), /4 folds need as many rows; found 3/],
    ['no row', () => kFolds(0), /5 folds need as many rows; found 0/],
    [
      'more folds than groups',
      () => groupedFolds(['a', 'b', 'a', 'b'], { folds: 3 }),
      /3 folds need as many groups; found 2/,
    ],
    ['a group that is NaN', () => groupedFolds([1, Number.NaN]), /group of row 1 is NaN/],
    [
      'a class of few rows',
      () => stratifiedFolds([0, 0, 0, 1, 1], { folds: 3 }),
      /class 1 has 2 rows; expected at least 3/,
    ],
    [
      'few times',
      () => timeFolds([1, 1, 2, 2, 3], { folds: 3 }),
      /3 folds need as many times after the first; found 2/,
    ],
    ['no time', () => timeFolds([]), /found 0/],
    ['a time that is NaN', () => timeFolds([1, Number.NaN]), /time of row 1 is NaN/],
    ['a negative gap', () => timeFolds([1, 2, 3], { gap: -1 }), /invalid gap: -1/],
    ['no training time', () => timeFolds([1, 2, 3], { maxTrain: 0 }), /invalid maxTrain: 0/],
    [
      'a gap over all that came before',
      () => timeFolds([1, 2, 3, 4], { folds: 2, gap: 9 }),
      /fold 0 has no row to train on: none before -6/,
    ],
    ['no fold at all', () => checkFolds([], 3), /no fold to train/],
    ['an empty side', () => checkFolds([fold([0], [])], 3), /fold 0 has no test row/],
    [
      'a row that does not exist',
      () => checkFolds([fold([0], [3])], 3),
      /invalid test row 3 in fold 0; expected an integer from 0 to 2/,
    ],
    [
      'a row on both sides',
      () => checkFolds([fold([0], [1]), fold([0, 2], [2])], 3),
      /row 2 is in fold 1 twice, to train on and to test/,
    ],
    ['a row twice', () => checkFolds([fold([0, 0], [2])], 3), /row 0 is in fold 0 twice$/],
  ])('are refused: %s', (_, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});

function fold(train: number[], test: number[]): Fold {
  return { train: Int32Array.from(train), test: Int32Array.from(test) };
}

function plain(folds: readonly Fold[]) {
  return folds.map(({ train, test }) => ({ train: [...train], test: [...test] }));
}

function rangeOf(rows: Int32Array, times: readonly number[]): [number, number] {
  const found = Array.from(rows, (row) => times[row]);
  return [Math.min(...found), Math.max(...found)];
}

function expectPartition(folds: readonly Fold[], numRows: number): void {
  const all = Array.from({ length: numRows }, (_, row) => row);
  expect(folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual(all);
  for (const { train, test } of folds) expect([...train, ...test].sort((a, b) => a - b)).toEqual(all);
  expect(checkFolds(folds, numRows)).toEqual(folds);
}

function expectEven(sizes: readonly number[]): void {
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
}
