import { dataError, usageError } from '../core/errors.ts';
import { type Axis, createAxis, inOrder, type ProphetRows, selectRows } from './axis.ts';
import { placeChangepoints } from './changepoints.ts';
import { createDesign, innerProducts } from './design.ts';
import { featureColumns, listFeatures, regressorOf } from './features.ts';
import { type Maximum, matrixOf, maximisePosterior } from './maximise.ts';
import type { FittedRegressor, ProphetModel } from './model.ts';
import { type ProphetOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { isLinear, leastSigma, logPosterior, type Problem, priorCost, priorPrecisions } from './posterior.ts';
import { chooseSeasonalities } from './seasonalities.ts';

/** A series and what is known of its rows; NaN = missing. Rows may be in any order, and times may repeat. */
export interface ProphetData extends ProphetRows {
  readonly values: ArrayLike<number>;
}

/**
 * Fits Prophet (Taylor and Letham 2018, "Forecasting at scale") by the highest posterior.
 *
 * @throws TrainyardError of kind `data` for fewer than two values, for infinities, and for logistic growth without a
 * cap above the floor; of kind `usage` for options that make no sense.
 * @example
 * const model = fitProphet({ times, values }, { changepoints: 67, changepointPriorScale: 0.003 });
 * const { yhat, lower, upper } = predictProphet(model, { times: nextTimes });
 */
export function fitProphet(data: ProphetData, options: ProphetOptions = {}): ProphetModel {
  return prophetFitter(data, options)(data.values);
}

/**
 * Makes a function that fits series which lie on the same rows, one a call, and share what depends on rows alone:
 * columns, and X'X between them. A series gets the same model, to the last bit, whether or not others are fitted.
 */
export function prophetFitter(
  rows: ProphetRows,
  options: ProphetOptions = {},
): (values: ArrayLike<number>) => ProphetModel {
  const resolved = resolveOptions(options);
  const axis = createAxis(rows);
  return (values) => fitOnAxis(axis, values, resolved);
}

function fitOnAxis(axis: Axis, given: ArrayLike<number>, options: ResolvedOptions): ProphetModel {
  const values = inOrder(checkedValues(axis, given), axis.order);
  const places = placesWithValue(values);
  if (places.length < 2)
    throw dataError(`series has ${places.length} values; expected at least 2 that are not missing`);
  const complete = places.length === axis.length;
  const select = (column: Float64Array) => (complete ? column : selectRows(column, places));

  const times = select(axis.times);
  const y = select(values);
  const start = times[0];
  const timeScale = times[times.length - 1] - start;
  if (timeScale === 0) throw dataError('all values have the same time; expected at least two times');
  const { valueScale, valueOffset, cap, floor } = scaleOf(axis, y, select, options);
  const seasonalities = chooseSeasonalities(options, times);
  const regressors = options.regressors.map((one): FittedRegressor => {
    const { name, priorScale, mode, standardize } = one;
    return { name, priorScale, mode, ...standardOf(select(regressorOf(axis, name)), standardize) };
  });
  const parts = { options, seasonalities, regressors };
  const features = listFeatures(parts);
  const all = featureColumns(axis, parts);
  const columns = complete ? all : all.map(select);

  const changepoints = placeChangepoints(options, times);
  // Where no bend is asked for Prophet has one at the beginning all the same, and adds it to the rate.
  const bends = changepoints.length > 0 || options.growth === 'flat' ? changepoints : [start];
  const scaledTimes = times.map((time) => (time - start) / timeScale);
  const scaledBends = Float64Array.from(bends, (time) => (time - start) / timeScale);
  const problem: Problem = {
    growth: options.growth,
    design: createDesign(scaledTimes, scaledBends, columns),
    values: y.map((value, i) => (value - (floor ? floor[i] : valueOffset)) / valueScale),
    cap: cap?.map((value, i) => (value - (floor ? floor[i] : valueOffset)) / valueScale),
    multiplicative: features.map(({ mode }) => mode === 'multiplicative'),
    priorScales: Float64Array.from(features, ({ priorScale }) => priorScale),
    changepointPriorScale: options.changepointPriorScale,
  };
  const maximum =
    y.every((value) => value === y[0]) && options.growth !== 'logistic' ? constantMaximum(problem) : solve();

  function solve(): Maximum {
    // With regressors, columns are standardised series by series and nothing is shared.
    const linear = isLinear(problem);
    const key = regressors.length === 0 ? JSON.stringify(seasonalities) : undefined;
    const matrix = linear ? sharedMatrix(axis, problem, { key, all, places, complete }) : undefined;
    return maximisePosterior(problem, startOf(problem), matrix);
  }

  const { theta, sigma } = maximum;
  const free = 2 + columns.length;
  const folded = changepoints.length === 0 ? theta.slice(free).reduce((sum, value) => sum + value, 0) : 0;
  return {
    options,
    start,
    timeScale,
    valueOffset,
    valueScale,
    hasFloor: floor !== undefined,
    changepoints,
    seasonalities,
    regressors,
    k: theta[0] + folded,
    m: theta[1],
    delta: changepoints.length === 0 ? [] : [...theta.subarray(free)],
    beta: [...theta.subarray(2, free)],
    sigma,
    logPosterior: maximum.logPosterior,
    rows: y.length,
  };
}

function checkedValues(axis: Axis, given: ArrayLike<number>): Float64Array {
  if (given.length !== axis.length)
    throw dataError(`values has ${given.length} values for ${axis.length} times; expected as many`);
  const values = Float64Array.from(given);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === Number.POSITIVE_INFINITY || values[i] === Number.NEGATIVE_INFINITY)
      throw dataError(
        `value at row ${i} is ${values[i]}; expected a finite number, or NaN where it is missing`,
      );
  }
  return values;
}

