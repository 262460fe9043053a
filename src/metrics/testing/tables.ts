import type { ForecastSeries, ForecastTable, ModelForecasts } from '../forecastTable.ts';

const hour = 3_600_000;

/** Values `[start][series][horizon]`. */
export type Cells = readonly (readonly (readonly number[])[])[];

/** A forecast table of given truths and forecasts, a start a day from 1 April 2018, hourly. */
export function tableOf(
  truth: Cells,
  models: Readonly<Record<string, Cells | Pick<ModelForecasts, 'point' | 'intervals'>>>,
  series: readonly Partial<ForecastSeries>[] = [],
): ForecastTable {
  const starts = truth.map((_, day) => Date.UTC(2018, 3, 1 + day));
  return {
    starts,
    cutoffs: starts.map((start) => start - hour),
    step: hour,
    horizon: truth[0]?.[0]?.length ?? 1,
    series: (truth[0] ?? []).map((_, index) => ({
      id: `s${index}`,
      city: '',
      station: `s${index}`,
      measure: 'PM2.5',
      unit: 'ug/m3',
      latitude: Number.NaN,
      longitude: Number.NaN,
      seasonalScale: 1,
      ...series[index],
    })),
    truth: flat(truth),
    models: Object.entries(models).map(([model, given]) =>
      'point' in given ? { model, ...given } : { model, point: flat(given), intervals: [] },
    ),
  };
}

/** The cells in the order of the flat arrays of a table. */
export function flat(cells: Cells): Float64Array {
  return Float64Array.from(cells.flat(2));
}
