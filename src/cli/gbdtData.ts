import { dataError } from '../core/errors.ts';
import type { CategoryLists } from '../gbdt/categoryLists.ts';
import { cleanFeatureName } from '../gbdt/featureNames.ts';
import type { Model } from '../gbdt/model.ts';
import type { NumberArray } from '../gbdt/table.ts';
import { plural } from '../report/numberText.ts';
import { readTable, type Table } from '../tables/readTable.ts';
import { encodeCategories, listCategories } from './gbdtCategories.ts';
import { assertHeader, type ColumnFlags, type ColumnRoles, columnRoles } from './gbdtColumns.ts';
import type { CommandContext } from './runCommand.ts';

/** A table ready for boosting, in the form `createDataset` takes, and what its categories are called. */
export interface TrainingTable {
  readonly path: string;
  readonly columns: readonly Float64Array[];
  readonly label: Float64Array;
  readonly weight: NumberArray | undefined;
  readonly featureNames: readonly string[];
  /** Indices of features. */
  readonly categoricalFeatures: readonly number[];
  readonly categoryLists: CategoryLists | undefined;
}

/** What features there must be, where something else has decided that already. */
export interface KnownFeatures {
  /** Who decided, for errors: the training data or a model. */
  readonly source: string;
  readonly featureNames: readonly string[];
  readonly categoricalFeatures: ReadonlySet<number>;
  readonly categoryLists: CategoryLists | undefined;
}

/** How tables for training are read. */
export interface TrainingTableOptions {
  readonly columns: ColumnFlags;
  readonly header: boolean;
  /** Leaves out rows without a label. */
  readonly dropUnlabelled: boolean;
  /** Features to find by name, in this order; other columns are an error. */
  readonly known?: KnownFeatures | undefined;
}

/**
 * Reads a table to train or validate on.
 *
 * @throws TrainyardError of kind `data` naming file, row and column of what cannot be used.
 */
export async function readTrainingTable(
  path: string,
  options: TrainingTableOptions,
  { terminal, signal }: CommandContext,
): Promise<TrainingTable> {
  const { header, known } = options;
  let roles: ColumnRoles | undefined;
  let features: readonly string[] = [];
  const isCategory = (column: string, index: number) =>
    known?.categoricalFeatures.has(index) || roles?.categorical.has(column) || false;
  const table = await readTable(
    path,
    (columns) => {
      if (header) assertHeader(path, columns);
      roles = columnRoles(path, columns, options.columns);
      features = known ? matchFeatures(path, roles.features, known) : roles.features;
      const { label, weight } = roles;
      const numeric = features.filter((column, index) => !isCategory(column, index));
      return {
        numbers: [...new Set([label, ...(weight === undefined ? [] : [weight]), ...numeric])],
        texts: features.filter(isCategory),
      };
    },
    {
      header,
      signal,
      onProgress: terminal.progress,
      advice: (column, found) =>
        column === roles?.label
          ? 'the label must be numbers: classes as 0, 1, ...'
          : found === 'time'
            ? `leave it out by --ignore-column "${column}", or make numbers of it, such as hour and month`
            : `name it by --categorical-feature "${column}", or leave it out by --ignore-column "${column}"`,
    },
  );
  if (roles === undefined || table.rowCount === 0) {
    throw dataError(`${path} has no row below its header`, 'give it at least one row');
  }
  const categorical = [...features.keys()].filter((index) => isCategory(features[index], index));
  const lists = known ? known.categoryLists : listsOf(table, features, categorical);
  const columns = features.map((column, index) => {
    const text = table.texts.get(column);
    if (text === undefined) return numbersOf(table, column);
    const { values, unseen } = encodeCategories(text, lists?.get(index));
    if (unseen > 0) terminal.warn(unseenWarning(path, column, unseen));
    return values;
  });
  return keepLabelled(
    {
      path,
      columns,
      label: numbersOf(table, roles.label),
      weight: roles.weight === undefined ? undefined : numbersOf(table, roles.weight),
      featureNames: features.map(cleanFeatureName),
      categoricalFeatures: categorical,
      categoryLists: lists,
    },
    roles,
    table.firstRow,
    options.dropUnlabelled,
    terminal.info,
  );
}

