import { dataError, usageError } from '../core/errors.ts';
import { createDataset, type Dataset, type TrainingData, takeRows } from './dataset.ts';
import { checkFolds, type Fold, kFolds } from './folds.ts';
import type { FoldData } from './growFolds.ts';
import type { GbdtParameters } from './parameters.ts';
import { type NumberArray, viewTable } from './table.ts';

/** How data is divided and binned. */
export interface DivisionOptions {
  /** A number deals rows out at random, by `seed`; otherwise made by `kFolds`, `timeFolds`, ... Default 5. */
  readonly folds?: number | readonly Fold[] | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /**
   * `once` bins all rows together, as `lgb.cv` does: the bins know the feature values of test rows, never a label.
   * `perFold` bins each fold by its training rows alone; it needs a table, not a dataset. Default `once`.
   */
  readonly binning?: 'once' | 'perFold' | undefined;
}

/** Bins data, unless it is already. */
export function datasetOf(data: TrainingData | Dataset, parameters: GbdtParameters): Dataset {
  return isDataset(data) ? data : createDataset(data, parameters);
}

/** True for binned data. */
export function isDataset(data: TrainingData | Dataset): data is Dataset {
  return 'mappers' in data;
}

/** The folds that options ask for, checked. */
export function foldsOf(numRows: number, { folds = 5, seed = 0 }: DivisionOptions): Fold[] {
  return typeof folds === 'number' ? kFolds(numRows, { folds, seed }) : checkFolds(folds, numRows);
}

/**
 * The data of every fold, in shared memory; together as large as the dataset times the number of folds.
 *
 * @param dataset All rows, binned from `data`.
 */
export function divide(
  data: TrainingData | Dataset,
  dataset: Dataset,
  folds: readonly Fold[],
  { binning = 'once' }: DivisionOptions,
): FoldData[] {
  if (binning !== 'perFold') {
    if (binning !== 'once') throw usageError(`invalid binning: ${binning}; expected once or perFold`);
    return folds.map(({ train, test }, fold) => ({
      train: takeWeighed(dataset, train, `training row of fold ${fold}`),
      test: takeWeighed(dataset, test, `test row of fold ${fold}`),
    }));
  }
  if (isDataset(data)) {
    throw usageError('a dataset is binned already', 'pass the table to bin it fold by fold');
  }
  return folds.map((fold) => {
    const train = createDataset(takeTableRows(data, fold.train), dataset.binning);
    return { train, test: createDataset(takeTableRows(data, fold.test), {}, { reference: train }) };
  });
}

function takeWeighed(dataset: Dataset, rows: Int32Array, which: string): Dataset {
  const { weight } = dataset;
  if (weight && !rows.some((row) => weight[row] > 0)) {
    throw dataError(`every ${which} has weight 0`, 'leave the fold out, or shuffle rows');
  }
  return takeRows(dataset, rows);
}

function takeTableRows(data: TrainingData, rows: Int32Array): TrainingData {
  const { numRows, numFeatures, readColumn } = viewTable(data);
  const whole = new Float64Array(numRows);
  const columns = Array.from({ length: numFeatures }, (_, feature) => {
    readColumn(feature, 0, numRows, whole);
    return Float64Array.from(rows, (row) => whole[row]);
  });
  const { label, weight, initScore, featureNames, categoricalFeatures } = data;
  const take = (values: NumberArray, classes = 1) =>
    Float64Array.from({ length: rows.length * classes }, (_, i) => {
      return values[Math.floor(i / rows.length) * numRows + rows[i % rows.length]];
    });
  return {
    columns,
    label: take(label),
    weight: weight && take(weight),
    initScore: initScore && take(initScore, initScore.length / numRows),
    featureNames,
    categoricalFeatures,
  };
}
