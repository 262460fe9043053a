import { usageError } from '../core/errors.ts';
import { localTimes } from '../panel/localTime.ts';
import { day, type Panel, type Series, slicePanel, timeAt } from '../panel/panel.ts';
import { prophetFitter } from '../prophet/fit.ts';
import type { ProphetModel } from '../prophet/model.ts';
import type { ProphetOptions, SeasonalitySwitch } from '../prophet/options.ts';
import { predictProphet } from '../prophet/predict.ts';
import { type ForecasterFamily, pointForecast } from './family.ts';
import type { ComponentCurve, Forecast, ForecasterSpec } from './forecaster.ts';

/**
 * Prophet: a trend of straight pieces with yearly, weekly and daily seasonality, one model a series. Seasons follow
 * the clock of the panel's own time zone. Missing readings are left out; a series with fewer than two readings has no
 * forecast. A fit takes milliseconds, so a later history than the fitted one is fitted again.
 */
export const prophet: ForecasterFamily = {
  name: 'prophet',
  summary: 'trend of straight pieces and seasonality: changepoints=25, changepointPriorScale=0.05, days=all',
  defaults: {
    days: 'all',
    growth: 'linear',
    cap: 'none',
    floor: 0,
    changepoints: 25,
    changepointRange: 0.8,
    changepointPriorScale: 0.05,
    yearly: 'auto',
    weekly: 'auto',
    daily: 'auto',
    seasonalityMode: 'additive',
    seasonalityPriorScale: 10,
  },
  perCity: ['days', 'changepoints', 'changepointPriorScale', 'seasonalityPriorScale'],
  parse: (given) =>
    Object.fromEntries(Object.entries(given).map(([key, text]) => [key, parseOption(key, text)])),
  create(spec) {
    const options = Object.fromEntries(
      Object.entries(spec.options).map(([key, value]) => [key, parseOption(key, value)]),
    );
    if (options.growth === 'logistic' && options.cap === 'none')
      throw usageError(
        'prophet:growth=logistic needs a cap',
        'give prophet:cap= the most the series can reach',
      );
    return {
      spec,
      scope: 'series',
      minHistory(panel) {
        assertCities(panel, options);
        return 1;
      },
      fit(fitted) {
        const models = fitPanel(fitted, options);
        return {
          predict: (horizon, history = fitted) =>
            predictPanel(history, history === fitted ? models : fitPanel(history, options), horizon, options),
        };
      },
      components: (history, horizon) =>
        fitPanel(history, options).map((model) => (model ? curvesOf(model, history, horizon, options) : [])),
    };
  },
};

type Options = ForecasterSpec['options'];

// In the order of the panel's series.
function fitPanel(history: Panel, options: Options): (ProphetModel | undefined)[] {
  const fitters = new Map<string, (series: Series) => ProphetModel | undefined>();
  return history.series.map((series) => {
    const { city } = series;
    const fitOne = fitters.get(city) ?? fitterOf(history, optionsOfCity(options, city));
    fitters.set(city, fitOne);
    return fitOne(series);
  });
}

function fitterOf(history: Panel, options: Options): (series: Series) => ProphetModel | undefined {
  const steps =
    options.days === 'all' ? history.length : Math.ceil((Number(options.days) * day) / history.step);
  const from = Math.max(0, history.length - steps);
  const past = slicePanel(history, from, history.length);
  const fitValues = prophetFitter(rowsOf(past, 0, past.length, options), modelOptions(options));
  return ({ values }) => {
    const readings = values.slice(from).map((value) => (Number.isFinite(value) ? value : Number.NaN));
    return countReadings(readings) < 2 ? undefined : fitValues(readings);
  };
}

function countReadings(values: Float64Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
}

function predictPanel(
  history: Panel,
  models: readonly (ProphetModel | undefined)[],
  horizon: number,
  options: Options,
): Forecast {
  let next = 0;
  const rows = rowsOf(history, history.length, Math.max(1, horizon), options);
  return pointForecast(history, horizon, (_, point) => {
    const model = models[next++];
    if (model) point.set(predictProphet(model, rows, { samples: 0 }).yhat);
  });
}

function curvesOf(model: ProphetModel, history: Panel, horizon: number, options: Options): ComponentCurve[] {
  const last = timeAt(history, history.length - 1 + horizon);
  // The trend is straight between changepoints, but for the logistic curve.
  const bends = options.growth === 'logistic' ? evenly(model.start, last, 100) : model.changepoints;
  const at = Float64Array.from(new Set([model.start, ...bends, last]));
  const capped =
    options.growth === 'logistic' ? { cap: Number(options.cap), floor: Number(options.floor) } : {};
  const { trend } = predictProphet(model, { times: at, ...capped }, { samples: 0 });
  return [
    { name: 'trend', period: undefined, at, values: trend, multiplies: false },
    ...model.seasonalities.map(({ name, period, mode }): ComponentCurve => {
      const length = Math.round(period) * day;
      const places = Float64Array.from(
        evenly(0, length, name === 'daily' ? 48 : name === 'weekly' ? 168 : 183),
      );
      const begin = beginOf(name, timeAt(history, history.length - 1));
      const times = places.map((place) => begin + place);
      const { components } = predictProphet(model, { times, ...capped }, { samples: 0 });
      const values = components.find((one) => one.name === name)?.values ?? new Float64Array(times.length);
      return { name, period: length, at: places, values, multiplies: mode === 'multiplicative' };
    }),
  ];
}

