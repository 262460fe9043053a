import { csvField, csvNumber, writeCsv } from '../core/csvText.ts';
import { cellOf, type ForecastTable } from '../metrics/forecastTable.ts';
import { formatTime } from '../panel/timeText.ts';
import { longColumns } from '../panel/writePanel.ts';
import { csvToParquet } from '../tables/writeTable.ts';

/**
 * Writes a table of forecasts as CSV and as Parquet: `unique_id,ds,cutoff,model,y,yhat` and the ends of the intervals
 * `lo-80,hi-80,…`; without truth (`future`) `unique_id,ds,model,yhat` and the intervals. Times are UTC; what is missing
 * is an empty field, and NULL in Parquet.
 */
export async function writeForecastFiles(
  table: ForecastTable,
  csvPath: string,
  parquetPath: string,
  { future = false }: { future?: boolean } = {},
): Promise<void> {
  const levels = table.models[0]?.intervals.map(({ level }) => level) ?? [];
  const bounds = levels.flatMap((level) => [`lo-${level}`, `hi-${level}`]);
  const columns = future
    ? ['unique_id', 'ds', 'model', 'yhat', ...bounds]
    : ['unique_id', 'ds', 'cutoff', 'model', 'y', 'yhat', ...bounds];
  await writeCsv(csvPath, columns, linesOf(table, future));
  await csvToParquet(csvPath, parquetPath, longColumns(columns));
}

function* linesOf(table: ForecastTable, future: boolean): Generator<string> {
  const quoted = table.series.map(({ id }) => csvField(id));
  for (let start = 0; start < table.starts.length; start++) {
    const cutoff = formatTime(table.cutoffs[start]);
    const times = Array.from({ length: table.horizon }, (_, step) =>
      formatTime(table.starts[start] + step * table.step),
    );
    for (const { model, point, intervals } of table.models) {
      for (let series = 0; series < table.series.length; series++) {
        let text = '';
        for (let step = 0; step < table.horizon; step++) {
          const cell = cellOf(table, start, series, step);
          text += `${quoted[series]},${times[step]},`;
          if (!future) text += `${cutoff},`;
          text += `${csvField(model)},`;
          if (!future) text += `${csvNumber(table.truth[cell])},`;
          text += csvNumber(point[cell]);
          for (const { lower, upper } of intervals)
            text += `,${csvNumber(lower[cell])},${csvNumber(upper[cell])}`;
          text += '\n';
        }
        yield text;
      }
    }
  }
}
