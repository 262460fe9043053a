import { localTimes } from '../panel/localTime.ts';
import { day, type Panel } from '../panel/panel.ts';

/** How many steps of each series, in each stretch of time, were observed, filled by which step, or missing. */
export interface MissingCells {
  /** Wall-clock start of each column in the panel's zone, written as if it were UTC; ascending. */
  readonly columns: readonly number[];
  /** Length of a column in milliseconds, for its caption: a step, a day or a week. */
  readonly columnLength: number;
  /** Number of states: observed, one for each fill step, missing. */
  readonly states: number;
  /** `[series][column][state]`: counts of steps, a column's counts adding up to the steps it holds. */
  readonly counts: readonly Uint32Array[];
}

/**
 * Counts the states of a panel's cells by day in its own time zone; by step where the panel has at most
 * `columnsAtMost` steps, by week where it has more days than that.
 */
export function missingCells(panel: Panel, columnsAtMost = 750): MissingCells {
  const times = localTimes(panel);
  const spanned = times[times.length - 1] - times[0];
  const columnLength =
    panel.length <= columnsAtMost || panel.step >= 7 * day
      ? panel.step
      : spanned <= columnsAtMost * day && panel.step <= day
        ? day
        : 7 * day;
  const columns: number[] = [];
  const columnOf = new Int32Array(panel.length);
  for (let i = 0; i < panel.length; i++) {
    const start = columnLength === panel.step ? times[i] : weekOrDay(times[i], columnLength);
    if (columns.length === 0 || columnLength === panel.step || start > columns[columns.length - 1]) {
      columns.push(start);
    }
    columnOf[i] = columns.length - 1;
  }
  const states = panel.fillSteps.length + 2;
  return {
    columns,
    columnLength,
    states,
    counts: panel.series.map(({ values, filledBy }) => {
      const counts = new Uint32Array(columns.length * states);
      for (let i = 0; i < panel.length; i++) {
        const state = Number.isNaN(values[i]) ? states - 1 : (filledBy?.[i] ?? 0);
        counts[columnOf[i] * states + state]++;
      }
      return counts;
    }),
  };
}

// Weeks begin on Monday; 1970 began on a Thursday.
function weekOrDay(time: number, length: number): number {
  const shift = length === day ? 0 : 4 * day;
  return Math.floor((time - shift) / length) * length + shift;
}
