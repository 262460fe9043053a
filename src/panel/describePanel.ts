import { usageError } from '../core/errors.ts';
import { day, type Panel, readingsOf, type Series, timeAt } from './panel.ts';
import { plausibleRange } from './plausibleRange.ts';
import type { ReadingReport } from './readingReport.ts';
import { formatTime } from './timeText.ts';

/** What a panel holds and what is odd about it; plain data, ready for JSON. Times are UTC. */
export interface PanelDescription {
  readonly start: string;
  readonly end: string;
  /** Milliseconds between steps. */
  readonly step: number;
  readonly length: number;
  readonly timeZone: string;
  readonly files: ReadingReport['files'];
  readonly warnings: readonly string[];
  readonly series: readonly SeriesDescription[];
}

/** What one series holds and what is odd about it. Lengths are in steps; nothing known is `null`. */
export interface SeriesDescription {
  readonly id: string;
  readonly city: string;
  readonly station: string;
  readonly measure: string;
  readonly unit: string;
  /** Times of the first and the last reading. */
  readonly first: string | null;
  readonly last: string | null;
  readonly observed: number;
  /** Observed share of the steps of the panel, 0 to 1. */
  readonly share: number;
  readonly minimum: number | null;
  readonly median: number | null;
  readonly maximum: number | null;
  /** Steps of the panel before the first and after the last reading. */
  readonly before: number;
  readonly after: number;
  /** Runs without a reading between two readings. */
  readonly gaps: GapDescription;
  /** From the reading of the files; `null` where they are not known. */
  readonly duplicates: number | null;
  readonly negatives: number | null;
  readonly withoutRow: number | null;
  /** Runs of one and the same value, at least `stuck` steps long. */
  readonly stuck: RunDescription;
  /** Runs of readings outside what a working station reports; `range` is `null` where no range is known. */
  readonly outOfRange: RunDescription & { readonly range: readonly [number, number] | null };
}

/** How many gaps there are of each length, by rising length. */
export interface GapDescription {
  readonly count: number;
  readonly longest: number;
  readonly lengths: readonly { readonly length: number; readonly count: number }[];
}

/** Runs of steps that share an oddity; the longest one is the first of its length. */
export interface RunDescription {
  readonly runs: number;
  readonly steps: number;
  readonly longest: { readonly from: string; readonly steps: number; readonly value: number } | null;
}

/**
 * Describes every series of a panel: range, observed share, gaps by length, what reading it found, stuck and
 * out-of-range runs.
 *
 * @param report what reading the files found, where there was one.
 * @param options `stuck`: milliseconds from which a run of one value counts as stuck, default one day. Dry hours
 * are no fault, so zeros of `RAIN` never count.
 * @throws TrainyardError of kind `usage` when `stuck` is shorter than two steps.
 * @example
 * const { panel, report } = await readPanel(['beijing_aq.csv']);
 * describePanel(panel, report).series[0].gaps.longest // steps
 */
export function describePanel(
  panel: Panel,
  report?: ReadingReport,
  { stuck = day }: { stuck?: number | undefined } = {},
): PanelDescription {
  const stuckSteps = stuck === day ? Math.max(2, day / panel.step) : stuck / panel.step;
  if (!(stuckSteps >= 2)) {
    throw usageError(
      `invalid length of stuck runs: ${stuck / 60_000} minutes; expected at least two steps of ${panel.step / 60_000}`,
      'pass a longer --stuck',
    );
  }
  const readings = new Map(report?.series.map((series) => [series.id, series]));
  return {
    start: formatTime(panel.start),
    end: formatTime(timeAt(panel, panel.length - 1)),
    step: panel.step,
    length: panel.length,
    timeZone: panel.timeZone,
    files: report?.files ?? [],
    warnings: report?.warnings ?? [],
    series: panel.series.map((series) => {
      const reading = readings.get(series.id);
      return {
        ...describeValues(panel, series, stuckSteps),
        duplicates: reading?.duplicates ?? null,
        negatives: reading?.negatives ?? null,
        withoutRow: reading?.withoutRow ?? null,
      };
    }),
  };
}

function describeValues(panel: Panel, series: Series, stuckSteps: number) {
  const { id, city, station, measure, unit } = series;
  const values = readingsOf(series);
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const observed = present.length;
  const first = values.findIndex((value) => !Number.isNaN(value));
  const last = values.findLastIndex((value) => !Number.isNaN(value));
  const range = plausibleRange(measure, unit);
  const isDry = (value: number) => measure === 'RAIN' && value === 0;
  return {
    id,
    city,
    station,
    measure,
    unit,
    first: first < 0 ? null : formatTime(timeAt(panel, first)),
    last: last < 0 ? null : formatTime(timeAt(panel, last)),
    observed,
    share: observed / panel.length,
    minimum: present[0] ?? null,
    median: observed === 0 ? null : (present[(observed - 1) >> 1] + present[observed >> 1]) / 2,
    maximum: present[observed - 1] ?? null,
    before: first < 0 ? panel.length : first,
    after: last < 0 ? 0 : panel.length - 1 - last,
    gaps: describeGaps(values, first, last),
    stuck: describeRuns(
      panel,
      values,
      (value, previous) => value === previous && !isDry(value),
      (value) => !isDry(value),
      stuckSteps,
    ),
    outOfRange: {
      range: range ?? null,
      ...describeRuns(
        panel,
        values,
        () => true,
        (value) => range !== undefined && (value < range[0] || value > range[1]),
        1,
      ),
    },
  };
}

function describeGaps(values: Float64Array, first: number, last: number): GapDescription {
  const counts = new Map<number, number>();
  let length = 0;
  for (let i = first; i <= last && i >= 0; i++) {
    if (Number.isNaN(values[i])) length++;
    else if (length > 0) {
      counts.set(length, (counts.get(length) ?? 0) + 1);
      length = 0;
    }
  }
  const lengths = [...counts]
    .map(([gapLength, count]) => ({ length: gapLength, count }))
    .sort((a, b) => a.length - b.length);
  return {
    count: lengths.reduce((sum, { count }) => sum + count, 0),
    longest: lengths.at(-1)?.length ?? 0,
    lengths,
  };
}

// A run begins at a value that `starts` and goes on while neighbours `continues`; a gap ends it.
function describeRuns(
  panel: Panel,
  values: Float64Array,
  continues: (value: number, previous: number) => boolean,
  starts: (value: number) => boolean,
  shortest: number,
): RunDescription {
  let runs = 0;
  let steps = 0;
  let longest = 0;
  let longestFrom = -1;
  let from = -1;
  for (let i = 0; i <= values.length; i++) {
    const value = i < values.length ? values[i] : Number.NaN;
    const belongs = !Number.isNaN(value) && starts(value);
    if (from >= 0 && !(belongs && continues(value, values[i - 1]))) {
      const length = i - from;
      if (length >= shortest) {
        runs++;
        steps += length;
        if (length > longest) [longest, longestFrom] = [length, from];
      }
      from = -1;
    }
    if (from < 0 && belongs) from = i;
  }
  return {
    runs,
    steps,
    longest:
      longestFrom < 0
        ? null
        : { from: formatTime(timeAt(panel, longestFrom)), steps: longest, value: values[longestFrom] },
  };
}
