import type { Panel, Series } from '../panel/panel.ts';

/** Gaps whose length lies in a range of steps, both ends included. */
export interface GapCount {
  readonly from: number;
  readonly to: number;
  readonly gaps: number;
  /** Steps in all these gaps together. */
  readonly steps: number;
}

/** Counts the runs of unobserved steps of a panel by length; cells filled since were gaps all the same. */
export function gapCounts(panel: Panel): GapCount[] {
  const counts = gapRanges.map(([from, to]) => ({ from, to, gaps: 0, steps: 0 }));
  for (const series of panel.series) {
    eachGap(series, (length) => {
      const count = counts.find(({ to }) => length <= to);
      if (!count) return;
      count.gaps++;
      count.steps += length;
    });
  }
  return counts.filter(({ gaps }) => gaps > 0);
}

/** Steps in the longest run of unobserved cells of a series. */
export function longestGap(series: Series): number {
  let longest = 0;
  eachGap(series, (length) => {
    longest = Math.max(longest, length);
  });
  return longest;
}

const gapRanges: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 3],
  [4, 6],
  [7, 24],
  [25, 72],
  [73, 720],
  [721, Number.POSITIVE_INFINITY],
];

function eachGap({ values, filledBy }: Series, take: (length: number) => void): void {
  let length = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]) || (filledBy && filledBy[i] > 0)) {
      length++;
    } else if (length > 0) {
      take(length);
      length = 0;
    }
  }
  if (length > 0) take(length);
}
