import { dataError } from '../core/errors.ts';
import { type Axis, fourierColumns } from './axis.ts';
import { holidayColumns, holidayDays } from './holidays.ts';
import type { FittedRegressor } from './model.ts';
import type { Mode, ResolvedOptions, Seasonality } from './options.ts';

/** One column of the regression part. */
export interface Feature {
  /** Name of the seasonality, holiday or regressor. */
  readonly component: string;
  readonly kind: 'seasonality' | 'holiday' | 'regressor';
  readonly mode: Mode;
  readonly priorScale: number;
}

/** The parts that features are made of. */
export interface FeatureParts {
  readonly options: ResolvedOptions;
  readonly seasonalities: readonly Seasonality[];
  readonly regressors: readonly FittedRegressor[];
}

/** What each column of {@link featureColumns} is. */
export function listFeatures({ options, seasonalities, regressors }: FeatureParts): Feature[] {
  return [
    ...seasonalities.flatMap(({ name, fourierOrder, mode, priorScale }) =>
      Array.from(
        { length: 2 * fourierOrder },
        (): Feature => ({ component: name, kind: 'seasonality', mode, priorScale }),
      ),
    ),
    ...holidayDays(options.holidays).map(
      ({ name, priorScale }): Feature => ({
        component: name,
        kind: 'holiday',
        mode: options.holidaysMode,
        priorScale,
      }),
    ),
    ...regressors.map(
      ({ name, mode, priorScale }): Feature => ({ component: name, kind: 'regressor', mode, priorScale }),
    ),
  ];
}

/** The columns of the regression part for every row of an axis: seasonalities, holidays, regressors. */
export function featureColumns(
  axis: Axis,
  { options, seasonalities, regressors }: FeatureParts,
): Float64Array[] {
  return [
    ...seasonalities.flatMap((seasonality) => seasonalColumns(axis, seasonality)),
    ...(options.holidays.length > 0 ? holidayColumns(axis, options.holidays) : []),
    ...regressors.map(({ name, mean, deviation }) =>
      regressorOf(axis, name).map((value) => (value - mean) / deviation),
    ),
  ];
}

/**
 * The values of a regressor on an axis.
 *
 * @throws TrainyardError of kind `data` when the data does not hold it.
 */
export function regressorOf(axis: Axis, name: string): Float64Array {
  const values = axis.regressors.get(name);
  if (!values)
    throw dataError(`no values of regressor ${name}`, `give regressors: { ${name}: [...] } with the times`);
  return values;
}

function seasonalColumns(axis: Axis, { period, fourierOrder, condition }: Seasonality): Float64Array[] {
  const columns = fourierColumns(axis, period, fourierOrder);
  if (condition === undefined) return columns;
  const key = `condition ${JSON.stringify([condition, period, fourierOrder])}`;
  const known = axis.shared.get(key);
  if (known) return known;
  const holds = axis.conditions.get(condition);
  if (!holds)
    throw dataError(
      `no values of condition ${condition}`,
      `give conditions: { ${condition}: [...] } with the times`,
    );
  const masked = columns.map((column) => column.map((value, i) => value * holds[i]));
  axis.shared.set(key, masked);
  return masked;
}
