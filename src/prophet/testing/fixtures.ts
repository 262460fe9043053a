import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ProphetRows } from '../axis.ts';
import type { ProphetOptions } from '../options.ts';

/** A series with what Python's Prophet makes of it; `fixtures/prophet/make.py` writes them. */
export interface Fixture {
  readonly name: string;
  readonly options: ProphetOptions;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly cap?: number;
  readonly floor?: number;
  readonly regressors?: Readonly<Record<string, readonly number[]>>;
  readonly conditions?: Readonly<Record<string, readonly number[]>>;
  /** Steps after the history, and milliseconds between them. */
  readonly horizon: readonly [number, number];
  /** Whether steps that fall on a weekend are left out of the horizon. */
  readonly skipWeekends?: boolean;
  readonly expected: {
    readonly logPosterior: number;
    readonly k: number;
    readonly m: number;
    readonly sigma: number;
    readonly delta: readonly number[];
    readonly beta: readonly number[];
    readonly betaNames: readonly string[];
    /** Scaled times. */
    readonly changepoints: readonly number[];
    readonly priorScales: readonly number[];
    /** Which rows of history and horizon the forecast below is of. */
    readonly rows: readonly number[];
    readonly forecast: Readonly<Record<string, readonly number[]>>;
    /** Where scipy gets to when it climbs on from Prophet's optimum. */
    readonly refined: { readonly logPosterior: number; readonly yhat: readonly number[] };
  };
}

/** All fixtures. */
export function loadFixtures(): Fixture[] {
  const path = new URL('../../../fixtures/prophet/cases.json.gz', import.meta.url);
  return (JSON.parse(gunzipSync(readFileSync(path)).toString()) as { cases: Fixture[] }).cases;
}

/** The values of a fixture, NaN where missing. */
export function valuesOf({ values }: Fixture): Float64Array {
  return Float64Array.from(values, (value) => value ?? Number.NaN);
}

/** The rows of the history, of the horizon, or of both. */
export function rowsOf(fixture: Fixture, part: 'history' | 'horizon' | 'all'): ProphetRows {
  const count = fixture.times.length;
  const all = [...fixture.times, ...horizonOf(fixture)];
  const [from, to] = [part === 'horizon' ? count : 0, part === 'history' ? count : all.length];
  const cut = (columns: Readonly<Record<string, readonly number[]>> = {}) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(from, to)]));
  return {
    times: all.slice(from, to),
    ...(fixture.cap === undefined ? {} : { cap: fixture.cap }),
    ...(fixture.floor === undefined ? {} : { floor: fixture.floor }),
    regressors: cut(fixture.regressors),
    conditions: cut(fixture.conditions),
  };
}

function horizonOf({ times, horizon: [steps, step], skipWeekends }: Fixture): number[] {
  const last = times[times.length - 1];
  const ahead = Array.from({ length: steps }, (_, i) => last + (i + 1) * step);
  return ahead.filter((time) => !skipWeekends || new Date(time).getUTCDay() % 6 !== 0);
}

/** Largest minus smallest value. */
export function rangeOf(fixture: Fixture): number {
  const present = fixture.values.filter((value) => value !== null);
  return Math.max(...present) - Math.min(...present);
}
