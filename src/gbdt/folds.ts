import { dataError, usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';

/** Rows to train on and rows to score, ascending. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** How rows are dealt out to folds. */
export interface FoldOptions {
  /** Default 5. */
  readonly folds?: number | undefined;
  /** Shuffles rows first, by this seed. Default: rows keep their order. */
  readonly seed?: number | undefined;
}

/** How folds follow each other in time; spans are in the unit of the times. */
export interface TimeFoldOptions {
  /** Default 5. */
  readonly folds?: number | undefined;
  /** Time left out before each test, for labels that are known late. Default 0. */
  readonly gap?: number | undefined;
  /** Longest time trained on. Default: all that came before. */
  readonly maxTrain?: number | undefined;
}

/**
 * Folds of nearly equal size; every row is tested once. Without a seed each fold tests a run of neighbouring rows.
 *
 * @throws TrainyardError of kind `usage` for fewer than 2 folds, or more folds than rows.
 */
export function kFolds(numRows: number, { folds = 5, seed }: FoldOptions = {}): Fold[] {
  checkCount(folds, numRows, 'rows');
  const order = inOrder(numRows, seed, 'rows');
  const foldOf = new Int32Array(numRows);
  for (const [at, row] of order.entries()) foldOf[row] = Math.floor((at * folds) / numRows);
  return foldsFrom(foldOf, folds);
}

/**
 * Folds in which every class has its share of rows, to within one row; every row is tested once.
 *
 * @param classes The class of each row.
 * @throws TrainyardError of kind `usage` for fewer than 2 folds, `data` for a class of fewer rows than folds.
 */
export function stratifiedFolds(
  classes: ArrayLike<number | string>,
  { folds = 5, seed }: FoldOptions = {},
): Fold[] {
  checkCount(folds, classes.length, 'rows');
  const foldOf = new Int32Array(classes.length);
  let dealt = 0;
  for (const [name, rows] of rowsBy(classes, 'class')) {
    if (rows.length < folds) {
      throw dataError(
        `class ${name} has ${rows.length} rows; expected at least ${folds}, one a fold`,
        'ask for fewer folds, or join rare classes',
      );
    }
    for (const at of inOrder(rows.length, seed, `class ${name}`)) foldOf[rows[at]] = dealt++ % folds;
  }
  return foldsFrom(foldOf, folds);
}

/**
 * Folds that keep all rows of a group on one side, as even as greedy dealing makes them: the largest group left goes
 * to the smallest fold.
 *
 * @param groups The group of each row, such as its station or its week.
 * @throws TrainyardError of kind `usage` for fewer than 2 folds, or more folds than groups.
 */
export function groupedFolds(groups: ArrayLike<number | string>, { folds = 5 }: FoldOptions = {}): Fold[] {
  const members = [...rowsBy(groups, 'group').values()];
  checkCount(folds, members.length, 'groups');
  const sizes = new Float64Array(folds);
  const foldOf = new Int32Array(groups.length);
  for (const rows of members.sort((a, b) => b.length - a.length)) {
    const smallest = sizes.indexOf(Math.min(...sizes));
    sizes[smallest] += rows.length;
    for (const row of rows) foldOf[row] = smallest;
  }
  return foldsFrom(foldOf, folds);
}

/**
 * Folds that train on the past and test on what follows: the distinct times are cut into `folds` tests of equal
 * length at the end, and each trains on everything before it, less the gap. Rows of the same time stay together.
 *
 * @param times The time of each row, in any order and unit; row numbers where rows are in order.
 * @throws TrainyardError of kind `usage` for fewer than 2 folds or too few times, `data` for a time that is not finite
 * or a fold that gap or `maxTrain` leave without a row to train on.
 *
 * @example
 * const folds = timeFolds(hours, { folds: 4, gap: 48 });
 */
export function timeFolds(times: ArrayLike<number>, options: TimeFoldOptions = {}): Fold[] {
  const { folds = 5, gap = 0, maxTrain = Number.POSITIVE_INFINITY } = options;
  if (!(gap >= 0)) throw usageError(`invalid gap: ${gap}; expected a number of at least 0`);
  if (!(maxTrain > 0)) throw usageError(`invalid maxTrain: ${maxTrain}; expected a number above 0`);
  const rowTimes = Float64Array.from(times);
  const bad = rowTimes.findIndex((time) => !Number.isFinite(time));
  if (bad >= 0) throw dataError(`time of row ${bad} is ${times[bad]}; expected a finite number`);
  const distinct = Float64Array.from(new Set(rowTimes)).sort();
  // One stretch more than folds, for the first to train on.
  checkCount(folds, distinct.length - 1, 'times after the first');
  const length = Math.floor(distinct.length / (folds + 1));
  return Array.from({ length: folds }, (_, fold) => {
    const first = distinct.length - (folds - fold) * length;
    const start = distinct[first];
    const end = distinct[first + length - 1];
    const until = start - gap;
    const train = rowsWhere(rowTimes, (time) => time < until && time >= until - maxTrain);
    if (train.length === 0) {
      throw dataError(
        `fold ${fold} has no row to train on: none before ${until}${maxTrain < Number.POSITIVE_INFINITY ? ` and from ${until - maxTrain}` : ''}`,
        'use fewer folds, a smaller gap or a larger maxTrain',
      );
    }
    return { train, test: rowsWhere(rowTimes, (time) => time >= start && time <= end) };
  });
}

/**
 * Checks folds that were made elsewhere: rows exist, both sides have some, and no row is on both.
 *
 * @returns The folds with rows ascending, the order that LightGBM trains in.
 * @throws TrainyardError of kind `usage` naming the fold and the row.
 */
export function checkFolds(folds: readonly Fold[], numRows: number): Fold[] {
  if (folds.length === 0) throw usageError('no fold to train', 'pass at least one');
  return folds.map(({ train, test }, index) => {
    const side = new Uint8Array(numRows);
    for (const [name, rows] of Object.entries({ train, test })) {
      if (rows.length === 0) throw usageError(`fold ${index} has no ${name} row`, 'leave the fold out');
      for (const row of rows) {
        if (!(Number.isInteger(row) && row >= 0 && row < numRows)) {
          throw usageError(
            `invalid ${name} row ${row} in fold ${index}; expected an integer from 0 to ${numRows - 1}`,
          );
        }
        if (side[row] > 0) {
          throw usageError(
            `row ${row} is in fold ${index} twice${name === 'test' && train.includes(row) ? ', to train on and to test' : ''}`,
            'name a row once a fold, on one side',
          );
        }
        side[row] = 1;
      }
    }
    return { train: Int32Array.from(train).sort(), test: Int32Array.from(test).sort() };
  });
}

function checkCount(folds: number, available: number, what: string): void {
  if (!Number.isInteger(folds) || folds < 2) {
    throw usageError(`invalid folds: ${folds}; expected an integer of at least 2`);
  }
  if (folds <= available) return;
  throw usageError(
    `${folds} folds need as many ${what}; found ${Math.max(0, available)}`,
    'ask for fewer folds',
  );
}

function foldsFrom(foldOf: Int32Array, folds: number): Fold[] {
  return Array.from({ length: folds }, (_, fold) => ({
    train: rowsWhere(foldOf, (other) => other !== fold),
    test: rowsWhere(foldOf, (own) => own === fold),
  }));
}

function rowsWhere(values: Int32Array | Float64Array, accepts: (value: number) => boolean): Int32Array {
  const rows = Int32Array.from(values.keys());
  return rows.filter((row) => accepts(values[row]));
}

function inOrder(count: number, seed: number | undefined, key: string): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  if (seed !== undefined) shuffle(order, seed, key);
  return order;
}

// Fisher and Yates' shuffle, in place.
function shuffle(order: Int32Array, seed: number, key: string): void {
  const random = randomStream(seed, 'folds', key);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const value = order[i];
    order[i] = order[j];
    order[j] = value;
  }
}

function rowsBy(labels: ArrayLike<number | string>, what: string): Map<number | string, number[]> {
  const members = new Map<number | string, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row];
    if (label === undefined || label === null || Number.isNaN(label)) {
      throw dataError(`${what} of row ${row} is ${label}; expected a number or text`);
    }
    const rows = members.get(label);
    if (rows) rows.push(row);
    else members.set(label, [row]);
  }
  return members;
}
