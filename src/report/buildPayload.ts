import { usageError } from '../core/errors.ts';
import type { ComponentCurve } from '../forecast/forecaster.ts';
import type { FillExplanation } from '../impute/neighbours/explainFills.ts';
import { cellOf, type ForecastTable, type ModelForecasts } from '../metrics/forecastTable.ts';
import type { ModelScores, ScoreRow } from '../metrics/scores.ts';
import { localTimes } from '../panel/localTime.ts';
import { countPresent, type Panel, type Series, timeAt } from '../panel/panel.ts';
import { metricColumns } from './metricTable.ts';
import type { MissingCells } from './missingCells.ts';
import type { ReportData } from './reportData.ts';
import type {
  PayloadCurve,
  PayloadFill,
  PayloadFills,
  PayloadModelScores,
  PayloadRow,
  PayloadScores,
  ReportPayload,
} from './reportPayload.ts';
import type { ForecastArrays, SeriesArrays } from './seriesChunk.ts';

/** Everything the page's code reads besides the arrays of each series. */
export function buildPayload(data: ReportData, missing: MissingCells | undefined): ReportPayload {
  const { panel, forecasts, backtest } = data;
  const models = modelsOf(data);
  const tested = new Set(backtest?.series.map(({ id }) => id));
  return {
    start: panel.start,
    step: panel.step,
    length: panel.length,
    timeZone: panel.timeZone,
    offsets: offsetsOf(data),
    fillSteps: panel.fillSteps,
    models,
    series: panel.series.map((series) => {
      const filled = countFilled(series);
      return {
        id: series.id,
        city: series.city,
        station: series.station,
        measure: series.measure,
        unit: series.unit,
        latitude: numberOrNull(series.latitude),
        longitude: numberOrNull(series.longitude),
        observed: countPresent(series.values) - filled,
        filled,
        tested: tested.has(series.id),
      };
    }),
    forecast: forecasts?.length
      ? {
          start: forecasts[0].forecast.start,
          horizon: forecasts[0].forecast.horizon,
          models: forecasts.map(({ model, forecast }) => ({
            model: models.indexOf(model),
            levels: ascending(forecast.intervals).map(({ level }) => level),
          })),
        }
      : undefined,
    components: data.components?.map(({ model, series }) => ({
      model: models.indexOf(model),
      series: series.map((curves) => curves.map(curveOf)),
    })),
    backtest: backtest && {
      starts: backtest.starts,
      cutoffs: backtest.cutoffs,
      horizon: backtest.horizon,
      models: backtest.models.map(({ model, intervals }) => ({
        model: models.indexOf(model),
        levels: ascending(intervals).map(({ level }) => level),
      })),
    },
    scores: data.scores && scoresOf(data, models),
    fills: data.fills?.length ? fillsOf(data.fills) : undefined,
    missing: missing && { columns: missing.columns, columnLength: missing.columnLength },
  };
}

// Five digits are more than a chart shows.
function curveOf({ name, period, at, values, multiplies }: ComponentCurve): PayloadCurve {
  return {
    name,
    period: period ?? null,
    at: [...at],
    values: Array.from(values, (value) => numberOrNull(Number(value.toPrecision(5)))),
    multiplies,
  };
}

function fillsOf(fills: readonly FillExplanation[]): PayloadFills {
  const inputs = [...new Set(fills.flatMap(({ parts }) => parts.map(({ input }) => input)))];
  const indexOf = new Map(inputs.map((input, index) => [input, index]));
  const cells: Record<number, Record<number, PayloadFill>> = {};
  for (const { series, step, base, rest, parts } of fills) {
    cells[series] ??= {};
    cells[series][step] = {
      base: rounded(base),
      rest: rounded(rest),
      parts: parts.map(({ input, reading, added }) => [
        indexOf.get(input) ?? 0,
        Number.isNaN(reading) ? null : rounded(reading),
        rounded(added),
      ]),
    };
  }
  return { inputs, cells };
}

// The page shows three digits.
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The arrays of each series of the panel, in its order. */
export function seriesArrays(data: ReportData): SeriesArrays[] {
  const { panel, forecasts = [], backtest } = data;
  for (const { model, forecast } of forecasts) {
    if (forecast.point.length !== panel.series.length) {
      throw usageError(
        `forecast of ${model} has ${forecast.point.length} series; expected ${panel.series.length}, those of the panel`,
      );
    }
  }
  const place = new Map(backtest?.series.map(({ id }, index) => [id, index]));
  return panel.series.map((series, index) => {
    const row = place.get(series.id);
    return {
      values: series.values,
      filledBy: series.filledBy ?? new Uint8Array(panel.length),
      forecasts: forecasts.map(({ forecast }) => ({
        point: forecast.point[index],
        intervals: ascending(forecast.intervals).map(({ lower, upper }) => ({
          lower: lower[index],
          upper: upper[index],
        })),
      })),
      ...(backtest && row !== undefined ? pastOf(backtest, row) : { truth: [], past: [] }),
    };
  });
}

