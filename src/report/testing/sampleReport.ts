import { randomStream } from '../../core/random.ts';
import type { ComponentCurve, Forecast, Interval } from '../../forecast/forecaster.ts';
import { cellOf, type ForecastTable } from '../../metrics/forecastTable.ts';
import { scoreTable } from '../../metrics/scoreTable.ts';
import { createPanel, day, fingerprint, hour, type Panel, timeAt } from '../../panel/panel.ts';
import type { ReportData } from '../reportData.ts';

/** How large a made-up report is. */
export interface SampleOptions {
  readonly days: number;
  /** City to its number of stations. */
  readonly cities: Readonly<Record<string, number>>;
  readonly starts: number;
  readonly horizon?: number;
  readonly seed?: number;
  readonly timeZone?: string;
  /** Name of a station, by city and number. */
  readonly nameStation?: (city: string, number: number) => string;
}

/** A made-up report with every section, of the size of the real ones with 35 and 13 stations, 485 days, 28 starts. */
export function sampleReport(options: SampleOptions): ReportData {
  const { starts, horizon = 48, seed = 1 } = options;
  const panel = samplePanel(options);
  const backtest = sampleBacktest(panel, starts, horizon, seed);
  return {
    title: 'Forecasts of a made-up network',
    panel,
    backtest,
    scores: scoreTable(backtest, { kdd2018: true, seed }),
    forecasts: sampleModels.map(({ model, lag }) => ({
      model,
      forecast: sampleForecast(panel, lag, horizon),
    })),
    components: [{ model: 'medianOfMedians', series: panel.series.map((_, s) => sampleCurves(panel, s)) }],
    leakage: {
      passed: true,
      cutoffs: starts,
      compared: backtest.truth.length * 15,
      different: 0,
      examples: [],
    },
    reading: {
      files: [
        { path: 'beijing.csv.gz', layout: 'kdd2018-beijing', rows: 400_000 },
        { path: 'london.csv.gz', layout: 'kdd2018-london', rows: 150_000 },
      ],
      duplicates: 7,
      negatives: 12,
      series: panel.series.map(({ id }, index) => ({
        id,
        duplicates: index % 3,
        negatives: index % 4,
        observed: panel.length - 100,
        withoutRow: 40,
      })),
      warnings: ['london.csv.gz: 12 readings below zero are set missing'],
    },
    warnings: ['1 series has no reading at all in the last 90 days'],
    provenance: {
      command:
        "trainyard backtest 'beijing.csv.gz' --horizon 48 --models medianOfMedians,seasonalNaive,naive --out DIR",
      seed,
      versions: { trainyard: '0.1.0', node: '20.19.0' },
      fingerprint: fingerprint(panel),
      simulated: true,
      settings: { horizon: `${horizon} h`, steps: 'linear:3,seasonalFill:hour,mean', delay: '0 h' },
    },
  };
}

/** Correlated series with daily cycles, episodes, gaps of all lengths, and cells filled by three steps. */
export function samplePanel({ days, cities, seed = 1, timeZone = 'UTC', nameStation }: SampleOptions): Panel {
  const length = days * 24;
  const stations = Object.entries(cities).flatMap(([city, stationCount], cityIndex) =>
    Array.from({ length: stationCount }, (_, number) => {
      const place = randomStream(seed, 'place', city, number);
      const centre = cityCentres[cityIndex % cityCentres.length];
      return {
        city,
        station: nameStation?.(city, number) ?? `${city.toLowerCase()}-${number + 1}`,
        latitude: centre.latitude + 0.22 * place.normal(),
        longitude: centre.longitude + 0.25 * place.normal(),
        measures: cityIndex % 2 === 0 ? ['PM2.5', 'PM10', 'O3'] : ['PM2.5', 'PM10'],
      };
    }),
  );
  const panel = createPanel({
    start: Date.UTC(2017, 0, 1),
    length,
    timeZone,
    series: stations.flatMap(({ measures, ...station }) =>
      measures.map((measure) => ({
        ...station,
        id: `${station.station}#${measure}`,
        measure,
        unit: 'ug/m3',
      })),
    ),
  });
  const weather = new Map(
    Object.keys(cities).map((city) => [city, wander(length, randomStream(seed, 'weather', city))]),
  );
  return {
    ...panel,
    fillSteps: ['linear:3', 'seasonalFill:hour', 'mean'],
    series: panel.series.map((series, index) => {
      const random = randomStream(seed, 'series', index);
      const city = weather.get(series.city) ?? new Float64Array(length);
      const own = wander(length, random);
      const scale = 0.8 + 0.5 * random.uniform();
      for (let i = 0; i < length; i++) {
        const cycle = 0.25 * Math.cos(((i % 24) - 8) * (Math.PI / 12));
        series.values[i] = Math.round(40 * scale * Math.exp(city[i] + 0.3 * own[i] + cycle));
      }
      const filledBy = punchGaps(series.values, random);
      return { ...series, filledBy };
    }),
  };
}

const cityCentres = [
  { latitude: 39.95, longitude: 116.4 },
  { latitude: 51.5, longitude: -0.1 },
];

