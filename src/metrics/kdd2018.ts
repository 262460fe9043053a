import { randomStream } from '../core/random.ts';
import { kddMeasures } from '../panel/kddTargets.ts';
import { cellOf, type ForecastTable } from './forecastTable.ts';
import { smape } from './pointMetrics.ts';
import type { KddScore } from './scores.ts';

/**
 * The score of KDD Cup 2018 for forecasts of a table, `[start][series][horizon]`. An hour of a station counts only
 * where all its scored measures were read and none is negative; a missing forecast counts as 0; a city's day is the
 * mean SMAPE over its points; a day is the mean of its cities.
 */
export function kdd2018Score(
  table: ForecastTable,
  point: Float64Array,
  { seed = 1, samples = 10_000 }: { seed?: number | undefined; samples?: number | undefined } = {},
): KddScore {
  const cities = [...new Set(table.series.map(({ city }) => city))];
  const stations = stationsOf(table);
  const days = table.starts.map((start, index) => {
    const scores: Record<string, number> = {};
    for (const city of cities) {
      let sum = 0;
      let points = 0;
      for (const series of stations
        .filter((station) => station.city === city)
        .map((station) => station.series)) {
        for (let step = 0; step < table.horizon; step++) {
          // `!(x >= 0)` is also true of NaN.
          if (series.some((s) => !(table.truth[cellOf(table, index, s, step)] >= 0))) continue;
          for (const s of series) {
            const cell = cellOf(table, index, s, step);
            sum += smape(table.truth[cell], Number.isNaN(point[cell]) ? 0 : point[cell]);
            points++;
          }
        }
      }
      scores[city] = sum / points;
    }
    return {
      start,
      cities: scores,
      score: mean(Object.values(scores).filter((score) => !Number.isNaN(score))),
    };
  });
  const scored = days.map(({ score }) => score).filter((score) => !Number.isNaN(score));
  return {
    days,
    cities: Object.fromEntries(
      cities.map((city) => [
        city,
        mean(days.map((one) => one.cities[city]).filter((score) => !Number.isNaN(score))),
      ]),
    ),
    mean: mean(scored),
    best25: mean([...scored].sort((a, b) => a - b).slice(0, 25)),
    sampled25: sampledMean(scored, 25, samples, seed),
    samples,
    seed,
  };
}

// The scored series of each station, grouped because an hour is dropped for all of them together.
function stationsOf(table: ForecastTable): { city: string; series: number[] }[] {
  const stations = new Map<string, { city: string; series: number[] }>();
  for (const [index, { city, station, measure }] of table.series.entries()) {
    if (!kddMeasures(city).includes(measure)) continue;
    const key = JSON.stringify([city, station]);
    const entry = stations.get(key) ?? { city, series: [] };
    entry.series.push(index);
    stations.set(key, entry);
  }
  return [...stations.values()];
}

// Mean over many draws of `size` days without replacement.
function sampledMean(scores: readonly number[], size: number, samples: number, seed: number): number {
  if (scores.length <= size) return mean(scores);
  const random = randomStream(seed, 'kdd2018 sampled days');
  const deck = [...scores];
  let total = 0;
  for (let sample = 0; sample < samples; sample++) {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const pick = i + random.integer(deck.length - i);
      [deck[i], deck[pick]] = [deck[pick], deck[i]];
      sum += deck[i];
    }
    total += sum / size;
  }
  return total / samples;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
