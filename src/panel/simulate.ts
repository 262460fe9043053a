import { usageError } from '../core/errors.ts';
import { type RandomStream, randomStream } from '../core/random.ts';
import { createPanel, day, hour, type Panel, type Series, timeAt } from './panel.ts';
import { longLines, writeLongTable } from './writePanel.ts';

/** What to simulate. */
export interface SimulationOptions {
  /** Default 1. */
  readonly seed?: number | undefined;
  /** Stations of the city, 1 to 200. Default 12. */
  readonly stations?: number | undefined;
  /** Of PM2.5, PM10, NO2 and O3. Default PM2.5, PM10 and O3. */
  readonly measures?: readonly string[] | undefined;
  /** Default 240. */
  readonly days?: number | undefined;
  /** First hour, milliseconds since 1970 UTC. Default 1 January 2024. */
  readonly start?: number | undefined;
}

/** A simulated network. */
export interface Simulation {
  /** As a reader gives it: gaps where the network failed, negative readings set missing. */
  readonly panel: Panel;
  /** What happened, without faults and gaps; forecasts and imputations can be held against it. */
  readonly truth: Panel;
  /** What the files of the network would hold besides: negative readings and rows sent twice. */
  readonly mess: readonly {
    readonly series: number;
    readonly step: number;
    readonly negative: number | undefined;
    readonly repeated: boolean;
  }[];
}

const measuresKnown = ['PM2.5', 'PM10', 'NO2', 'O3'];

/**
 * Simulates the air of a city that does not exist: correlated stations with daily and weekly cycles, episodes of some
 * days that drift across the city, stuck and spiking sensors, readings below zero, rows sent twice, and outages from
 * an hour to months. A station depends on the seed and its own number alone, not on how many there are.
 *
 * @throws TrainyardError of kind `usage` for options out of range.
 */
export function simulatePanel(options: SimulationOptions = {}): Simulation {
  const {
    seed = 1,
    stations = 12,
    measures = ['PM2.5', 'PM10', 'O3'],
    days = 240,
    start = Date.UTC(2024, 0, 1),
  } = options;
  assertRange('stations', stations, 1, 200);
  assertRange('days', days, 1, 3660);
  const unknown = measures.find((measure) => !measuresKnown.includes(measure));
  if (unknown !== undefined || measures.length === 0) {
    throw usageError(`cannot simulate ${unknown ?? 'no measure'}`, `choose of ${measuresKnown.join(', ')}`);
  }
  const length = days * 24;
  const places = Array.from({ length: stations }, (_, index) => placeOf(seed, index));
  const shape = {
    start,
    step: hour,
    length,
    series: places.flatMap(({ station, latitude, longitude }) =>
      measures.map((measure) => ({
        id: `${station}#${measure}`,
        city: simulatedCity,
        station,
        measure,
        unit: 'ug/m3',
        latitude,
        longitude,
      })),
    ),
  };
  const truth = createPanel(shape);
  const panel = createPanel(shape);
  const weather = weatherOf(seed, length, start);
  const cityOutages = outagesOf(randomStream(seed, 'city outages'), length, 1 / 900, 4);
  const mess: Simulation['mess'][number][] = [];

  for (const [index, place] of places.entries()) {
    const air = airOf(seed, place, weather, length, start);
    const stationOutages = outagesOf(randomStream(seed, 'outages', index), length, 1 / 500, 60);
    // One station in twelve dies for good in the last third, as stations do.
    if (index % 12 === 11) stationOutages.fill(1, Math.floor((2 * length) / 3));
    for (const [m, measure] of measures.entries()) {
      const s = index * measures.length + m;
      const actual = truth.series[s].values;
      for (let i = 0; i < length; i++) actual[i] = Math.round(10 * air[measure][i]) / 10;
      const faults = faultsOf(randomStream(seed, 'faults', index, measure), actual);
      const sensorOutages = outagesOf(randomStream(seed, 'outages', index, measure), length, 1 / 220, 12);
      for (let i = 0; i < length; i++) {
        if (cityOutages[i] || stationOutages[i] || sensorOutages[i]) continue;
        const { value, repeated } = faults[i];
        const negative = value < 0 ? value : undefined;
        panel.series[s].values[i] = negative === undefined ? value : Number.NaN;
        if (negative !== undefined || repeated) mess.push({ series: s, step: i, negative, repeated });
      }
    }
  }
  return { panel, truth, mess };
}

