import type { Panel } from '../panel/panel.ts';

/** How many cells of a panel were read, filled by each step, and are still missing. */
export interface FillCounts {
  readonly read: number;
  /** By step as {@link formatSteps} writes it, in the order they ran. */
  readonly filledBy: Readonly<Record<string, number>>;
  readonly missing: number;
  /** Ids of series that hold nothing at all. */
  readonly empty: readonly string[];
}

/** Counts, from the mask that travels with a panel, what imputation did to it. */
export function countFills({ series, fillSteps, length }: Panel): FillCounts {
  const counts = new Array<number>(fillSteps.length + 1).fill(0);
  const empty: string[] = [];
  let missing = 0;
  for (const { id, values, filledBy } of series) {
    let gaps = 0;
    for (let i = 0; i < length; i++) {
      if (Number.isNaN(values[i])) gaps++;
      else counts[filledBy?.[i] ?? 0]++;
    }
    missing += gaps;
    if (gaps === length) empty.push(id);
  }
  // A step may have run twice.
  const filledBy: Record<string, number> = {};
  for (const [index, step] of fillSteps.entries()) filledBy[step] = (filledBy[step] ?? 0) + counts[index + 1];
  return { read: counts[0], filledBy, missing, empty };
}