function placesWithValue(values: Float64Array): Int32Array {
  const places = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) places[count++] = i;
  return places.subarray(0, count);
}

interface Scale {
  readonly valueScale: number;
  readonly valueOffset: number;
  readonly cap: Float64Array | undefined;
  readonly floor: Float64Array | undefined;
}

function scaleOf(
  axis: Axis,
  y: Float64Array,
  select: (column: Float64Array) => Float64Array,
  { growth, scaling }: ResolvedOptions,
): Scale {
  const minmax = scaling === 'minmax';
  if (growth !== 'logistic') {
    const lowest = minimum(y);
    const span = minmax ? maximum(y) - lowest : maximum(y.map(Math.abs));
    return { valueScale: span || 1, valueOffset: minmax ? lowest : 0, cap: undefined, floor: undefined };
  }
  if (!axis.cap)
    throw usageError('logistic growth needs a cap', 'give cap with the times: a number, or one a row');
  const cap = select(axis.cap);
  const floor = axis.floor && select(axis.floor);
  if (!floor) {
    const lowest = minmax ? minimum(y) : 0;
    const tooLow = cap.findIndex((value) => value <= lowest);
    if (tooLow >= 0)
      throw dataError(`cap ${cap[tooLow]} is not above the smallest value ${lowest}`, 'raise the cap');
    const span = minmax ? maximum(y) - lowest : maximum(y.map(Math.abs));
    return { valueScale: span || 1, valueOffset: lowest, cap, floor };
  }
  const span = minmax
    ? maximum(cap) - minimum(floor)
    : maximum(y.map((value, i) => Math.abs(value - floor[i])));
  return { valueScale: span || 1, valueOffset: 0, cap, floor };
}

function minimum(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function maximum(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

function standardOf(
  values: Float64Array,
  standardize: 'auto' | boolean,
): { mean: number; deviation: number } {
  const distinct = new Set(values);
  const binary = distinct.size === 2 && distinct.has(0) && distinct.has(1);
  if (distinct.size < 2 || standardize === false || (standardize === 'auto' && binary))
    return { mean: 0, deviation: 1 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** X'X of a linear model, as much of it as possible from what series on the axis share. */
function sharedMatrix(
  axis: Axis,
  problem: Problem,
  {
    key,
    all,
    places,
    complete,
  }: { key: string | undefined; all: readonly Float64Array[]; places: Int32Array; complete: boolean },
): Float64Array {
  if (key === undefined) return matrixOf(problem);
  if (complete) return cached(axis, `matrix ${key}`, () => matrixOf(problem));
  const missing = axis.length - places.length;
  if (missing > places.length / 2) return matrixOf(problem);
  const inner = cached(axis, `inner ${key}`, () => innerProducts(all)).slice();
  subtractRows(inner, all, missingPlaces(places, axis.length));
  return matrixOf(problem, inner);
}

function cached(axis: Axis, key: string, make: () => Float64Array): Float64Array {
  const known = axis.shared.get(key);
  if (known) return known[0];
  const made = make();
  axis.shared.set(key, [made]);
  return made;
}

function missingPlaces(places: Int32Array, length: number): Int32Array {
  const missing = new Int32Array(length - places.length);
  let next = 0;
  let count = 0;
  for (let row = 0; row < length; row++) {
    if (next < places.length && places[next] === row) next++;
    else missing[count++] = row;
  }
  return missing;
}

function subtractRows(inner: Float64Array, columns: readonly Float64Array[], rows: Int32Array): void {
  const width = columns.length;
  for (let a = 0; a < width; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < rows.length; i++) sum += columns[a][rows[i]] * columns[b][rows[i]];
      inner[a * width + b] -= sum;
      if (a !== b) inner[b * width + a] -= sum;
    }
  }
}

/** Prophet's first guess of rate and offset: through the first and the last value. */
function startOf({ growth, design, values, cap }: Problem): [number, number] {
  const last = values.length - 1;
  if (growth === 'flat') return [0, values.reduce((sum, value) => sum + value, 0) / values.length];
  const span = design.times[last] - design.times[0];
  if (!cap) {
    const rate = (values[last] - values[0]) / span;
    return [rate, values[0] - rate * design.times[0]];
  }
  const within = (value: number, top: number) => Math.max(0.01 * top, Math.min(0.99 * top, value));
  const ratios = [0, last].map((i) => cap[i] / within(values[i], cap[i]));
  if (Math.abs(ratios[0] - ratios[1]) <= 0.01) ratios[0] *= 1.05;
  const [first, second] = ratios.map((ratio) => Math.log(ratio - 1));
  return [(first - second) / span, (first * span) / (first - second)];
}

// As Prophet: a constant series is its own forecast, without noise.
function constantMaximum(problem: Problem): Maximum {
  const { design, values, priorScales } = problem;
  const theta = new Float64Array(2 + priorScales.length + design.changepoints.length);
  theta[1] = values[0];
  const cost = priorCost(problem, priorPrecisions(problem), theta);
  return { theta, sigma: leastSigma, logPosterior: logPosterior(values.length, 0, leastSigma, cost) };
}