/** Name of the city that every simulated series carries, so that no table or report can hide what it is. */
export const simulatedCity = 'Simulated City';

/**
 * Writes a simulated network as its operator would publish it: hours without reading have no row, negative readings
 * and repeated rows are there. Long form; the ending chooses `.csv`, `.csv.gz` or `.parquet`.
 */
export async function writeSimulation({ panel, mess }: Simulation, path: string): Promise<void> {
  const bySeries = panel.series.map(() => new Map<number, Simulation['mess'][number]>());
  for (const one of mess) bySeries[one.series].set(one.step, one);
  await writeLongTable(
    path,
    (function* () {
      for (const [s, series] of panel.series.entries())
        yield longLines(series, publishedCells(panel, series, bySeries[s]));
    })(),
  );
}

function* publishedCells(
  panel: Panel,
  { values }: Series,
  mess: ReadonlyMap<number, Simulation['mess'][number]>,
) {
  for (let i = 0; i < panel.length; i++) {
    const odd = mess.get(i);
    const value = odd?.negative ?? values[i];
    if (Number.isNaN(value)) continue;
    const cell = { time: timeAt(panel, i), value };
    yield cell;
    if (odd?.repeated) yield cell;
  }
}

interface Place {
  readonly station: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Kilometres east and north of the centre. */
  readonly east: number;
  readonly north: number;
  /** 1 beside a road, 0.5 in the city, 0 at its edge. */
  readonly traffic: number;
  readonly index: number;
}

function placeOf(seed: number, index: number): Place {
  const random = randomStream(seed, 'place', index);
  // The golden angle spreads any number of stations evenly over a disc.
  const radius = 4 + 22 * Math.sqrt(((index * 0.618034) % 1) * 0.9 + 0.1 * random.uniform());
  const angle = index * 2.399963;
  const [east, north] = [radius * Math.cos(angle), radius * Math.sin(angle)];
  return {
    station: `sim${String(index + 1).padStart(2, '0')}`,
    // In the empty South Atlantic, where no city can be meant.
    latitude: Math.round((-40 + north / 111) * 1e5) / 1e5,
    longitude: Math.round((-20 + east / (111 * Math.cos((40 * Math.PI) / 180))) * 1e5) / 1e5,
    east,
    north,
    traffic: index % 3 === 0 ? 1 : radius < 16 ? 0.5 : 0,
    index,
  };
}

interface Weather {
  /** Log level of pollution over the region, days long; reaches the east of the city later. */
  readonly episode: Float64Array;
  /** Slow fields whose weight differs from place to place. */
  readonly fields: readonly Float64Array[];
  /** Cloud cover, 0 to 1. */
  readonly cloud: Float64Array;
}

const leadHours = 48;

function weatherOf(seed: number, length: number, start: number): Weather {
  const total = length + 2 * leadHours;
  const episode = autoregression(randomStream(seed, 'episode'), total, 60);
  const build = randomStream(seed, 'fronts');
  // Pollution builds up for days and a front sweeps it away within hours.
  let level = 0;
  for (let i = 0; i < total; i++) {
    level = build.uniform() < 1 / 110 ? -1.2 : Math.min(level + 0.016, 1.1);
    const season = 0.25 * Math.cos((2 * Math.PI * (start + i * hour)) / (365.25 * day));
    episode[i] = 0.55 * episode[i] + 0.7 * level + season;
  }
  const cloud = autoregression(randomStream(seed, 'cloud'), total, 20);
  for (let i = 0; i < total; i++) cloud[i] = 1 / (1 + Math.exp(-1.5 * cloud[i]));
  const fields = [0, 1, 2].map((k) => autoregression(randomStream(seed, 'field', k), total, 18));
  return { episode, fields, cloud };
}

