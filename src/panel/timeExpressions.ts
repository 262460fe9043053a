import { sqlText } from '../tables/duckdb.ts';
import type { RowShape } from './layouts/layout.ts';

/** How the times of a table are written. */
interface TimeText {
  readonly shape: RowShape;
  /** Zone of times without an offset. */
  readonly timeZone: string;
  readonly timeFormat: string | undefined;
}

/**
 * SQL that reads the time of a row in two stages, so that a cell is parsed once: `moment` over the columns of a file
 * (NULL where the text is no time), then over a row with columns `time_text` and `moment`: milliseconds since 1970
 * UTC, and whether the text carries an offset or zone of its own. Where clocks are put back, the hour that comes twice
 * is read as standard time; where they are put forward, the hour that is skipped is read as if they had not been yet.
 */
export function timeExpressions({ shape, timeZone, timeFormat }: TimeText): {
  readonly moment: string;
  readonly milliseconds: string;
  readonly hasOffset: string;
} {
  const text = `(${shape.time})`;
  const local = timeZone === 'UTC' ? 'moment' : `timezone(${sqlText(timeZone)}, moment::TIMESTAMP)`;
  if (timeFormat !== undefined) {
    const ownOffset = /%[zZ]/.test(timeFormat);
    return {
      moment: `try_strptime(trim(${text}), ${sqlText(timeFormat)})::TIMESTAMPTZ`,
      milliseconds: `epoch_ms(${ownOffset ? 'moment' : local})::DOUBLE`,
      hasOffset: 'false',
    };
  }
  // The session is in UTC, so a time without an offset comes out as if it were UTC.
  const moment = `coalesce(TRY_CAST(${text} AS TIMESTAMPTZ), TRY_CAST(${tidied(text)} AS TIMESTAMPTZ))`;
  return {
    moment,
    milliseconds:
      timeZone === 'UTC'
        ? 'epoch_ms(moment)::DOUBLE'
        : `epoch_ms(CASE WHEN ${hasOffset} THEN moment ELSE ${local} END)::DOUBLE`,
    hasOffset,
  };
}

// The usual time ends in HH:MM:SS or HH:MM; only others are worth a regular expression.
const hasOffset = `(CASE WHEN time_text IS NULL THEN false
  WHEN substr(time_text, -3, 1) = ':' AND substr(time_text, -6, 1) IN (':', ' ', 'T') THEN false
  ELSE regexp_matches(time_text, '(:[0-9.]*\\s*[+-][0-9]{2}(:?[0-9]{2})?|[A-Za-z])\\s*$') END)`;

// What DuckDB does not take as it stands: blanks around the text or before the offset, and no seconds before one.
function tidied(text: string): string {
  const withoutBlanks = `regexp_replace(trim(${text}), '\\s+(Z|UTC|[+-][0-9:]+)$', '\\1')`;
  return `regexp_replace(${withoutBlanks}, '^([^:]*:[0-9]{2})(Z|UTC|[+-][0-9:]+)?$', '\\1:00\\2')`;
}