function evenly(from: number, to: number, pieces: number): number[] {
  return Array.from({ length: pieces + 1 }, (_, i) => from + ((to - from) * i) / pieces);
}

// A moment at which the period begins: 1970 began on a Thursday, so its first Monday was the fifth day.
function beginOf(name: string, near: number): number {
  if (name === 'yearly') return Date.UTC(new Date(near).getUTCFullYear(), 0, 1);
  return name === 'weekly' ? 4 * day : 0;
}

function rowsOf(panel: Panel, from: number, count: number, { growth, cap, floor }: Options) {
  return {
    times: Float64Array.from({ length: count }, (_, i) => timeAt(panel, from + i)),
    clock: localTimes(panel, from, count),
    ...(growth === 'logistic' ? { cap: Number(cap), floor: Number(floor) } : {}),
  };
}

function modelOptions(options: Options): ProphetOptions {
  const { growth, seasonalityMode, yearly, weekly, daily } = options;
  return {
    growth: growth === 'logistic' || growth === 'flat' ? growth : 'linear',
    changepoints: Number(options.changepoints),
    changepointRange: Number(options.changepointRange),
    changepointPriorScale: Number(options.changepointPriorScale),
    seasonalityMode: seasonalityMode === 'multiplicative' ? seasonalityMode : 'additive',
    seasonalityPriorScale: Number(options.seasonalityPriorScale),
    yearlySeasonality: switchOf(yearly),
    weeklySeasonality: switchOf(weekly),
    dailySeasonality: switchOf(daily),
  };
}

function switchOf(value: Options[string]): SeasonalitySwitch {
  if (value === 'auto') return 'auto';
  return value === 'on' || value === 'off' ? value === 'on' : Number(value);
}

function optionsOfCity(options: Options, city: string): Options {
  const ofCity = Object.entries(options).flatMap(([key, value]) =>
    key.endsWith(`.${city}`) && city !== '' ? [[key.slice(0, key.indexOf('.')), value] as const] : [],
  );
  return { ...options, ...Object.fromEntries(ofCity) };
}

function assertCities(panel: Panel, options: Options): void {
  const cities = new Set(panel.series.map(({ city }) => city));
  for (const key of Object.keys(options)) {
    const dot = key.indexOf('.');
    if (dot < 0 || cities.has(key.slice(dot + 1))) continue;
    const known = [...cities].filter((city) => city !== '').map((city) => `${key.slice(0, dot)}.${city}`);
    throw usageError(
      `prophet:${key} names a city that no series has`,
      known.length > 0
        ? `the data has ${known.join(', ')}`
        : `the data has no cities; use ${key.slice(0, dot)}=`,
    );
  }
}

function parseOption(key: string, found: Options[string]): number | string {
  const kind = kinds[key.split('.')[0]];
  const text = String(found);
  if (kind.words.includes(text)) return text;
  const number = Number(text);
  if (text.trim() !== '' && kind.number?.(number)) return number;
  throw usageError(`invalid prophet:${key}: ${text}; expected ${kind.expected}`);
}

interface Kind {
  readonly words: readonly string[];
  readonly number?: (value: number) => boolean;
  readonly expected: string;
}

const whole = (value: number) => Number.isInteger(value) && value >= 0;
const positive = (value: number) => value > 0 && Number.isFinite(value);
const scale: Kind = { words: [], number: positive, expected: 'a number above 0' };
const season: Kind = {
  words: ['auto', 'on', 'off'],
  number: whole,
  expected: 'auto, on, off or a Fourier order',
};

const kinds: Readonly<Record<string, Kind>> = {
  days: { words: ['all'], number: positive, expected: 'all or a number of days above 0' },
  growth: { words: ['linear', 'logistic', 'flat'], expected: 'linear, logistic or flat' },
  cap: { words: ['none'], number: Number.isFinite, expected: 'a number' },
  floor: { words: [], number: Number.isFinite, expected: 'a number' },
  changepoints: { words: [], number: whole, expected: 'a whole number of at least 0' },
  changepointRange: {
    words: [],
    number: (value) => value >= 0 && value <= 1,
    expected: 'a number from 0 to 1',
  },
  changepointPriorScale: scale,
  yearly: season,
  weekly: season,
  daily: season,
  seasonalityMode: { words: ['additive', 'multiplicative'], expected: 'additive or multiplicative' },
  seasonalityPriorScale: scale,
};
