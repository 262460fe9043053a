/** Fields that a row itself may carry about the series it belongs to, and about what filled its readings. */
export const rowFields = [
  'id',
  'station',
  'measure',
  'unit',
  'city',
  'latitude',
  'longitude',
  'filled_by',
] as const;
export type RowField = (typeof rowFields)[number];

/** One column of readings, with what its header says about the series in it. */
export interface ValueColumn {
  /** Name of the column in the file. */
  readonly column: string;
  readonly station?: string | undefined;
  readonly measure?: string | undefined;
  readonly unit?: string | undefined;
}

/** How to read files of one layout: SQL expressions over the file's columns, all of them text. */
export interface RowShape {
  /** Text of the time of a row, in a form DuckDB casts to TIMESTAMP. */
  readonly time: string;
  /** The column to name when a time cannot be read. */
  readonly timeColumn: string;
  /** What each row says about its series. */
  readonly fields: Partial<Record<RowField, string>>;
  readonly values: readonly ValueColumn[];
  /** Rows to take; all when absent. */
  readonly where?: string | undefined;
  /** Columns of text that no series can hold; the user is told. */
  readonly ignored?: readonly string[] | undefined;
}

/** What the user declared on the command line about files of their own form. */
interface DeclaredColumns {
  readonly time?: string | undefined;
  readonly id?: string | undefined;
  readonly value?: string | undefined;
}

/** A family of files, recognised by its header. */
export interface Layout {
  readonly name: string;
  /** One line for the documentation: who publishes such files and what their header looks like. */
  readonly summary: string;
  /** IANA zone of times that carry no offset. */
  readonly timeZone: string;
  /** City of every series, where the layout itself tells. */
  readonly city?: string | undefined;
  /** Units by measure where neither row nor header says; a measure in neither has an unknown unit, `''`. */
  readonly units?: ReadonlyMap<string, string> | undefined;
  /** True when its rows come at any regular step; otherwise they are hourly. */
  readonly anyStep?: boolean | undefined;
  /** The id under which `kddStations` knows where a station of this layout stands. */
  knownStation?(station: string): string;
  /** Reads the header; `undefined` when the file is not of this layout. */
  shape(header: Header, declared: DeclaredColumns): RowShape | undefined;
}

/** Units in which the Chinese and the British networks publish: CO in mg/m3, everything else in ug/m3. */
export const networkUnits: ReadonlyMap<string, string> = new Map([
  ['CO', 'mg/m3'],
  ...['PM2.5', 'PM10', 'PM1', 'NO2', 'NO', 'NOX', 'O3', 'SO2', 'BC'].map(
    (measure) => [measure, 'ug/m3'] as const,
  ),
]);

/** The columns of a file, as written. */
export interface Header {
  readonly columns: readonly string[];
  /** The column of that name whatever its case, as written; `undefined` when there is none. */
  find(name: string): string | undefined;
  /** Whether all these columns are there. */
  has(...names: string[]): boolean;
}

/** Wraps column names for look-up without regard to case and surrounding blanks. */
export function headerOf(columns: readonly string[]): Header {
  const byName = new Map(columns.map((column) => [column.trim().toLowerCase(), column]));
  const find = (name: string) => byName.get(name.toLowerCase());
  return { columns, find, has: (...names) => names.every((name) => find(name) !== undefined) };
}
