import { randomStream } from '../core/random.ts';
import { isKddTarget } from '../panel/kddTargets.ts';
import { cellOf, type ForecastTable } from './forecastTable.ts';
import { smape } from './pointMetrics.ts';
import type { KddScore } from './scores.ts';

/**
 * The score of KDD Cup 2018 for forecasts of a table, `[start][series][horizon]`. An hour of a station counts only
 * where all its scored measures were read and none is negative; a missing forecast counts as 0; a city's day is the
 * mean SMAPE over its points; a day is the mean of its cities. A city of which no hour counts is left out of that
 * day, a day without any city of the means.
 *
 * @param options.seed of the sampled days. Default 1.
 * @param options.samples draws of 25 days. Default 10,000.
 */
export function kdd2018Score(
  table: ForecastTable,
  point: Float64Array,
  { seed = 1, samples = 10_000 }: { seed?: number | undefined; samples?: number | undefined } = {},
): KddScore {
  const stationsByCity = groupStations(table);
  const days = table.starts.map((start, index) => {
    const cities = Object.fromEntries(
      [...stationsByCity].map(([city, stations]) => [city, scoreCity(table, point, index, stations)]),
    );
    return { start, cities, score: meanOfPresent(Object.values(cities)) };
  });
  const scores = days.map(({ score }) => score).filter((score) => !Number.isNaN(score));
  return {
    days,
    cities: Object.fromEntries(
      [...stationsByCity.keys()].map((city) => [city, meanOfPresent(days.map(({ cities }) => cities[city]))]),
    ),
    mean: meanOfPresent(scores),
    best25: meanOfPresent([...scores].sort((a, b) => a - b).slice(0, 25)),
    sampled25: sampledMean(scores, 25, samples, seed),
    samples,
    seed,
  };
}

// By city, the scored series of each of its stations: an hour is dropped for all series of a station together.
function groupStations({ series }: ForecastTable): Map<string, number[][]> {
  const byCity = new Map<string, Map<string, number[]>>();
  for (const [index, one] of series.entries()) {
    if (!isKddTarget(one)) continue;
    const { city, station } = one;
    const stations = byCity.get(city) ?? new Map<string, number[]>();
    byCity.set(city, stations.set(station, [...(stations.get(station) ?? []), index]));
  }
  return new Map([...byCity].map(([city, stations]) => [city, [...stations.values()]]));
}

function scoreCity(
  table: ForecastTable,
  point: Float64Array,
  start: number,
  stations: readonly (readonly number[])[],
): number {
  let sum = 0;
  let points = 0;
  for (const series of stations) {
    for (let step = 0; step < table.horizon; step++) {
      if (!isScoredHour(table, start, series, step)) continue;
      for (let k = 0; k < series.length; k++) {
        const cell = cellOf(table, start, series[k], step);
        sum += smape(table.truth[cell], Number.isNaN(point[cell]) ? 0 : point[cell]);
      }
      points += series.length;
    }
  }
  return sum / points;
}

function isScoredHour(table: ForecastTable, start: number, series: readonly number[], step: number): boolean {
  for (let k = 0; k < series.length; k++) {
    // `!(x >= 0)` is also true of NaN.
    if (!(table.truth[cellOf(table, start, series[k], step)] >= 0)) return false;
  }
  return true;
}

// Mean over many draws of `size` days without replacement.
function sampledMean(scores: readonly number[], size: number, samples: number, seed: number): number {
  if (scores.length <= size) return meanOfPresent(scores);
  const random = randomStream(seed, 'kdd2018 sampled days');
  const deck = Float64Array.from(scores);
  let total = 0;
  for (let sample = 0; sample < samples; sample++) {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const pick = i + random.integer(deck.length - i);
      const drawn = deck[pick];
      deck[pick] = deck[i];
      deck[i] = drawn;
      sum += drawn;
    }
    total += sum / size;
  }
  return total / samples;
}

// Mean of what is not NaN; NaN of nothing.
function meanOfPresent(values: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}
