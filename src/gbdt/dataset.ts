import { dataError, usageError } from '../core/errors.ts';
import { type BinColumn, type BinMapper, binFinder, findBins } from './binMapper.ts';
import { featureName } from './featureNames.ts';
import { type HistogramBlock, layOutBlocks } from './histogramBlocks.ts';
import { lcg } from './lcg.ts';
import type { Model } from './model.ts';
import { type GbdtParameters, type ResolvedParameters, resolveParameters } from './parameters.ts';
import { predictRaw } from './predict.ts';
import { type FeatureTable, type NumberArray, type TableView, viewTable } from './table.ts';

/** What a model is trained or evaluated on. */
export type TrainingData = FeatureTable & {
  /** One finite number a row; for classes the integers 0 to numClass - 1. Kept in 32 bits, as LightGBM does. */
  readonly label: NumberArray;
  /** One finite number of at least 0 a row, not all 0. Default: every row counts the same. */
  readonly weight?: NumberArray | undefined;
  /** Score that boosting starts from, one a row (class after class for several classes). */
  readonly initScore?: NumberArray | undefined;
  /** Default `Column_0`, `Column_1`, ... */
  readonly featureNames?: readonly string[] | undefined;
  /** Features whose values are categories (integers of at least 0), by name or index. */
  readonly categoricalFeatures?: readonly (string | number)[] | undefined;
};

/**
 * Binned training data. Plain data whose large arrays lie over `SharedArrayBuffer`s: sending it to a worker
 * shares it. Make one with {@link createDataset}; it can serve any number of models.
 */
export interface Dataset {
  readonly numRows: number;
  readonly numFeatures: number;
  readonly featureNames: readonly string[];
  readonly label: Float32Array;
  readonly weight: Float32Array | undefined;
  readonly initScore: Float64Array | undefined;
  /** The model that `initScore` comes from; training goes on from it. */
  readonly initModel: Model | undefined;
  /** One a feature, in the order of the features. */
  readonly mappers: readonly BinMapper[];
  /** Features that can be split, ascending; `columns` and `blocks` count in these. */
  readonly usedFeatures: Int32Array;
  readonly columns: readonly BinColumn[];
  readonly blocks: readonly HistogramBlock[];
  /** The binning parameters it was made with. */
  readonly binning: Binning;
}

/** The parameters that binning depends on. */
export type Binning = Pick<
  ResolvedParameters,
  | 'maxBin'
  | 'minDataInBin'
  | 'binConstructSampleCnt'
  | 'dataRandomSeed'
  | 'featurePreFilter'
  | 'useMissing'
  | 'minDataInLeaf'
>;

/** What a dataset takes besides data and parameters. */
export interface DatasetOptions {
  /** The training set, for a validation set: its bins (and model to go on from) are used. */
  readonly reference?: Dataset | undefined;
  /** A model to go on training from: boosting starts at its predictions. */
  readonly initModel?: Model | undefined;
}

/**
 * Bins a table as LightGBM does. A validation set is binned with the bins of its training set: pass that as
 * `reference`.
 *
 * @throws TrainyardError of kind `data` for labels or weights that cannot be used, `usage` for wrong options.
 *
 * @example
 * const dataset = createDataset({ columns: [temperature, wind], label: pm25, featureNames: ['temp', 'wind'] });
 */
export function createDataset(
  data: TrainingData,
  parameters: GbdtParameters = {},
  options: DatasetOptions = {},
): Dataset {
  const { reference } = options;
  const initModel = reference?.initModel ?? options.initModel;
  if (initModel && data.initScore !== undefined) {
    throw usageError('initScore and a model to go on from cannot be used together', 'give one of them');
  }
  const table = viewTable(data);
  const { numRows, numFeatures } = table;
  if (numFeatures === 0) throw dataError('no feature to learn from', 'pass at least one column');
  if (numRows === 0) throw dataError('no row to learn from', 'pass at least one row');
  if (reference && reference.numFeatures !== numFeatures) {
    throw dataError(
      `validation data has ${numFeatures} features; expected ${reference.numFeatures} as in the training data`,
    );
  }
  const binning = reference?.binning ?? binningOf(resolveParameters(parameters));
  const featureNames = checkFeatureNames(data.featureNames, numFeatures, reference);
  const categorical = checkCategorical(data.categoricalFeatures, featureNames);
  const mappers = reference?.mappers ?? findMappers(table, binning, categorical);
  const usedFeatures = Int32Array.from(mappers.keys()).filter((feature) => !mappers[feature].trivial);
  const columns = Array.from(usedFeatures, (feature) => binColumn(table, feature, mappers[feature]));
  return {
    numRows,
    numFeatures,
    featureNames,
    label: checkLabel(data.label, numRows),
    weight: checkWeight(data.weight, numRows),
    initScore: initModel ? scoresOf(initModel, data) : checkInitScore(data.initScore, numRows),
    initModel,
    mappers,
    usedFeatures,
    columns,
    blocks: layOutBlocks(
      columns,
      Array.from(usedFeatures, (feature) => mappers[feature].numBins),
    ),
    binning,
  };
}

