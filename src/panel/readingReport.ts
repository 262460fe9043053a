import type { Panel } from './panel.ts';

/** A panel and what was found and done while reading it. */
export interface PanelReading {
  readonly panel: Panel;
  readonly report: ReadingReport;
}

/** What a reader found and did, series by series, so that nothing is cleaned silently. */
export interface ReadingReport {
  readonly files: readonly {
    readonly path: string;
    /** Name of the recognised layout, for instance `kdd2018-beijing`. */
    readonly layout: string;
    readonly rows: number;
  }[];
  /** Sums over all series. */
  readonly duplicates: number;
  readonly negatives: number;
  readonly series: readonly SeriesReading[];
  /** Anything the user should know, one line each. */
  readonly warnings: readonly string[];
}

/** What a reader found in one series. */
export interface SeriesReading {
  readonly id: string;
  /** Rows beyond the first for the same hour. */
  readonly duplicates: number;
  /** Readings below zero, set missing unless kept on request. */
  readonly negatives: number;
  /** Hours that hold a reading after cleaning; cells that an earlier imputation filled do not count. */
  readonly observed: number;
  /** Hours of the panel without any row. */
  readonly withoutRow: number;
}