function airOf(
  seed: number,
  place: Place,
  weather: Weather,
  length: number,
  start: number,
): Record<string, Float64Array> {
  const { east, north, traffic, index } = place;
  const own = autoregression(randomStream(seed, 'own', index), length, 6);
  const coarse = autoregression(randomStream(seed, 'coarse', index), length, 8);
  const random = randomStream(seed, 'noise', index);
  const level = 3.15 + 0.25 * traffic + 0.15 * randomStream(seed, 'level', index).normal();
  const weights = [Math.cos(east / 18), Math.sin(north / 15), Math.cos((east + north) / 22)];
  const lag = Math.round((east + 26) / 8);
  const air = {
    'PM2.5': new Float64Array(length),
    PM10: new Float64Array(length),
    NO2: new Float64Array(length),
    O3: new Float64Array(length),
  };
  for (let i = 0; i < length; i++) {
    const w = i + leadHours - lag;
    const time = start + i * hour;
    const hourOfDay = (time / hour) % 24;
    const weekday = new Date(time).getUTCDay() % 6 !== 0;
    const regional =
      weather.episode[w] + 0.18 * weights.reduce((sum, weight, k) => sum + weight * weather.fields[k][w], 0);
    const rush = bump(hourOfDay, 8, 2) + bump(hourOfDay, 18, 2.5);
    const night = Math.cos((2 * Math.PI * (hourOfDay - 3)) / 24);
    const fine = Math.exp(
      level + 0.8 * regional + 0.1 * night + (weekday ? 0.18 : 0.05) * traffic * rush + 0.16 * own[i],
    );
    const nitrogen = Math.exp(
      2.9 + 0.45 * regional + (weekday ? 0.55 : 0.3) * (0.4 + traffic) * rush + 0.12 * night + 0.15 * own[i],
    );
    const sun = Math.max(0, Math.sin((Math.PI * (hourOfDay - 6)) / 14)) * (1 - 0.7 * weather.cloud[w]);
    const season = 1 - 0.45 * Math.cos((2 * Math.PI * time) / (365.25 * day));
    air['PM2.5'][i] = Math.max(0, fine + 1.2 * random.normal());
    air.PM10[i] = Math.max(
      0,
      1.15 * air['PM2.5'][i] + 14 * Math.exp(0.5 * coarse[i]) + 1.5 * random.normal(),
    );
    air.NO2[i] = Math.max(0, nitrogen + random.normal());
    air.O3[i] = Math.max(
      0,
      season * (28 + 95 * sun ** 1.3) * Math.exp(-0.011 * nitrogen) + 2 * random.normal(),
    );
  }
  return air;
}

// Hours around a rush hour, wrapped around midnight.
function bump(hourOfDay: number, centre: number, width: number): number {
  const distance = Math.abs(((hourOfDay - centre + 36) % 24) - 12);
  return Math.exp(-0.5 * (distance / width) ** 2);
}

/** Standard normal values whose correlation falls to 1/e after `memory` steps. */
function autoregression(random: RandomStream, length: number, memory: number): Float64Array {
  const keep = Math.exp(-1 / memory);
  const fresh = Math.sqrt(1 - keep * keep);
  const values = new Float64Array(length);
  let value = random.normal();
  for (let i = 0; i < length; i++) {
    values[i] = value;
    value = keep * value + fresh * random.normal();
  }
  return values;
}

// Outages begin at random and last exponentially long; one in eight lasts eight times longer.
function outagesOf(random: RandomStream, length: number, rate: number, meanHours: number): Uint8Array {
  const out = new Uint8Array(length);
  let left = 0;
  for (let i = 0; i < length; i++) {
    const begins = random.uniform() < rate;
    const duration = -Math.log(1 - random.uniform()) * meanHours * 0.5 * (random.uniform() < 0.125 ? 8 : 1);
    if (left <= 0 && begins) left = Math.max(1, duration);
    if (left > 0) out[i] = 1;
    left--;
  }
  return out;
}

// Stuck for hours, a spike, a zero drift below zero, or a row sent twice.
function faultsOf(random: RandomStream, actual: Float64Array): { value: number; repeated: boolean }[] {
  let stuck = 0;
  let last = actual[0];
  return Array.from(actual, (value) => {
    const draw = random.uniform();
    const size = random.uniform();
    if (stuck <= 0 && draw < 1 / 2500) stuck = 4 + Math.floor(30 * size);
    const reading =
      stuck-- > 0
        ? last
        : draw > 1 - 1 / 3000
          ? Math.round(10 * value * (3 + 5 * size)) / 10
          : value < 6 && draw > 0.97
            ? -Math.round(10 * (0.1 + 3 * size)) / 10
            : value;
    last = reading;
    return { value: reading, repeated: draw > 0.4 && draw < 0.402 };
  });
}

function assertRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw usageError(`invalid ${name}: ${value}; expected a whole number from ${least} to ${most}`);
  }
}
