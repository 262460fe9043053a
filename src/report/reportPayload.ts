/**
 * What the page's own code reads besides the arrays of each series: plain JSON, embedded once. Times are
 * milliseconds since 1970 UTC; `null` stands where there is no number.
 */
export interface ReportPayload {
  readonly start: number;
  readonly step: number;
  readonly length: number;
  readonly timeZone: string;
  /** `[from, offset]`: milliseconds to add to UTC from that moment on; the first holds for everything before too. */
  readonly offsets: readonly (readonly [number, number])[];
  readonly fillSteps: readonly string[];
  /** Every model of the page; a model keeps its colour throughout. */
  readonly models: readonly string[];
  readonly series: readonly PayloadSeries[];
  readonly forecast: PayloadForecast | undefined;
  readonly components: readonly PayloadComponents[] | undefined;
  readonly backtest: PayloadBacktest | undefined;
  readonly scores: PayloadScores | undefined;
  readonly fills: PayloadFills | undefined;
  readonly missing: { readonly columns: readonly number[]; readonly columnLength: number } | undefined;
}

/** Why cells were filled with what they were filled with. */
export interface PayloadFills {
  readonly inputs: readonly string[];
  /** By index of the series, then by step of the panel. */
  readonly cells: Readonly<Record<number, Readonly<Record<number, PayloadFill>>>>;
}

/** What the model expects anyway, and what each input added: index into the inputs, what it read, what it added. */
export interface PayloadFill {
  readonly base: number;
  readonly rest: number;
  readonly parts: readonly (readonly [input: number, reading: number | null, added: number])[];
}

/** A series as the chooser shows it; `null` coordinates are unknown. */
export interface PayloadSeries {
  readonly id: string;
  readonly city: string;
  readonly station: string;
  readonly measure: string;
  readonly unit: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly observed: number;
  readonly filled: number;
  /** Whether the backtest has this series. */
  readonly tested: boolean;
}

/** Which model gives which intervals. */
export interface PayloadModel {
  /** Index into {@link ReportPayload.models}. */
  readonly model: number;
  /** Percent, ascending. */
  readonly levels: readonly number[];
}

export interface PayloadForecast {
  readonly start: number;
  readonly horizon: number;
  readonly models: readonly PayloadModel[];
}

/** Parts of one model's forecasts. */
export interface PayloadComponents {
  /** Index into {@link ReportPayload.models}. */
  readonly model: number;
  /** By index of the panel's series. */
  readonly series: readonly (readonly PayloadCurve[])[];
}

export interface PayloadCurve {
  readonly name: string;
  /** Milliseconds; `null` for a curve along time. */
  readonly period: number | null;
  /** Milliseconds since 1970 UTC or since the beginning of the period. */
  readonly at: readonly number[];
  readonly values: readonly (number | null)[];
  /** Whether values are shares of the trend. */
  readonly multiplies: boolean;
}

export interface PayloadBacktest {
  readonly starts: readonly number[];
  readonly cutoffs: readonly number[];
  readonly horizon: number;
  readonly models: readonly PayloadModel[];
}

/** Scores as rows of numbers in the order of `metricColumns(units, levels)`. */
export interface PayloadScores {
  readonly units: readonly string[];
  readonly levels: readonly number[];
  readonly models: readonly PayloadModelScores[];
  readonly cities: readonly string[] | undefined;
}

export interface PayloadModelScores {
  readonly model: number;
  readonly byStart: readonly { readonly at: number; readonly row: PayloadRow }[];
  readonly byStep: readonly { readonly at: number; readonly row: PayloadRow }[];
  /** By index of the panel's series; absent where a series was not scored. */
  readonly bySeries: readonly (PayloadRow | null)[];
  /** Competition score of each start: mean of the cities, then each city. */
  readonly competition: readonly { readonly at: number; readonly row: PayloadRow }[] | undefined;
}

export type PayloadRow = readonly (number | null)[];
