import { usageError } from '../core/errors.ts';
import { day, hour } from './panel.ts';

/** `2018-04-29 13:00:00`, UTC: how times are written in every table Trainyard produces. */
export function formatTime(time: number): string {
  const start = Math.floor(time / day) * day;
  // Tables hold millions of times, mostly of the same day as the one before.
  if (start !== lastDay.start) lastDay = { start, text: formatDay(start) };
  const seconds = Math.floor((time - start) / 1000);
  return `${lastDay.text} ${twoDigits(seconds / 3600)}:${twoDigits((seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
}

let lastDay = { start: 0, text: '1970-01-01' };

function twoDigits(count: number): string {
  return count < 10 ? `0${Math.floor(count)}` : `${Math.floor(count)}`;
}

/** `2018-04-29`, UTC. */
export function formatDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * Reads a moment given on a command line: `2018-04-29`, `2018-04-29 13:00`, `2018-04-29T13:00:00Z` or with an
 * offset such as `+08:00`. Without an offset it is UTC.
 *
 * @throws TrainyardError of kind `usage` when the text is not such a moment; `option` names it.
 */
export function parseTime(text: string, option: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
    text.trim(),
  );
  const time = match
    ? Date.parse(
        `${match[1]}T${match[2] ?? '00:00'}${match[3] ?? ':00'}${(match[4] ?? 'Z').replace(/^(...)(\d\d)$/, '$1:$2')}`,
      )
    : Number.NaN;
  // Date.parse rolls 30 February over into March.
  const rolled = match && !Number.isNaN(time) && !isRealDay(match[1]);
  if (Number.isNaN(time) || rolled) {
    throw usageError(
      `invalid ${option}: ${text}; expected a moment`,
      'write 2018-04-29, 2018-04-29T13:00Z or 2018-04-29T13:00+08:00',
    );
  }
  return time;
}

/**
 * Reads a duration such as `90m`, `6h`, `1d` or `2w`, in milliseconds.
 *
 * @throws TrainyardError of kind `usage` when the text is not such a duration; `option` names it.
 */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)$/.exec(text.trim());
  if (!match)
    throw usageError(`invalid ${option}: ${text}; expected a duration`, 'write 30m, 1h, 6h, 1d or 1w');
  return Number(match[1]) * durationUnits[match[2]];
}

const durationUnits: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: hour,
  d: day,
  w: 7 * day,
};

function isRealDay(text: string): boolean {
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}