/** The features of a model, for data that is to fit it. */
export function featuresOf(model: Model, lists: CategoryLists, source: string): KnownFeatures {
  const categorical = new Set<number>(lists.keys());
  for (const tree of model.trees) {
    for (const [node, feature] of tree.splitFeature.entries()) {
      if (tree.decisionType[node] & 1) categorical.add(feature);
    }
  }
  return {
    source,
    featureNames: model.featureNames,
    categoricalFeatures: categorical,
    categoryLists: lists.size === 0 ? undefined : lists,
  };
}

/** What is said of categories that training has not seen. */
export function unseenWarning(path: string, column: string, rows: number): string {
  return `${path}: ${plural(rows, 'row')} of column ${column} with a category unknown to the model; it counts as missing`;
}

/**
 * The columns of a file that are features, in their order.
 *
 * @throws TrainyardError of kind `data` naming those that are missing.
 */
export function findFeatures(
  path: string,
  columns: readonly string[],
  { featureNames, source }: Pick<KnownFeatures, 'featureNames' | 'source'>,
): string[] {
  const byName = new Map(columns.map((column) => [cleanFeatureName(column), column]));
  const missing = featureNames.filter((name) => !byName.has(name));
  if (missing.length > 0) {
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
    throw dataError(
      `${path} lacks ${missing.length} of the ${featureNames.length} features of ${source}: ${missing.slice(0, 5).join(', ')}${more}`,
      `its columns are ${columns.slice(0, 12).join(', ')}${columns.length > 12 ? ', …' : ''}`,
    );
  }
  return featureNames.map((name) => byName.get(name) as string);
}

function matchFeatures(path: string, columns: readonly string[], known: KnownFeatures): string[] {
  const found = findFeatures(path, columns, known);
  const extra = columns.filter((column) => !found.includes(column));
  if (extra.length === 0) return found;
  throw dataError(
    `${path} has ${extra.length} columns that ${known.source} lacks: ${extra.slice(0, 5).join(', ')}${extra.length > 5 ? ', …' : ''}`,
    `leave them out by --ignore-column "${extra.slice(0, 5).join(',')}"`,
  );
}

function listsOf(table: Table, features: readonly string[], categorical: readonly number[]) {
  const lists = listCategories(
    categorical.flatMap((index) => {
      const column = table.texts.get(features[index]);
      return column ? [column] : [];
    }),
  );
  return lists && new Map(categorical.map((feature, i) => [feature, lists[i]]));
}

// Rows of the file are counted here, which `createDataset` cannot.
function keepLabelled(
  table: TrainingTable,
  roles: ColumnRoles,
  firstRow: number,
  dropUnlabelled: boolean,
  info: (line: string) => void,
): TrainingTable {
  const { path, label, weight, columns } = table;
  const place = (row: number) => `${path}, row ${row + firstRow}`;
  const kept: number[] = [];
  for (let row = 0; row < label.length; row++) {
    const isMissing = Number.isNaN(label[row]);
    if (isMissing && dropUnlabelled) continue;
    if (!Number.isFinite(Math.fround(label[row]))) {
      throw dataError(
        `${place(row)}: the label ${roles.label} is ${isMissing ? 'missing' : label[row]}; expected a finite number`,
        isMissing ? 'add --drop-unlabelled to leave such rows out' : 'mend the cell, or leave the row out',
      );
    }
    if (weight && !(weight[row] >= 0 && Number.isFinite(Math.fround(weight[row])))) {
      throw dataError(
        `${place(row)}: the weight ${roles.weight} is ${weight[row]}; expected a finite number of at least 0`,
        'give rows that should not count a weight of 0',
      );
    }
    kept.push(row);
  }
  if (weight && kept.length > 0 && kept.every((row) => weight[row] === 0)) {
    throw dataError(
      `${path}: the weight ${roles.weight} is 0 in every row; expected at least one above 0`,
      'leave --weight out to count all rows',
    );
  }
  if (kept.length === label.length) return table;
  if (kept.length === 0) throw dataError(`${path}: no row has a label ${roles.label}`, 'check --label');
  info(`${path}: left out ${plural(label.length - kept.length, 'row')} without a label`);
  const take = (values: NumberArray) => Float64Array.from(kept, (row) => values[row]);
  return { ...table, columns: columns.map(take), label: take(label), weight: weight && take(weight) };
}

function numbersOf(table: Table, column: string): Float64Array {
  return table.numbers.get(column) ?? new Float64Array(0);
}
