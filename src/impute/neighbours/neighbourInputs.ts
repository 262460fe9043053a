import { randomStream } from '../../core/random.ts';
import { localTimes, slotsOfDay } from '../../panel/localTime.ts';
import { type Panel, readingsOf, type Series } from '../../panel/panel.ts';
import { finiteReadings } from '../hideCells.ts';
import { distanceWeight } from './distance.ts';

/** What a model may look at besides the other stations. */
export const extraInputs = ['own', 'hour', 'month', 'measures', 'distance'] as const;
export type ExtraInput = (typeof extraInputs)[number];

/** What the models of a panel are made from: its readings, and who stands beside whom. */
export interface Readings {
  readonly panel: Panel;
  /** `[step]` of a series: finite readings; NaN elsewhere. */
  valuesOf(series: number): Float64Array;
  /** For each series the others of its measure, unit and city that were ever read. */
  readonly neighbours: readonly (readonly number[])[];
  /** For each series the other measures at its station. */
  readonly besides: readonly (readonly number[])[];
}

/** The readings of a panel; cells that an earlier chain or step filled are missing. */
export function readingsOfPanel(panel: Panel): Readings {
  const groupOf = ({ measure, unit, city }: Series) => JSON.stringify([measure, unit, city]);
  const placeOf = ({ station, city }: Series) =>
    station === '' ? undefined : JSON.stringify([station, city]);
  const isRead = panel.series.map((series) => readingsOf(series).some(Number.isFinite));
  const others = (keyOf: (series: Series) => string | undefined) => {
    const members = new Map<string | undefined, number[]>();
    for (const [s, series] of panel.series.entries()) {
      if (!isRead[s]) continue;
      const key = keyOf(series);
      members.set(key, [...(members.get(key) ?? []), s]);
    }
    return panel.series.map((series, s) => {
      const key = keyOf(series);
      const found = key === undefined ? [] : (members.get(key) ?? []).filter((other) => other !== s);
      // By id, so that the order of a panel's series changes nothing.
      return found.sort((a, b) => (panel.series[a].id < panel.series[b].id ? -1 : 1));
    });
  };
  const values: Float64Array[] = [];
  return {
    panel,
    valuesOf(series) {
      values[series] ??= finiteReadings(panel.series[series]);
      return values[series];
    },
    neighbours: others(groupOf),
    besides: others(placeOf),
  };
}

/** For each step how many of some series are missing. */
export function countMissing(readings: Readings, members: readonly number[]): Uint16Array {
  const missing = new Uint16Array(readings.panel.length);
  for (const s of members) {
    const values = readings.valuesOf(s);
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) missing[i]++;
  }
  return missing;
}

/** Columns that a series' model looks at, for some steps. */
export interface InputTable {
  readonly names: readonly string[];
  /** `[column][step of steps]`, NaN where nothing is known. */
  readonly columns: readonly Float64Array[];
}

/**
 * The inputs for some steps of a series: the readings of its neighbours at the same time, then the extra ones.
 *
 * @param gaps Set for training: readings of the series itself are taken from beyond a gap made up around each step, as
 * they would be were the step missing; the number seeds the gaps.
 */
export function inputTable(
  readings: Readings,
  series: number,
  steps: Int32Array,
  extras: ReadonlySet<ExtraInput>,
  gaps?: { readonly seed: number },
): InputTable {
  const { panel } = readings;
  const at = (other: number) => {
    const values = readings.valuesOf(other);
    return Float64Array.from(steps, (step) => values[step]);
  };
  const names: string[] = [];
  const columns: Float64Array[] = [];
  const put = (name: string, column: Float64Array) => {
    names.push(name);
    columns.push(column);
  };
  for (const other of readings.neighbours[series]) {
    put(panel.series[other].id, at(other));
  }
  if (extras.has('distance')) put('distance-weighted mean', weightedMean(readings, series, steps));
  if (extras.has('measures')) {
    for (const other of readings.besides[series]) {
      put(panel.series[other].id, at(other));
    }
  }
  if (extras.has('own')) {
    const own = ownReadings(
      readings.valuesOf(series),
      steps,
      gaps && randomStream(gaps.seed, 'gaps', panel.series[series].id),
    );
    for (const [name, column] of Object.entries(own)) put(name, column);
  }
  if (extras.has('hour')) {
    const slots = slotsOfDay(panel);
    put(
      'hour',
      Float64Array.from(steps, (step) => slots[step]),
    );
  }
  if (extras.has('month')) {
    const times = localTimes(panel);
    put(
      'month',
      Float64Array.from(steps, (step) => new Date(times[step]).getUTCMonth() + 1),
    );
  }
  return { names, columns };
}

// Longest gap made up for training, in steps; long gaps are rarer, as they are in data.
const longestGap = 200;

/** The last reading before and the first after, how far off they are, and the line between them. */
function ownReadings(
  values: Float64Array,
  steps: Int32Array,
  random: ReturnType<typeof randomStream> | undefined,
): Record<string, Float64Array> {
  const { before, after } = nearestReadings(values);
  const column = () => new Float64Array(steps.length).fill(Number.NaN);
  const own = {
    'last reading': column(),
    'steps since': column(),
    'next reading': column(),
    'steps until': column(),
    line: column(),
  };
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i];
    let from = step;
    let to = step;
    if (random) {
      const gap = Math.floor(longestGap ** random.uniform());
      from = step - random.integer(gap);
      to = from + gap - 1;
    }
    const last = from > 0 ? before[from - 1] : -1;
    const next = to + 1 < values.length ? after[to + 1] : -1;
    if (last >= 0) {
      own['last reading'][i] = values[last];
      own['steps since'][i] = step - last;
    }
    if (next >= 0) {
      own['next reading'][i] = values[next];
      own['steps until'][i] = next - step;
    }
    if (last >= 0 && next >= 0) {
      const share = (step - last) / (next - last);
      own.line[i] = values[last] * (1 - share) + values[next] * share;
    }
  }
  return own;
}

/** For each step the step of the last reading up to it, and of the first from it on; -1 for none. */
function nearestReadings(values: Float64Array): { before: Int32Array; after: Int32Array } {
  const before = new Int32Array(values.length);
  const after = new Int32Array(values.length);
  let last = -1;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) last = i;
    before[i] = last;
  }
  let next = -1;
  for (let i = values.length - 1; i >= 0; i--) {
    if (!Number.isNaN(values[i])) next = i;
    after[i] = next;
  }
  return { before, after };
}

/** Mean of the neighbours' readings, each weighted by one over the square of its distance; NaN without places. */
function weightedMean(readings: Readings, series: number, steps: Int32Array): Float64Array {
  const { panel, neighbours } = readings;
  const values = neighbours[series].map((other) => readings.valuesOf(other));
  const weights = neighbours[series].map((other) =>
    distanceWeight(panel.series[series], panel.series[other], 2),
  );
  return Float64Array.from(steps, (step) => {
    let sum = 0;
    let total = 0;
    for (let k = 0; k < values.length; k++) {
      const value = values[k][step];
      if (Number.isNaN(value)) continue;
      sum += weights[k] * value;
      total += weights[k];
    }
    return total > 0 ? sum / total : Number.NaN;
  });
}