/** Names of all models of a report, in order of first appearance. */
export function modelsOf({ forecasts = [], components = [], backtest, scores }: ReportData): string[] {
  const names = [...forecasts, ...components, ...(backtest?.models ?? []), ...(scores?.models ?? [])].map(
    ({ model }) => model,
  );
  return [...new Set(names)];
}

/** Cells that a step filled. */
export function countFilled({ filledBy }: Series): number {
  let count = 0;
  if (filledBy) for (const step of filledBy) if (step > 0) count++;
  return count;
}

/** Levels of the intervals that any scored model has, ascending. */
export function levelsOf(models: readonly ModelScores[]): number[] {
  const levels = models.flatMap(({ overall }) => Object.keys(overall.coverage).map(Number));
  return [...new Set(levels)].sort((a, b) => a - b);
}

function pastOf(table: ForecastTable, series: number): Pick<SeriesArrays, 'truth' | 'past'> {
  const rows = (flat: Float64Array) => {
    const values = new Float64Array(table.starts.length * table.horizon);
    for (let start = 0; start < table.starts.length; start++) {
      const from = cellOf(table, start, series, 0);
      values.set(flat.subarray(from, from + table.horizon), start * table.horizon);
    }
    return values;
  };
  const forecastOf = ({ point, intervals }: ModelForecasts): ForecastArrays => ({
    point: rows(point),
    intervals: ascending(intervals).map(({ lower, upper }) => ({ lower: rows(lower), upper: rows(upper) })),
  });
  return { truth: rows(table.truth), past: table.models.map(forecastOf) };
}

function scoresOf({ panel, scores }: ReportData, models: readonly string[]): PayloadScores | undefined {
  if (!scores) return undefined;
  const units = unitsOfScores(panel, scores.models);
  const levels = levelsOf(scores.models);
  const columns = metricColumns(units, levels);
  const rowOf = (row: ScoreRow): PayloadRow => columns.map((column) => numberOrNull(column.read(row)));
  const cities = scores.models.find(({ kdd2018 }) => kdd2018)?.kdd2018?.cities;
  const names = cities && Object.keys(cities);
  return {
    units,
    levels,
    cities: names,
    models: scores.models.map((scored): PayloadModelScores => {
      const bySeries = new Map(scored.bySeries.map((row) => [row.id, row]));
      return {
        model: models.indexOf(scored.model),
        byStart: scored.byStart.map((row) => ({ at: row.start, row: rowOf(row) })),
        byStep: scored.byStep.map((row) => ({ at: row.step, row: rowOf(row) })),
        bySeries: panel.series.map(({ id }) => {
          const row = bySeries.get(id);
          return row ? rowOf(row) : null;
        }),
        competition: scored.kdd2018?.days.map((entry) => ({
          at: entry.start,
          row: [entry.score, ...(names ?? []).map((city) => entry.cities[city])].map(numberOrNull),
        })),
      };
    }),
  };
}

/** Units of the series that were scored; all of the panel's when none of them is. */
export function unitsOfScores(panel: Panel, models: readonly ModelScores[]): string[] {
  const scored = new Set(models.flatMap(({ bySeries }) => bySeries.map(({ id }) => id)));
  const units = panel.series.filter(({ id }) => scored.has(id)).map(({ unit }) => unit);
  return [...new Set(units.length > 0 ? units : panel.series.map(({ unit }) => unit))];
}

function offsetsOf({ panel, forecasts = [], backtest }: ReportData): (readonly [number, number])[] {
  const ends = [
    timeAt(panel, panel.length),
    ...forecasts.map(({ forecast }) => forecast.start + forecast.horizon * forecast.step),
    ...(backtest?.starts.map((start) => start + backtest.horizon * backtest.step) ?? []),
  ];
  const steps = Math.ceil((Math.max(...ends) - panel.start) / panel.step);
  const local = localTimes(panel, 0, steps);
  const offsets: [number, number][] = [];
  for (let i = 0; i < steps; i++) {
    const offset = local[i] - timeAt(panel, i);
    if (offset !== offsets.at(-1)?.[1]) offsets.push([timeAt(panel, i), offset]);
  }
  return offsets;
}

function ascending<Level extends { readonly level: number }>(intervals: readonly Level[]): Level[] {
  return [...intervals].sort((a, b) => a.level - b.level);
}

// Six digits are more than any chart or table shows.
function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}
