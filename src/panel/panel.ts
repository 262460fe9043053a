import { createHash } from 'node:crypto';
import { dataError, usageError } from '../core/errors.ts';

/** What is known about a series besides its values. Unknown text is `''`, unknown coordinates are NaN. */
export interface SeriesAttributes {
  readonly city: string;
  readonly station: string;
  readonly measure: string;
  /** Unit of the values, for instance `ug/m3` or `mg/m3`. */
  readonly unit: string;
  /** Degrees north and east. */
  readonly latitude: number;
  readonly longitude: number;
}

/** One series of a panel. */
export interface Series extends SeriesAttributes {
  /** `<station>#<measure>` for station data; unique in its panel. */
  readonly id: string;
  /** `[length]`, NaN = missing. Often a view into shared storage: treat as read-only. */
  readonly values: Float64Array;
  /**
   * `[length]`, which step of the imputation chain filled a cell: 0 = not filled (observed or still missing),
   * k = `fillSteps[k - 1]`. `undefined` while nothing has been filled.
   */
  readonly filledBy: Uint8Array | undefined;
}

/**
 * Many series on one regular time axis. Dense float64 storage over a `SharedArrayBuffer`, so that worker threads
 * read it without a copy; slices share the storage of the panel they come from.
 */
export interface Panel {
  /** Time of the first step, milliseconds since 1970 UTC. */
  readonly start: number;
  /** Milliseconds between steps; 3,600,000 for hourly data. */
  readonly step: number;
  /** Number of steps. */
  readonly length: number;
  /** IANA zone in which hours of the day are counted, for instance `UTC` or `Europe/London`. */
  readonly timeZone: string;
  /** Names of the imputation steps that `filledBy` refers to, in the order they ran. */
  readonly fillSteps: readonly string[];
  readonly series: readonly Series[];
}

/** One hour in milliseconds. */
export const hour = 3_600_000;
/** One day in milliseconds. */
export const day = 24 * hour;

/** The shape of a new panel: its axis and, for each series, an id and what is known of its attributes. */
export interface PanelShape {
  readonly start: number;
  /** Default one hour. */
  readonly step?: number;
  readonly length: number;
  /** Default `UTC`. */
  readonly timeZone?: string;
  readonly series: readonly ({ readonly id: string } & Partial<SeriesAttributes>)[];
}

/**
 * Makes a panel whose cells are all missing; write observations into `series[i].values`.
 *
 * @throws TrainyardError of kind `usage` for an axis that is not regular or empty, `data` for repeated ids.
 * @example
 * const panel = createPanel({ start: Date.UTC(2018, 0, 1), length: 48, series: [{ id: 'dongsi_aq#PM2.5' }] });
 * panel.series[0].values[0] = 35;
 */
export function createPanel(shape: PanelShape): Panel {
  const { start, step = hour, length, timeZone = 'UTC', series } = shape;
  if (!Number.isInteger(start)) throw usageError(`invalid start: ${start}; expected whole milliseconds`);
  if (!Number.isInteger(step) || step <= 0) {
    throw usageError(`invalid step: ${step}; expected a positive number of milliseconds`);
  }
  if (!Number.isInteger(length) || length < 1) {
    throw usageError(`invalid length: ${length}; expected at least one step`);
  }
  assertTimeZone(timeZone);
  const seen = new Set<string>();
  for (const { id } of series) {
    if (seen.has(id)) throw dataError(`repeated series id: ${id}`, 'give every series an id of its own');
    seen.add(id);
  }
  const storage = new Float64Array(new SharedArrayBuffer(8 * series.length * length)).fill(Number.NaN);
  return {
    start,
    step,
    length,
    timeZone,
    fillSteps: [],
    series: series.map((given, index) => ({
      id: given.id,
      city: given.city ?? '',
      station: given.station ?? '',
      measure: given.measure ?? '',
      unit: given.unit ?? '',
      latitude: given.latitude ?? Number.NaN,
      longitude: given.longitude ?? Number.NaN,
      values: storage.subarray(index * length, (index + 1) * length),
      filledBy: undefined,
    })),
  };
}

/** Time of step `index`, milliseconds since 1970 UTC; `index` may lie outside the panel. */
export function timeAt(panel: Panel, index: number): number {
  return panel.start + index * panel.step;
}

/**
 * Step of a time; may lie outside the panel.
 *
 * @throws TrainyardError of kind `usage` when the time lies between two steps.
 */
export function indexAt(panel: Panel, time: number): number {
  const index = (time - panel.start) / panel.step;
  if (!Number.isInteger(index)) {
    throw usageError(
      `${new Date(time).toISOString()} lies between two steps of the panel, ` +
        `which has one every ${panel.step / 60_000} minutes from ${new Date(panel.start).toISOString()}`,
    );
  }
  return index;
}

/**
 * Steps `from` (inclusive) to `to` (exclusive) of every series, sharing storage with `panel`.
 *
 * @throws TrainyardError of kind `usage` when the range is empty or outside the panel.
 */
export function slicePanel(panel: Panel, from: number, to: number): Panel {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > panel.length || from >= to) {
    throw usageError(`invalid range: steps ${from} to ${to} of a panel of ${panel.length} steps`);
  }
  if (from === 0 && to === panel.length) return panel;
  return {
    ...panel,
    start: timeAt(panel, from),
    length: to - from,
    series: panel.series.map((series) => ({
      ...series,
      values: series.values.subarray(from, to),
      filledBy: series.filledBy?.subarray(from, to),
    })),
  };
}

/** The series for which `keep` holds, sharing storage with `panel`. */
export function selectSeries(panel: Panel, keep: (series: Series) => boolean): Panel {
  return { ...panel, series: panel.series.filter(keep) };
}

/** The values of a series as they were read, `[length]`: cells that imputation filled are missing. */
export function readingsOf({ values, filledBy }: Series): Float64Array {
  return filledBy === undefined ? values : values.map((value, i) => (filledBy[i] > 0 ? Number.NaN : value));
}

/** The panel as it was read: cells that were filled in are missing again, and no mask is left. */
export function withoutFills(panel: Panel): Panel {
  if (panel.fillSteps.length === 0) return panel;
  const series = panel.series.map((one) => {
    const values = new Float64Array(new SharedArrayBuffer(8 * panel.length));
    values.set(readingsOf(one));
    return { ...one, values, filledBy: undefined };
  });
  return { ...panel, fillSteps: [], series };
}

/** Number of cells that hold a value. */
export function countPresent(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) count++;
  return count;
}

/** SHA-256 of the axis, the ids and every value: equal fingerprints mean the same data. */
export function fingerprint(panel: Panel): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([panel.start, panel.step, panel.length, panel.timeZone]));
  for (const series of panel.series) {
    hash.update(JSON.stringify(series.id));
    hash.update(new Uint8Array(series.values.buffer, series.values.byteOffset, series.values.byteLength));
  }
  return hash.digest('hex');
}

function assertTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw usageError(
      `unknown time zone: ${timeZone}`,
      'use an IANA name such as UTC, Asia/Shanghai or Europe/London',
    );
  }
}
