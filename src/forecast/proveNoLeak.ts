import type { ForecastTable } from '../metrics/forecastTable.ts';
import type { Panel } from '../panel/panel.ts';
import { formatTime } from '../panel/timeText.ts';
import type { LeakageProof } from './leakageProof.ts';
import { type RollingOptions, type RollingTable, runForecast } from './rollingForecast.ts';

/**
 * Makes every forecast of a rolling forecast again with everything after its cutoff overwritten by garbage, those that
 * calibrate intervals among them, and compares all points and interval ends bit by bit with those made from the real
 * data.
 *
 * @param table what `rollingForecast` returned for the same panel and options.
 */
export async function proveNoLeak(
  panel: Panel,
  table: RollingTable,
  options: Omit<RollingOptions, 'store'> & { seed?: number | undefined },
): Promise<LeakageProof> {
  const { seed = 1, ...rolling } = options;
  return compareTables(table, await runForecast(panel, rolling, { garbageSeed: seed }));
}

/** Compares the forecasts of two tables of the same shape bit by bit; two NaN are the same. */
export function compareTables(expected: RollingTable, found: RollingTable): LeakageProof {
  const pairs = [[expected, found] as const];
  if (expected.calibration && found.calibration) pairs.push([expected.calibration, found.calibration]);
  let cutoffs = 0;
  let compared = 0;
  let different = 0;
  const examples: string[] = [];
  for (const [table, other] of pairs) {
    cutoffs += table.starts.length;
    for (const { model, what, before, after } of numbersOf(table, other)) {
      compared += before.length;
      for (let cell = 0; cell < before.length; cell++) {
        if (Object.is(before[cell], after[cell])) continue;
        different++;
        if (examples.length < 5)
          examples.push(
            `${describeCell(table, cell)}: ${model}, ${what}: ${before[cell]} became ${after[cell]}`,
          );
      }
    }
  }
  return { passed: different === 0, cutoffs, compared, different, examples };
}

interface NumbersToCompare {
  readonly model: string;
  readonly what: string;
  readonly before: Float64Array;
  readonly after: Float64Array;
}

function numbersOf(expected: ForecastTable, found: ForecastTable): NumbersToCompare[] {
  return expected.models.flatMap(({ model, point, intervals }, m) => {
    const other = found.models[m];
    return [
      { model, what: 'forecast', before: point, after: other.point },
      ...intervals.flatMap(({ level, lower, upper }, k) => [
        {
          model,
          what: `lower end of the ${level} % interval`,
          before: lower,
          after: other.intervals[k].lower,
        },
        {
          model,
          what: `upper end of the ${level} % interval`,
          before: upper,
          after: other.intervals[k].upper,
        },
      ]),
    ];
  });
}

function describeCell({ starts, series, horizon, step }: ForecastTable, cell: number): string {
  const start = starts[Math.floor(cell / (series.length * horizon))];
  const { id } = series[Math.floor(cell / horizon) % series.length];
  return `${id} at ${formatTime(start + (cell % horizon) * step)}`;
}