/**
 * The same dataset restricted to some rows, in the order given; bins stay as they are. For folds: bin once, then
 * take the rows of each fold.
 *
 * @param rows Indices from 0 to numRows - 1.
 */
export function takeRows(dataset: Dataset, rows: ArrayLike<number>): Dataset {
  for (let i = 0; i < rows.length; i++) {
    if (Number.isInteger(rows[i]) && rows[i] >= 0 && rows[i] < dataset.numRows) continue;
    throw usageError(`invalid row ${rows[i]}; expected an integer from 0 to ${dataset.numRows - 1}`);
  }
  if (rows.length === 0) throw dataError('no row to take', 'pass at least one row');
  const columns = dataset.columns.map((column) => {
    const taken = sharedBins(rows.length, column.BYTES_PER_ELEMENT);
    for (let i = 0; i < rows.length; i++) taken[i] = column[rows[i]];
    return taken;
  });
  const takeFloats = (values: Float32Array) =>
    sharedFloats(Float32Array.from(rows, (row: number) => values[row]));
  const scores = dataset.initScore;
  const classes = scores === undefined ? 0 : scores.length / dataset.numRows;
  return {
    ...dataset,
    numRows: rows.length,
    label: takeFloats(dataset.label),
    weight: dataset.weight && takeFloats(dataset.weight),
    initScore:
      scores &&
      Float64Array.from({ length: classes * rows.length }, (_, i) => {
        const row = rows[i % rows.length];
        return scores[Math.floor(i / rows.length) * dataset.numRows + row];
      }),
    columns,
    blocks: layOutBlocks(
      columns,
      Array.from(dataset.usedFeatures, (feature) => dataset.mappers[feature].numBins),
    ),
  };
}

/** The binning part of a set of parameters. */
export function binningOf(parameters: ResolvedParameters): Binning {
  const { maxBin, minDataInBin, binConstructSampleCnt, dataRandomSeed } = parameters;
  const { featurePreFilter, useMissing, minDataInLeaf } = parameters;
  return {
    maxBin,
    minDataInBin,
    binConstructSampleCnt,
    dataRandomSeed,
    featurePreFilter,
    useMissing,
    minDataInLeaf,
  };
}

function findMappers(table: TableView, binning: Binning, categorical: ReadonlySet<number>): BinMapper[] {
  const { numRows, numFeatures } = table;
  const sampleSize = Math.min(numRows, binning.binConstructSampleCnt);
  const sampled = sampleSize < numRows ? lcg(binning.dataRandomSeed).sample(numRows, sampleSize) : undefined;
  const size = sampled?.length ?? numRows;
  const limits = {
    ...binning,
    minSplitData: binning.featurePreFilter ? Math.trunc((binning.minDataInLeaf * size) / numRows) : 0,
  };
  const whole = new Float64Array(numRows);
  const sample = sampled ? new Float64Array(size) : whole;
  return Array.from({ length: numFeatures }, (_, feature) => {
    table.readColumn(feature, 0, numRows, whole);
    if (sampled) for (let i = 0; i < size; i++) sample[i] = whole[sampled[i]];
    return findBins(sample, categorical.has(feature) ? 'categorical' : 'numerical', limits);
  });
}

function binColumn(table: TableView, feature: number, mapper: BinMapper): BinColumn {
  const { numRows } = table;
  const values = new Float64Array(numRows);
  table.readColumn(feature, 0, numRows, values);
  const bins = sharedBins(numRows, mapper.numBins <= 256 ? 1 : 2);
  const find = binFinder(mapper);
  for (let row = 0; row < numRows; row++) bins[row] = find(values[row]);
  return bins;
}

