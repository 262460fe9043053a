import type { ForecastTable } from '../metrics/forecastTable.ts';
import type { Panel } from '../panel/panel.ts';
import { formatTime } from '../panel/timeText.ts';
import type { LeakageProof } from './leakageProof.ts';
import { planFolds, type RollingOptions, runFolds, tableOf } from './rollingForecast.ts';

/**
 * Makes every forecast of a rolling forecast again with everything after its cutoff overwritten by garbage, and
 * compares all points and interval ends bit by bit with those made from the real data.
 *
 * @param table what `rollingForecast` returned for the same panel and options.
 */
export async function proveNoLeak(
  panel: Panel,
  table: ForecastTable,
  options: Omit<RollingOptions, 'store'> & { seed?: number | undefined },
): Promise<LeakageProof> {
  const plan = planFolds(panel, options);
  await runFolds(panel, plan, options, options.seed ?? 1);
  return compareTables(table, tableOf(panel, plan));
}

/** Compares the forecasts of two tables of the same shape bit by bit; two NaN are the same. */
export function compareTables(expected: ForecastTable, found: ForecastTable): LeakageProof {
  let compared = 0;
  let different = 0;
  const examples: string[] = [];
  for (const [m, { model, point, intervals }] of expected.models.entries()) {
    const other = found.models[m];
    const pairs: [string, Float64Array, Float64Array][] = [['forecast', point, other.point]];
    for (const [k, { level, lower, upper }] of intervals.entries()) {
      pairs.push([`lower end of the ${level} % interval`, lower, other.intervals[k].lower]);
      pairs.push([`upper end of the ${level} % interval`, upper, other.intervals[k].upper]);
    }
    for (const [what, a, b] of pairs) {
      for (let cell = 0; cell < a.length; cell++) {
        compared++;
        if (Object.is(a[cell], b[cell])) continue;
        different++;
        if (examples.length < 5)
          examples.push(`${describeCell(expected, cell)}: ${model}, ${what}: ${a[cell]} became ${b[cell]}`);
      }
    }
  }
  return { passed: different === 0, cutoffs: expected.starts.length, compared, different, examples };
}

function describeCell({ starts, series, horizon, step }: ForecastTable, cell: number): string {
  const start = starts[Math.floor(cell / (series.length * horizon))];
  const { id } = series[Math.floor(cell / horizon) % series.length];
  return `${id} at ${formatTime(start + (cell % horizon) * step)}`;
}
