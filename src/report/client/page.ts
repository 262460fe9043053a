import type { ReportPayload } from '../reportPayload.ts';
import type { SeriesChunk } from '../seriesChunk.ts';
import { loadSeries } from './embedded.ts';

/** What the reader has chosen. */
export interface Choices {
  readonly series: number;
  /** Index into the payload's models; charts without that model show their first. */
  readonly model: number;
  /** Index of the past forecast start. */
  readonly start: number;
  /** Name of the metric in the score charts. */
  readonly metric: string;
  /** Measure on the map, `''` for all. */
  readonly mapMeasure: string;
  /** Measure in the table of missing data, `''` for all. */
  readonly missingMeasure: string;
}

/** The page: its data, what is chosen, and who wants to know when that changes. */
export interface Page {
  readonly payload: ReportPayload;
  readonly choices: Choices;
  /** Arrays of the chosen series. */
  readonly chunk: SeriesChunk;
  choose(change: Partial<Choices>): void;
  /** Loads a series and shows it; indices wrap around. */
  chooseSeries(index: number): Promise<void>;
  watch(keys: readonly (keyof Choices)[], react: () => void): void;
}

/** Opens the page on a first choice of series. */
export async function openPage(payload: ReportPayload, first: Choices): Promise<Page> {
  const watchers: { keys: readonly (keyof Choices)[]; react: () => void }[] = [];
  let choices = first;
  let chunk = await loadSeries(payload, first.series);
  let wanted = first.series;
  const prefetch = (index: number) => void loadSeries(payload, (index + 1) % payload.series.length);
  prefetch(first.series);

  function choose(change: Partial<Choices>): void {
    const before = choices;
    choices = { ...choices, ...change };
    for (const { keys, react } of watchers) if (keys.some((key) => before[key] !== choices[key])) react();
  }

  async function chooseSeries(index: number): Promise<void> {
    const count = payload.series.length;
    const series = ((index % count) + count) % count;
    wanted = series;
    const loaded = await loadSeries(payload, series);
    // Whoever pages quickly sees the last series asked for, not the last one that happened to arrive.
    if (wanted !== series) return;
    chunk = loaded;
    choose({ series });
    prefetch(series);
  }

  return {
    payload,
    get choices() {
      return choices;
    },
    get chunk() {
      return chunk;
    },
    choose,
    chooseSeries,
    watch: (keys, react) => {
      watchers.push({ keys, react });
    },
  };
}

/** A name of a series for headings and labels. */
export function seriesName({ series }: ReportPayload, index: number): string {
  const { id, station, measure } = series[index];
  return station === '' ? id : measure === '' ? station : `${station} · ${measure}`;
}

/** Measures of the page in order of first appearance. */
export function measuresOf({ series }: ReportPayload): string[] {
  return [...new Set(series.map(({ measure }) => measure))];
}
