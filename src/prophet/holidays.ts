import type { Axis } from './axis.ts';
import type { HolidayOptions } from './options.ts';
import { day } from './units.ts';

/** One day of a holiday's window. */
export interface HolidayDay {
  /** Name of the holiday. */
  readonly name: string;
  /** Days after the holiday itself. */
  readonly offset: number;
  readonly priorScale: number;
}

/** The days with an effect of their own, in the order of their columns: by name, then by offset. */
export function holidayDays(holidays: readonly Required<HolidayOptions>[]): HolidayDay[] {
  const days = new Map<string, HolidayDay>();
  for (const { name, lowerWindow, upperWindow, priorScale } of holidays) {
    for (let offset = lowerWindow; offset <= upperWindow; offset++)
      days.set(JSON.stringify([name, offset]), { name, offset, priorScale });
  }
  return [...days.values()].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.offset - b.offset,
  );
}

/** For each day of a holiday's window, 1 on the rows of that day and 0 elsewhere. */
export function holidayColumns(axis: Axis, holidays: readonly Required<HolidayOptions>[]): Float64Array[] {
  const key = 'holidays';
  const known = axis.shared.get(key);
  if (known) return known;
  const columns = holidayDays(holidays).map(({ name, offset }) => {
    const dates = new Set<number>();
    for (const holiday of holidays) {
      if (holiday.name !== name || offset < holiday.lowerWindow || offset > holiday.upperWindow) continue;
      for (const date of holiday.dates) dates.add(Math.floor(date / day) + offset);
    }
    return Float64Array.from(axis.clock, (time) => (dates.has(Math.floor(time / day)) ? 1 : 0));
  });
  axis.shared.set(key, columns);
  return columns;
}
