import { dataError, usageError } from '../core/errors.ts';
import { day } from './units.ts';

/** What is known of each row besides the value, in any order of time; lengths are those of `times`. */
export interface ProphetRows {
  /** Milliseconds since 1970. */
  readonly times: ArrayLike<number>;
  /**
   * Local wall-clock time of each row, as if it were UTC, which seasonalities and holidays follow. Default `times`.
   */
  readonly clock?: ArrayLike<number>;
  /** Where logistic growth saturates: one number or one a row. */
  readonly cap?: number | ArrayLike<number>;
  /** Where logistic growth saturates below. Default 0. */
  readonly floor?: number | ArrayLike<number>;
  readonly regressors?: Readonly<Record<string, ArrayLike<number>>>;
  /** Whether a condition holds, by name. */
  readonly conditions?: Readonly<Record<string, ArrayLike<boolean | number>>>;
}

/** Rows in order of time, checked, with what was computed from them. */
export interface Axis {
  readonly length: number;
  /** Ascending. */
  readonly times: Float64Array;
  readonly clock: Float64Array;
  /** `order[i]` is the given row that stands at place i; absent when rows were in order. */
  readonly order: Int32Array | undefined;
  readonly cap: Float64Array | undefined;
  readonly floor: Float64Array | undefined;
  readonly regressors: ReadonlyMap<string, Float64Array>;
  readonly conditions: ReadonlyMap<string, Float64Array>;
  /** Columns and matrices that fits and forecasts of several series on the same rows share. */
  readonly shared: Map<string, Float64Array[]>;
}

/**
 * Sorts and checks rows.
 *
 * @throws TrainyardError of kind `data` for lengths that differ, or a time, cap, floor, regressor or condition that
 * cannot be used; it names the row.
 */
export function createAxis(rows: ProphetRows): Axis {
  const length = rows.times.length;
  if (length === 0) throw dataError('no rows; expected at least one time');
  const given = finiteColumn(rows.times, length, 'times');
  const order = orderOf(given);
  const column = (values: ArrayLike<number>, name: string) =>
    inOrder(finiteColumn(values, length, name), order);
  const bound = (value: number | ArrayLike<number> | undefined, name: string) => {
    if (value === undefined) return undefined;
    return column(typeof value === 'number' ? new Float64Array(length).fill(value) : value, name);
  };
  const cap = bound(rows.cap, 'cap');
  const floor = bound(rows.floor, 'floor');
  for (let i = 0; i < length && cap; i++) {
    const lowest = floor?.[i] ?? 0;
    if (cap[i] <= lowest)
      throw dataError(
        `cap ${cap[i]} at row ${order?.[i] ?? i} is not above the floor ${lowest}`,
        'raise the cap',
      );
  }
  const regressors = Object.entries(rows.regressors ?? {}).map(
    ([name, values]) => [name, column(values, `regressor ${name}`)] as const,
  );
  const conditions = Object.entries(rows.conditions ?? {}).map(
    ([name, values]) => [name, column(flags(values, name), `condition ${name}`)] as const,
  );
  return {
    length,
    times: inOrder(given, order),
    clock: rows.clock ? column(rows.clock, 'clock') : inOrder(given, order),
    order,
    cap,
    floor,
    regressors: new Map(regressors),
    conditions: new Map(conditions),
    shared: new Map(),
  };
}

/** Values in the order of the axis. */
export function inOrder(values: Float64Array, order: Int32Array | undefined): Float64Array {
  if (!order) return values;
  return Float64Array.from(order, (row) => values[row]);
}

/** Values of the axis in the order of the given rows. */
export function inGivenOrder(values: Float64Array, order: Int32Array | undefined): Float64Array {
  if (!order) return values;
  const given = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) given[order[i]] = values[i];
  return given;
}

/** The rows at some places of an axis. */
export function selectRows(values: Float64Array, places: Int32Array): Float64Array {
  const selected = new Float64Array(places.length);
  for (let i = 0; i < places.length; i++) selected[i] = values[places[i]];
  return selected;
}

/** Sine and cosine of the 1st to `order`-th harmonic of a period in days, counted from 1970: `[2 * order][length]`. */
export function fourierColumns({ clock, shared }: Axis, period: number, order: number): Float64Array[] {
  const key = `fourier ${period} ${order}`;
  const known = shared.get(key);
  if (known) return known;
  const columns = Array.from({ length: 2 * order }, () => new Float64Array(clock.length));
  for (let k = 0; k < order; k++) {
    const frequency = ((k + 1) / period) * 2 * Math.PI;
    const sines = columns[2 * k];
    const cosines = columns[2 * k + 1];
    for (let i = 0; i < clock.length; i++) {
      const angle = frequency * (clock[i] / day);
      sines[i] = Math.sin(angle);
      cosines[i] = Math.cos(angle);
    }
  }
  shared.set(key, columns);
  return columns;
}

function finiteColumn(values: ArrayLike<number>, length: number, name: string): Float64Array {
  if (values.length !== length)
    throw dataError(`${name} has ${values.length} values for ${length} times; expected as many`);
  const column = Float64Array.from(values);
  const wrong = column.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw dataError(`${name} is ${values[wrong]} at row ${wrong}; expected a finite number`);
  return column;
}

function flags(values: ArrayLike<boolean | number>, name: string): Float64Array {
  const column = Float64Array.from(values as ArrayLike<number>, Number);
  const wrong = column.findIndex((value) => value !== 0 && value !== 1);
  if (wrong >= 0)
    throw usageError(`condition ${name} is ${values[wrong]} at row ${wrong}; expected true or false`);
  return column;
}

function orderOf(times: Float64Array): Int32Array | undefined {
  for (let i = 1; i < times.length; i++) {
    if (times[i] < times[i - 1]) {
      const order = Int32Array.from(times, (_, row) => row);
      return order.sort((a, b) => times[a] - times[b] || a - b);
    }
  }
  return undefined;
}
