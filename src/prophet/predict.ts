import { dataError, usageError } from '../core/errors.ts';
import { type Axis, createAxis, inGivenOrder, type ProphetRows } from './axis.ts';
import { type Feature, featureColumns, listFeatures } from './features.ts';
import type { ProphetModel } from './model.ts';
import type { Mode } from './options.ts';
import { type ProphetIntervals, simulateIntervals } from './simulate.ts';
import { logistic, straightPieces } from './trend.ts';

/** How a forecast is made. */
export interface PredictOptions {
  /** Share of outcomes that intervals are meant to hold. Default 0.8. */
  readonly intervalWidth?: number;
  /** Futures simulated for intervals; 0 = no intervals. Default 1000. */
  readonly samples?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** A forecast, a value a row in the order given. */
export interface ProphetForecast {
  /** `trend * (1 + multiplicative) + additive`. */
  readonly yhat: Float64Array;
  readonly trend: Float64Array;
  readonly additive: Float64Array;
  readonly multiplicative: Float64Array;
  /** Each seasonality, the holidays together as `holidays`, each holiday, each regressor. */
  readonly components: readonly ProphetComponent[];
  /** Absent without samples. */
  readonly intervals: ProphetIntervals | undefined;
}

/** One part of a forecast, in units of the series when additive, as a share of the trend when multiplicative. */
export interface ProphetComponent {
  readonly name: string;
  readonly mode: Mode;
  readonly values: Float64Array;
}

/**
 * Forecasts at any times, past or future. Intervals come from simulated futures: the trend goes on to bend as often as
 * before, by changes drawn from a Laplace distribution with the mean absolute change of the past, and noise is added.
 *
 * @throws TrainyardError of kind `data` where cap, floor, regressors or conditions of the fit are absent.
 */
export function predictProphet(
  model: ProphetModel,
  rows: ProphetRows,
  { intervalWidth = 0.8, samples = 1000, seed = 0 }: PredictOptions = {},
): ProphetForecast {
  if (!(intervalWidth > 0 && intervalWidth < 1))
    throw usageError(`invalid intervalWidth: ${intervalWidth}; expected a number between 0 and 1`);
  if (!Number.isInteger(samples) || samples < 0)
    throw usageError(`invalid samples: ${samples}; expected a whole number of at least 0`);
  const axis = createAxis(rows);
  const { trend, pieces, floor, cap, times } = trendOf(model, axis);
  const features = listFeatures(model);
  const columns = featureColumns(axis, model);
  const part = (keep: (feature: Feature) => boolean, mode: Mode) => {
    const sum = new Float64Array(axis.length);
    for (const [c, feature] of features.entries()) {
      if (!keep(feature)) continue;
      const multiple = model.beta[c] * (mode === 'additive' ? model.valueScale : 1);
      for (let i = 0; i < sum.length; i++) sum[i] += multiple * columns[c][i];
    }
    return sum;
  };
  const additive = part(({ mode }) => mode === 'additive', 'additive');
  const multiplicative = part(({ mode }) => mode === 'multiplicative', 'multiplicative');
  const yhat = trend.map((value, i) => value * (1 + multiplicative[i]) + additive[i]);
  const intervals =
    samples === 0
      ? undefined
      : simulateIntervals(
          model,
          { times, pieces, floor, cap, additive, multiplicative },
          { intervalWidth, samples, seed },
        );
  const given = (values: Float64Array) => inGivenOrder(values, axis.order);
  return {
    yhat: given(yhat),
    trend: given(trend),
    additive: given(additive),
    multiplicative: given(multiplicative),
    components: componentsOf(features).map(({ name, mode, keep }) => ({
      name,
      mode,
      values: given(part(keep, mode)),
    })),
    intervals: intervals && {
      lower: given(intervals.lower),
      upper: given(intervals.upper),
      trendLower: given(intervals.trendLower),
      trendUpper: given(intervals.trendUpper),
    },
  };
}

function trendOf(model: ProphetModel, axis: Axis) {
  const { growth } = model.options;
  const floor = floorOf(model, axis);
  const times = axis.times.map((time) => (time - model.start) / model.timeScale);
  const changepoints = model.changepoints.map((time) => (time - model.start) / model.timeScale);
  const pieces = new Float64Array(axis.length);
  straightPieces(growth, { k: model.k, m: model.m, delta: model.delta, changepoints }, times, pieces);
  let cap: Float64Array | undefined;
  if (growth === 'logistic') {
    if (!axis.cap) throw dataError('the model has logistic growth; expected a cap with the times');
    cap = axis.cap.map((value, i) => value - floor[i]);
  }
  const trend = pieces.map(
    (value, i) => (cap ? cap[i] * logistic(value) : value * model.valueScale) + floor[i],
  );
  return { trend, pieces, floor, cap, times };
}

function floorOf({ hasFloor, valueOffset }: ProphetModel, { floor, length }: Axis): Float64Array {
  if (!hasFloor) return new Float64Array(length).fill(valueOffset);
  if (!floor) throw dataError('the model was fitted with a floor; expected one with the times');
  return floor;
}

function componentsOf(features: readonly Feature[]) {
  const components: { name: string; mode: Mode; keep: (feature: Feature) => boolean }[] = [];
  const holiday = features.find(({ kind }) => kind === 'holiday');
  for (const { component, mode } of features) {
    if (components.some(({ name }) => name === component)) continue;
    components.push({ name: component, mode, keep: (feature) => feature.component === component });
  }
  if (holiday)
    components.push({ name: 'holidays', mode: holiday.mode, keep: ({ kind }) => kind === 'holiday' });
  return components;
}