// A bent trend and a week; a second series has no parts.
function sampleCurves(panel: Panel, s: number): ComponentCurve[] {
  if (s === 1) return [];
  const last = timeAt(panel, panel.length);
  const week = Float64Array.from({ length: 169 }, (_, i) => i * hour);
  return [
    {
      name: 'trend',
      period: undefined,
      at: Float64Array.of(panel.start, (panel.start + last) / 2, last),
      values: Float64Array.of(30 + s, 50, 45),
      multiplies: false,
    },
    {
      name: 'weekly',
      period: 7 * day,
      at: week,
      values: week.map((time) => 0.1 * Math.sin((2 * Math.PI * time) / day)),
      multiplies: true,
    },
  ];
}

const sampleModels = [
  { model: 'medianOfMedians', lag: 0 },
  { model: 'seasonalNaive', lag: 24 },
  { model: 'naive', lag: 1 },
];

// A slow random walk back to zero.
function wander(length: number, random: ReturnType<typeof randomStream>): Float64Array {
  const values = new Float64Array(length);
  for (let i = 1; i < length; i++) values[i] = 0.985 * values[i - 1] + 0.11 * random.normal();
  return values;
}

// Short gaps are filled by the first step, longer ones by the second and third; some stay missing.
function punchGaps(values: Float64Array, random: ReturnType<typeof randomStream>): Uint8Array {
  const filledBy = new Uint8Array(new SharedArrayBuffer(values.length));
  for (let at = 0; at < values.length; ) {
    at += 20 + random.integer(400);
    const gap = random.uniform() < 0.8 ? 1 + random.integer(3) : 1 + random.integer(160);
    const step = gap <= 3 ? 1 : gap <= 48 ? 2 : gap <= 120 ? 3 : 0;
    const before = values[at - 1];
    const after = values[at + gap] ?? before;
    for (let i = at; i < Math.min(at + gap, values.length); i++) {
      filledBy[i] = step;
      values[i] = step === 0 ? Number.NaN : before + ((after - before) * (i - at + 1)) / (gap + 1);
    }
    at += gap;
  }
  return filledBy;
}

function forecastValue(values: Float64Array, cutoff: number, ahead: number, lag: number): number {
  if (lag === 1) return values[cutoff];
  if (lag > 1) return values[cutoff + 1 - lag + (ahead % lag)];
  let [sum, count] = [0, 0];
  for (let back = 1; back <= 7; back++) {
    const value = values[cutoff + 1 + (ahead % 24) - 24 * back];
    if (!Number.isNaN(value) && value !== undefined) [sum, count] = [sum + value, count + 1];
  }
  return sum / count;
}

function boundsOf(point: number, ahead: number, level: number): [number, number] {
  const half = (level === 80 ? 0.35 : 0.7) * point * (0.4 + 0.6 * Math.sqrt((ahead + 1) / 48));
  return [Math.max(0, point - half), point + half];
}

function sampleForecast(panel: Panel, lag: number, horizon: number): Forecast {
  const point = panel.series.map(({ values }) =>
    Float64Array.from({ length: horizon }, (_, ahead) => forecastValue(values, panel.length - 1, ahead, lag)),
  );
  const side = (level: number, which: 0 | 1) =>
    point.map((values) => values.map((value, ahead) => boundsOf(value, ahead, level)[which]));
  const intervals: Interval[] = [80, 95].map((level) => ({
    level,
    lower: side(level, 0),
    upper: side(level, 1),
  }));
  return { start: timeAt(panel, panel.length), step: hour, horizon, point, intervals };
}

function sampleBacktest(panel: Panel, count: number, horizon: number, seed: number): ForecastTable {
  const end = timeAt(panel, panel.length) - horizon * hour;
  const starts = Array.from({ length: count }, (_, i) => end - (count - 1 - i) * day);
  const size = count * panel.series.length * horizon;
  const table: ForecastTable = {
    starts,
    cutoffs: starts.map((start) => start - hour),
    step: hour,
    horizon,
    series: panel.series.map((series) => ({ ...series, seasonalScale: 12 })),
    truth: new Float64Array(size).fill(Number.NaN),
    models: sampleModels.map(({ model }) => ({
      model,
      point: new Float64Array(size),
      intervals: [80, 95].map((level) => ({
        level,
        lower: new Float64Array(size),
        upper: new Float64Array(size),
      })),
    })),
  };
  const noise = randomStream(seed, 'forecast');
  for (const [start, time] of starts.entries()) {
    const first = (time - panel.start) / hour;
    for (const [s, { values, filledBy }] of panel.series.entries()) {
      for (let ahead = 0; ahead < horizon; ahead++) {
        const cell = cellOf(table, start, s, ahead);
        if (filledBy?.[first + ahead] === 0) table.truth[cell] = values[first + ahead];
        for (const [m, { lag }] of sampleModels.entries()) {
          const base = forecastValue(values, first - 1, ahead, lag);
          const { point, intervals } = table.models[m];
          point[cell] = Math.max(0, base + noise.normal());
          for (const { level, lower, upper } of intervals) {
            [lower[cell], upper[cell]] = boundsOf(point[cell], ahead, level);
          }
        }
      }
    }
  }
  return table;
}
