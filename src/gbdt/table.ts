import { dataError, usageError } from '../core/errors.ts';

/** Numbers in a row; NaN is missing. */
export type NumberArray = Float64Array | Float32Array | Int32Array | Uint8Array | readonly number[];

/**
 * A table of features, missing values as NaN, in whichever form it is at hand: one array a column, one array a
 * row, or all values row after row. Infinities are ordinary (very large) values.
 */
export type FeatureTable =
  | { readonly columns: readonly NumberArray[] }
  | { readonly rows: readonly NumberArray[] }
  | { readonly values: NumberArray; readonly numFeatures: number };

/** A checked {@link FeatureTable} with one way to read it. */
export interface TableView {
  readonly numRows: number;
  readonly numFeatures: number;
  /** Writes rows `start` to `end` (exclusive) of a column to `out`. */
  readColumn(feature: number, start: number, end: number, out: Float64Array): void;
  /** Writes rows `start` to `end` row after row to `out`. */
  readRows(start: number, end: number, out: Float64Array): void;
}

/**
 * Checks the shape of a table.
 *
 * @throws TrainyardError of kind `data` when columns or rows differ in length or hold something else than numbers.
 */
export function viewTable(table: FeatureTable): TableView {
  if ('columns' in table) return viewColumns(table.columns);
  if ('rows' in table) return viewRows(table.rows);
  if ('values' in table) return viewValues(table.values, table.numFeatures);
  throw usageError(
    'invalid feature table: expected columns, rows or values with numFeatures',
    'pass { columns: [..] }, { rows: [..] } or { values, numFeatures }',
  );
}

function viewColumns(columns: readonly NumberArray[]): TableView {
  const numRows = columns.length === 0 ? 0 : columns[0].length;
  for (const [feature, column] of columns.entries()) {
    if (column.length !== numRows) {
      throw dataError(
        `column ${feature} has ${column.length} rows; expected ${numRows} as in column 0`,
        'give every column the same length',
      );
    }
    checkNumbers(column, (row) => `column ${feature}, row ${row}`);
  }
  const numFeatures = columns.length;
  return {
    numRows,
    numFeatures,
    readColumn(feature, start, end, out) {
      const column = columns[feature];
      for (let row = start; row < end; row++) out[row - start] = column[row];
    },
    readRows(start, end, out) {
      for (let feature = 0; feature < numFeatures; feature++) {
        const column = columns[feature];
        let position = feature;
        for (let row = start; row < end; row++, position += numFeatures) out[position] = column[row];
      }
    },
  };
}

function viewRows(rows: readonly NumberArray[]): TableView {
  const numFeatures = rows.length === 0 ? 0 : rows[0].length;
  for (const [row, values] of rows.entries()) {
    if (values.length !== numFeatures) {
      throw dataError(
        `row ${row} has ${values.length} values; expected ${numFeatures} as in row 0`,
        'give every row the same length',
      );
    }
    checkNumbers(values, (feature) => `row ${row}, column ${feature}`);
  }
  return {
    numRows: rows.length,
    numFeatures,
    readColumn(feature, start, end, out) {
      for (let row = start; row < end; row++) out[row - start] = rows[row][feature];
    },
    readRows(start, end, out) {
      for (let row = start; row < end; row++) out.set(rows[row], (row - start) * numFeatures);
    },
  };
}

function viewValues(values: NumberArray, numFeatures: number): TableView {
  if (!Number.isInteger(numFeatures) || numFeatures < 1) {
    throw usageError(
      `invalid numFeatures: ${numFeatures}; expected an integer of at least 1`,
      'pass the number of values in a row',
    );
  }
  if (values.length % numFeatures !== 0) {
    throw dataError(
      `table has ${values.length} values, which is no multiple of its ${numFeatures} features`,
      'check numFeatures, or whether the table is cut off',
    );
  }
  checkNumbers(values, (i) => `row ${Math.floor(i / numFeatures)}, column ${i % numFeatures}`);
  return {
    numRows: values.length / numFeatures,
    numFeatures,
    readColumn(feature, start, end, out) {
      let position = start * numFeatures + feature;
      for (let row = start; row < end; row++, position += numFeatures) out[row - start] = values[position];
    },
    readRows(start, end, out) {
      const from = start * numFeatures;
      const size = (end - start) * numFeatures;
      for (let i = 0; i < size; i++) out[i] = values[from + i];
    },
  };
}

// Typed arrays hold numbers by construction; plain arrays may hold null, undefined or text.
function checkNumbers(values: NumberArray, place: (index: number) => string): void {
  if (!Array.isArray(values)) return;
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] === 'number') continue;
    throw dataError(
      `${place(i)} holds ${JSON.stringify(values[i]) ?? 'undefined'}; expected a number`,
      'write missing values as NaN',
    );
  }
}
