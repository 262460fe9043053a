import type { ProgressCallback } from '../core/progress.ts';

/** Which of several readings of one series and hour counts. */
export type DuplicateRule = 'first' | 'last' | 'mean';

/** What becomes of concentrations below zero. */
export type NegativeRule = 'missing' | 'keep';

/** How files are read; everything has a default that suits files of a known layout. */
export interface ReadPanelOptions {
  /** Name of the layout; default: recognised from each file's header. */
  readonly layout?: string | undefined;
  /** Columns of files in no known layout: time, series id (default: one series) and value. */
  readonly time?: string | undefined;
  readonly id?: string | undefined;
  readonly value?: string | undefined;
  /** IANA zone of times that carry no offset; default: the layout's. */
  readonly timeZone?: string | undefined;
  /** strptime format of the times, for instance `%d/%m/%Y %H:%M`. */
  readonly timeFormat?: string | undefined;
  /** IANA zone in which the panel counts hours of the day; default: that of the files where they agree, else UTC. */
  readonly panelTimeZone?: string | undefined;
  /** Milliseconds between steps; default one hour, or the commonest distance in long and generic tables. */
  readonly step?: number | undefined;
  /** Which of several readings of one hour counts. Default `first`. */
  readonly duplicates?: DuplicateRule | undefined;
  /** What becomes of concentrations below zero. Default `missing`. */
  readonly negatives?: NegativeRule | undefined;
  /** Table of coordinates: a station or id column, latitude and longitude, perhaps city. */
  readonly stations?: string | undefined;
  /** Measures to take; default all. */
  readonly measures?: readonly string[] | undefined;
  /** Units by measure where the files do not say, for instance `{ CO: 'mg/m3' }`. */
  readonly units?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}
