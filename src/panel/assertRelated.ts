import { dataError } from '../core/errors.ts';
import type { RowTable } from './rowTable.ts';
import { formatTime } from './timeText.ts';

/**
 * Checks that files belong together: each shares a time, a series or its network's layout with the rest, directly or
 * through others. What does not is more likely a mistake than a panel.
 *
 * @throws TrainyardError of kind `data` naming two files with nothing in common and their ranges.
 */
export function assertRelated(tables: readonly RowTable[], tablesOf: readonly ReadonlySet<RowTable>[]): void {
  const reached = new Set([tables[0]]);
  // A set hands out what is added while it is walked.
  for (const table of reached) {
    for (const other of tables) {
      if (!reached.has(other) && areRelated(table, other, tablesOf)) reached.add(other);
    }
  }
  const stray = tables.find((table) => !reached.has(table));
  if (stray === undefined) return;
  throw dataError(
    `no overlap in time between ${rangeOf(tables[0])} and ${rangeOf(stray)}`,
    'read them in separate commands',
  );
}

function areRelated(left: RowTable, right: RowTable, tablesOf: readonly ReadonlySet<RowTable>[]): boolean {
  if (left.firstTime <= right.lastTime && right.firstTime <= left.lastTime) return true;
  // Files of one network continue each other; tables of the user's own form may be of anything.
  if (left.layout === right.layout && !left.layout.anyStep) return true;
  return tablesOf.some((tables) => tables.has(left) && tables.has(right));
}

function rangeOf({ files, firstTime, lastTime }: RowTable): string {
  return `${files[0].path} (${formatTime(firstTime)} to ${formatTime(lastTime)})`;
}
