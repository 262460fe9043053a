import { closestWord } from '../core/closestWord.ts';
import { dataError, usageError } from '../core/errors.ts';

/** Columns as users name them: by name, `name:NAME`, or number. */
export interface ColumnFlags {
  readonly label?: string | undefined;
  readonly weight?: string | undefined;
  readonly ignore: readonly string[];
  readonly categorical: readonly string[];
}

/** What each column of a table is to a model. */
export interface ColumnRoles {
  readonly label: string;
  readonly weight: string | undefined;
  /** In the order of the file. */
  readonly features: readonly string[];
  readonly categorical: ReadonlySet<string>;
}

/**
 * Finds the columns that a user named. Numbers count from 0, for columns other than the label without counting the
 * label, as LightGBM counts.
 *
 * @throws TrainyardError of kind `data` for a column that is not there, `usage` for one with two roles.
 */
export function columnRoles(path: string, columns: readonly string[], flags: ColumnFlags): ColumnRoles {
  if (flags.label === undefined) {
    throw usageError('no label: which column is to be learned?', `add --label; ${listed(path, columns)}`);
  }
  const label = findColumn(path, columns, flags.label, '--label');
  const others = columns.filter((column) => column !== label);
  const weight = flags.weight === undefined ? undefined : findColumn(path, others, flags.weight, '--weight');
  const ignored = new Set(flags.ignore.map((column) => findColumn(path, others, column, '--ignore-column')));
  const features = others.filter((column) => column !== weight && !ignored.has(column));
  const categorical = new Set(
    flags.categorical.map((column) => findColumn(path, others, column, '--categorical-feature')),
  );
  for (const column of categorical) {
    if (features.includes(column)) continue;
    throw usageError(
      `column ${column} is ${column === weight ? 'the weight' : 'ignored'} and a categorical feature`,
      'choose one of the two',
    );
  }
  if (features.length === 0) {
    throw dataError(
      `${path}: no feature left beside ${[label, weight, ...ignored].filter(Boolean).join(', ')}`,
      'ignore fewer columns',
    );
  }
  return { label, weight, features, categorical };
}

/** The columns in a list with commas; LightGBM's `name:` in front is accepted. */
export function columnList(text: string | undefined): string[] {
  if (text === undefined) return [];
  const prefix = text.startsWith('name:') ? 'name:' : '';
  return text
    .slice(prefix.length)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => prefix + word);
}

/** The column that a user means by a name, `name:NAME` or a number. */
export function findColumn(path: string, columns: readonly string[], given: string, option: string): string {
  const name = given.replace(/^name:/, '');
  if (columns.includes(name)) return name;
  if (/^\d+$/.test(given) && Number(given) < columns.length) return columns[Number(given)];
  const meant = closestWord(name, columns);
  throw dataError(
    `${path} has no column ${name}, which ${option} names`,
    meant === undefined || name.length < 4 ? listed(path, columns) : `did you mean ${meant}?`,
  );
}

/**
 * Refuses a table whose first row, taken for names, is one of numbers.
 *
 * @throws TrainyardError of kind `data` that names the flag to give.
 */
export function assertHeader(path: string, columns: readonly string[]): void {
  // Doubled names have got a number behind them.
  if (!columns.every((name) => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?(_\d+)?$/i.test(name))) return;
  throw dataError(
    `${path}: the first row holds numbers, no names of columns`,
    'add --no-header, or a first row of names',
  );
}

function listed(path: string, columns: readonly string[]): string {
  const more = columns.length > 12 ? ` and ${columns.length - 12} more` : '';
  return `the columns of ${path} are ${columns.slice(0, 12).join(', ')}${more}`;
}
