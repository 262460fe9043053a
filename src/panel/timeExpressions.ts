import { sqlText } from './duckdb.ts';
import type { RowShape } from './layouts/layout.ts';

/** How the times of a table are written. */
interface TimeText {
  readonly shape: RowShape;
  /** Zone of times without an offset. */
  readonly timeZone: string;
  readonly timeFormat: string | undefined;
}

/**
 * SQL that reads the time of a row: milliseconds since 1970 UTC (NULL where the text is no time), and whether the text
 * carries an offset of its own. Where clocks are put back, the hour that comes twice is read as standard time; where
 * they are put forward, the hour that is skipped is read as if they had not been yet.
 */
export function timeExpressions({ shape, timeZone, timeFormat }: TimeText): {
  milliseconds: string;
  hasOffset: string;
} {
  const text = `trim(${shape.time})`;
  if (timeFormat !== undefined) {
    const parsed = `try_strptime(${text}, ${sqlText(timeFormat)})`;
    const moment = /%[zZ]/.test(timeFormat) ? parsed : inZone(parsed, timeZone);
    return { milliseconds: `epoch_ms(${moment})::DOUBLE`, hasOffset: 'false' };
  }
  const hasOffset = `regexp_matches(${text}, ':[0-9.]*\\s*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')`;
  const local = inZone(`TRY_CAST(${text} AS TIMESTAMP)`, timeZone);
  const milliseconds = `CASE WHEN ${hasOffset} THEN epoch_ms(TRY_CAST(${text} AS TIMESTAMPTZ)) ELSE epoch_ms(${local}) END`;
  return { milliseconds: `(${milliseconds})::DOUBLE`, hasOffset: `coalesce(${hasOffset}, false)` };
}

function inZone(timestamp: string, timeZone: string): string {
  return timeZone === 'UTC' ? timestamp : `timezone(${sqlText(timeZone)}, ${timestamp})`;
}
