import type { Panel } from './panel.ts';
import { day } from './panel.ts';

/**
 * Milliseconds to add to UTC to get the local time of `timeZone` at a moment.
 *
 * @example
 * zoneOffset('Asia/Shanghai', Date.UTC(2018, 0, 1)) // 28_800_000
 */
export function zoneOffset(timeZone: string, time: number): number {
  if (timeZone === 'UTC') return 0;
  const parts = formatterOf(timeZone).formatToParts(time);
  const field: Record<string, number> = {};
  for (const { type, value } of parts) field[type] = Number(value);
  const local = Date.UTC(field.year, field.month - 1, field.day, field.hour, field.minute, field.second);
  return local - Math.floor(time / 1000) * 1000;
}

/** Local wall-clock time, as if it were UTC, of `count` steps from step `from` of a panel (may reach past its end). */
export function localTimes(panel: Panel, from = 0, count = panel.length): Float64Array {
  const times = new Float64Array(count);
  // Offsets change on whole quarter hours at most, and never twice in a day: only look again across a change.
  let blockEnd = Number.NEGATIVE_INFINITY;
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const time = panel.start + (from + i) * panel.step;
    if (time >= blockEnd) {
      offset = zoneOffset(panel.timeZone, time);
      const steady = zoneOffset(panel.timeZone, time + day) === offset;
      blockEnd = steady ? time + day : time + 1;
    }
    times[i] = time + offset;
  }
  return times;
}

/**
 * Slot of the day of each step in the panel's own time zone: the hour, 0 to 23, for hourly panels; the count of
 * steps since local midnight otherwise. Panels whose step does not divide a day have the slot of the step's start.
 */
export function slotsOfDay(panel: Panel, from = 0, count = panel.length): Int32Array {
  const times = localTimes(panel, from, count);
  const slots = new Int32Array(count);
  for (let i = 0; i < count; i++)
    slots[i] = Math.floor((times[i] - Math.floor(times[i] / day) * day) / panel.step);
  return slots;
}

/** Number of slots in a day, at least 1. */
export function slotsPerDay(panel: Panel): number {
  return Math.max(1, Math.ceil(day / panel.step));
}

/** Days since 1970 in the panel's own time zone, for each step. */
export function localDays(panel: Panel, from = 0, count = panel.length): Int32Array {
  const times = localTimes(panel, from, count);
  const days = new Int32Array(count);
  for (let i = 0; i < count; i++) days[i] = Math.floor(times[i] / day);
  return days;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}