function sharedBins(length: number, bytes: number): BinColumn {
  const buffer = new SharedArrayBuffer(length * bytes);
  return bytes === 1 ? new Uint8Array(buffer) : new Uint16Array(buffer);
}

function sharedFloats(values: Float32Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

function checkLabel(label: NumberArray, numRows: number): Float32Array {
  checkLength('label', label, numRows);
  for (let row = 0; row < numRows; row++) {
    if (Number.isFinite(Math.fround(label[row]))) continue;
    throw dataError(
      `label of row ${row} is ${label[row]}; expected a finite number`,
      'drop the rows without a label before training',
    );
  }
  return sharedFloats(Float32Array.from(label));
}

function checkWeight(weight: NumberArray | undefined, numRows: number): Float32Array | undefined {
  if (weight === undefined) return undefined;
  checkLength('weight', weight, numRows);
  let anyPositive = false;
  for (let row = 0; row < numRows; row++) {
    if (!(weight[row] >= 0) || !Number.isFinite(Math.fround(weight[row]))) {
      throw dataError(
        `weight of row ${row} is ${weight[row]}; expected a finite number of at least 0`,
        'give rows that should not count a weight of 0',
      );
    }
    anyPositive ||= weight[row] > 0;
  }
  if (!anyPositive) {
    throw dataError(
      'every weight is 0; expected at least one above 0',
      'leave weights out to count all rows',
    );
  }
  return sharedFloats(Float32Array.from(weight));
}

function checkInitScore(scores: NumberArray | undefined, numRows: number): Float64Array | undefined {
  if (scores === undefined) return undefined;
  if (scores.length === 0 || scores.length % numRows !== 0) {
    throw dataError(`initScore has ${scores.length} values; expected ${numRows} a class`);
  }
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) {
      throw dataError(`initScore ${i} is ${scores[i]}; expected a finite number`);
    }
  }
  return Float64Array.from(scores);
}

// Class after class, as boosting keeps its scores.
function scoresOf(model: Model, data: FeatureTable): Float64Array {
  const scores = predictRaw(model, data);
  const classes = model.treesPerIteration;
  if (classes === 1) return scores;
  const rows = scores.length / classes;
  return scores.map((_, i) => scores[(i % rows) * classes + Math.floor(i / rows)]);
}

function checkLength(what: string, values: NumberArray, numRows: number): void {
  if (values !== undefined && values.length === numRows) return;
  throw dataError(`${what} has ${values?.length ?? 0} values; expected ${numRows}, one a row`);
}

function checkFeatureNames(
  names: readonly string[] | undefined,
  numFeatures: number,
  reference: Dataset | undefined,
): readonly string[] {
  if (names === undefined) {
    return reference?.featureNames ?? Array.from({ length: numFeatures }, (_, i) => `Column_${i}`);
  }
  if (names.length !== numFeatures) {
    throw dataError(`${names.length} feature names for ${numFeatures} features`, 'name every feature once');
  }
  const clean = names.map(featureName);
  const seen = new Set<string>();
  for (const name of clean) {
    if (seen.has(name)) throw dataError(`feature name ${JSON.stringify(name)} occurs twice`);
    seen.add(name);
  }
  const differs = reference?.featureNames.findIndex((name, i) => name !== clean[i]) ?? -1;
  if (reference && differs >= 0) {
    throw dataError(
      `feature ${differs} is ${JSON.stringify(clean[differs])}; expected ${JSON.stringify(reference.featureNames[differs])} as in the training data`,
      'give the validation data the same columns in the same order',
    );
  }
  return clean;
}

function checkCategorical(
  features: readonly (string | number)[] | undefined,
  names: readonly string[],
): ReadonlySet<number> {
  const indices = new Set<number>();
  for (const feature of features ?? []) {
    const index = typeof feature === 'string' ? names.indexOf(feature) : feature;
    if (!Number.isInteger(index) || index < 0 || index >= names.length) {
      throw usageError(
        `unknown categorical feature: ${JSON.stringify(feature)}; expected a feature name or an index from 0 to ${names.length - 1}`,
      );
    }
    indices.add(index);
  }
  return indices;
}
