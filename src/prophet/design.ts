/** What a fit is made on: rows with a value, in order of time. */
export interface Design {
  /** Scaled times, ascending, from 0 to 1. */
  readonly times: Float64Array;
  /** Scaled times of the changepoints, ascending. */
  readonly changepoints: Float64Array;
  /** `starts[j]` is the first row at or after changepoint j. */
  readonly starts: Int32Array;
  /** Of the regression part, `[columns][rows]`. */
  readonly columns: readonly Float64Array[];
}

/**
 * The columns of a linear model at its current point: a row of the trend is `weights` times the row of straight
 * pieces, and `columns` are those of the regression part, already multiplied with whatever multiplies them.
 */
export interface Linearised {
  /** `undefined` = 1. */
  readonly weights: Float64Array | undefined;
  readonly columns: readonly Float64Array[];
}

/** Finds the first row of each changepoint. */
export function createDesign(
  times: Float64Array,
  changepoints: Float64Array,
  columns: readonly Float64Array[],
): Design {
  const starts = new Int32Array(changepoints.length);
  let row = 0;
  for (let j = 0; j < changepoints.length; j++) {
    while (row < times.length && times[row] < changepoints[j]) row++;
    starts[j] = row;
  }
  return { times, changepoints, starts, columns };
}

/**
 * X'X for the variables rate, offset, coefficients, rate changes (in this order), written to `out`, `[size * size]`.
 *
 * Columns of changepoints are never made: (t - s)+ against anything is a sum over the rows after s of it and of it
 * times t - s, and such sums for all changepoints come from one pass from the last row to the first. With n rows, c
 * columns and p variables this costs n c^2 / 2 + 2 n c + p^2 in place of n p^2 / 2.
 *
 * @param inner c'c of the columns if known, `[c * c]`.
 */
export function normalMatrix(
  design: Design,
  model: Linearised,
  out: Float64Array,
  inner?: Float64Array,
): void {
  const { times, changepoints } = design;
  const { weights, columns } = model;
  const count = changepoints.length;
  const width = columns.length;
  const size = 2 + width + count;
  const first = 2 + width;
  const sums = new Float64Array(count + 1);
  const reaches = new Float64Array(count + 1);
  const squares = new Float64Array(count + 1);
  const product = new Float64Array(times.length);
  const set = (i: number, j: number, value: number) => {
    out[i * size + j] = value;
    out[j * size + i] = value;
  };

  const known = inner ?? innerProducts(columns);
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) out[(2 + a) * size + 2 + b] = known[a * width + b];

  for (let i = 0; i < times.length; i++) product[i] = weights ? weights[i] * weights[i] : 1;
  momentsAfter(design, product, sums, reaches, squares);
  set(1, 1, sums[0]);
  set(0, 1, reaches[0]);
  set(0, 0, squares[0]);
  for (let b = 0; b < count; b++) {
    const { [b + 1]: reach } = reaches;
    const { [b + 1]: square } = squares;
    set(1, first + b, reach);
    set(0, first + b, square + changepoints[b] * reach);
    for (let a = 0; a <= b; a++)
      set(first + a, first + b, square + (changepoints[b] - changepoints[a]) * reach);
  }

  for (let c = 0; c < width; c++) {
    const column = columns[c];
    for (let i = 0; i < times.length; i++) product[i] = weights ? weights[i] * column[i] : column[i];
    momentsAfter(design, product, sums, reaches);
    set(1, 2 + c, sums[0]);
    set(0, 2 + c, reaches[0]);
    for (let b = 0; b < count; b++) set(2 + c, first + b, reaches[b + 1]);
  }
}

/** X'r for the same variables, written to `out`. */
export function normalVector(
  design: Design,
  model: Linearised,
  residual: Float64Array,
  out: Float64Array,
): void {
  const { times, changepoints } = design;
  const { weights, columns } = model;
  const sums = new Float64Array(changepoints.length + 1);
  const reaches = new Float64Array(changepoints.length + 1);
  let product = residual;
  if (weights) {
    product = new Float64Array(times.length);
    for (let i = 0; i < times.length; i++) product[i] = weights[i] * residual[i];
  }
  momentsAfter(design, product, sums, reaches);
  out[0] = reaches[0];
  out[1] = sums[0];
  for (let c = 0; c < columns.length; c++) out[2 + c] = dot(columns[c], residual);
  for (let b = 0; b < changepoints.length; b++) out[2 + columns.length + b] = reaches[b + 1];
}

/** c'c of some columns, `[c * c]`. */
export function innerProducts(columns: readonly Float64Array[]): Float64Array {
  const width = columns.length;
  const out = new Float64Array(width * width);
  for (let a = 0; a < width; a++) {
    for (let b = 0; b <= a; b++) {
      const value = dot(columns[a], columns[b]);
      out[a * width + b] = value;
      out[b * width + a] = value;
    }
  }
  return out;
}

/**
 * Sums over the rows after each of the origins 0, s_1, s_2, ... of v, of v (t - s) and, if asked, of v (t - s)^2.
 * Each is made from that of the next origin by a shift, so nothing large is subtracted.
 */
function momentsAfter(
  { times, changepoints, starts }: Design,
  values: Float64Array,
  sums: Float64Array,
  reaches: Float64Array,
  squares?: Float64Array,
): void {
  let sum = 0;
  let reach = 0;
  let square = 0;
  let end = times.length;
  for (let j = changepoints.length; j >= 0; j--) {
    const origin = j === 0 ? 0 : changepoints[j - 1];
    const start = j === 0 ? 0 : starts[j - 1];
    const shift = j === changepoints.length ? 0 : changepoints[j] - origin;
    square += shift * (2 * reach + shift * sum);
    reach += shift * sum;
    if (squares) {
      for (let i = start; i < end; i++) {
        const distance = times[i] - origin;
        sum += values[i];
        reach += values[i] * distance;
        square += values[i] * distance * distance;
      }
      squares[j] = square;
    } else {
      for (let i = start; i < end; i++) {
        sum += values[i];
        reach += values[i] * (times[i] - origin);
      }
    }
    sums[j] = sum;
    reaches[j] = reach;
    end = start;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  // Four sums, so that no addition waits for the one before it.
  for (; i + 3 < a.length; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (; i < a.length; i++) s0 += a[i] * b[i];
  return s0 + s1 + (s2 + s3);
}
