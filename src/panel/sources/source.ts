/** One file to get from a source. */
export interface SourceRequest {
  /** Station or file it belongs to, for messages and for `--stations`. */
  readonly station: string;
  /** What it holds, for messages: a day, or a name. */
  readonly label: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Where it is kept, relative to the cache of the source. */
  readonly file: string;
  /** True when the source may still add to it, so that it is got again next time. */
  readonly growing: boolean;
}

/** Days and stations asked for. */
export interface SourceRange {
  /** First and last day, milliseconds since 1970 UTC at midnight. */
  readonly from: number;
  readonly to: number;
  readonly stations: readonly string[];
  readonly baseUrl: string;
  /** Present moment: days that are not over may still grow. */
  readonly now: number;
}

/** A publisher of readings. */
export interface Source {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly baseUrl: string;
  /** What `--stations` means here, or `undefined` when every file holds all stations. */
  readonly stations: string | undefined;
  requests(range: SourceRange): SourceRequest[];
  /** Says what is wrong with an answer of status 200, or nothing. */
  fault(body: Buffer, request: SourceRequest): string | undefined;
  /** True when an answer of 404 means that there were no readings, not that something is wrong. */
  readonly missingIsEmpty?: boolean | undefined;
  /** Turns the answer into the files that readers know; default: the answer as it is. */
  unpack?(body: Buffer, request: SourceRequest): { readonly file: string; readonly content: Uint8Array }[];
}

/** Midnights of the days of a range. */
export function daysOf({ from, to }: SourceRange): number[] {
  const days: number[] = [];
  for (let day = from; day <= to; day += 86_400_000) days.push(day);
  return days;
}

/** Whether a day, or the day after it where clocks are behind, may still get readings. */
export function mayGrow(day: number, now: number): boolean {
  return day + 2 * 86_400_000 > now;
}
