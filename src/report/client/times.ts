import type { ReportPayload } from '../reportPayload.ts';

/** Wall-clock time in the panel's zone, as if it were UTC: what the time axes count in. */
export function wallClock({ offsets }: ReportPayload, time: number): number {
  let offset = offsets.length > 0 ? offsets[0][1] : 0;
  for (const [from, next] of offsets) if (time >= from) offset = next;
  return time + offset;
}

/** Wall-clock times of `count` steps from `start`. */
export function wallClocks(payload: ReportPayload, start: number, count: number): Float64Array {
  const times = new Float64Array(count);
  const { offsets, step } = payload;
  let next = 0;
  let offset = offsets.length > 0 ? offsets[0][1] : 0;
  for (let i = 0; i < count; i++) {
    const time = start + i * step;
    while (next < offsets.length && time >= offsets[next][0]) offset = offsets[next++][1];
    times[i] = time + offset;
  }
  return times;
}

/** `Sun 29 Apr 2018, 13:00`, the hour left out for steps of a day or more. */
export function momentText({ step }: Pick<ReportPayload, 'step'>, wall: number): string {
  return step % 86_400_000 === 0 ? dayText(wall) : `${dayText(wall)}, ${clock.format(wall)}`;
}

/** `Sun 29 Apr 2018`. */
export function dayText(wall: number): string {
  return days.format(wall).replace(',', '');
}

/** Options of every time axis: wall clock, short labels. */
export const timeAxisLabels = {
  year: '{yyyy}',
  month: '{MMM} {yyyy}',
  day: '{d} {MMM}',
  hour: '{HH}:{mm}',
  minute: '{HH}:{mm}',
  second: '{HH}:{mm}:{ss}',
};

const days = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });
