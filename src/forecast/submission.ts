import { writeFile } from 'node:fs/promises';
import { writingFailed } from '../core/outputFiles.ts';
import { cellOf, type ForecastTable } from '../metrics/forecastTable.ts';
import { kddMeasures, kddScoredStations } from '../panel/kddTargets.ts';

/**
 * Writes forecasts of one start in the layout of KDD Cup 2018's submissions: `test_id,PM2.5,PM10,O3`, a row for each of
 * the 48 stations and 48 hours (`dongsi_aq#0`) in the order of the competition's sample, London without O3. What was
 * not forecast is 0, as the competition counts it.
 *
 * @param table of hourly forecasts; the last start is written.
 * @param model index of the model in the table.
 * @returns the stations without any forecast.
 */
export async function writeSubmission(table: ForecastTable, model: number, path: string): Promise<string[]> {
  const { point } = table.models[model];
  const start = table.starts.length - 1;
  const indexOf = new Map(
    table.series.map(({ station, measure }, index) => [`${station}#${measure}`, index]),
  );
  const lines = [`test_id,${columns.join(',')}`];
  const silent: string[] = [];
  for (const [position, station] of kddScoredStations.entries()) {
    const measures = kddMeasures(position < beijingStations ? 'Beijing' : 'London');
    let forecasts = 0;
    for (let step = 0; step < submissionHours; step++) {
      const cells = columns.map((measure) => {
        if (!measures.includes(measure)) return '';
        const series = indexOf.get(`${station}#${measure}`);
        if (series === undefined || step >= table.horizon) return '0';
        const value = point[cellOf(table, start, series, step)];
        if (Number.isNaN(value)) return '0';
        forecasts++;
        return String(value);
      });
      lines.push(`${station}#${step},${cells.join(',')}`);
    }
    if (forecasts === 0) silent.push(station);
  }
  await writeFile(path, `${lines.join('\n')}\n`).catch((cause) => {
    throw writingFailed(path, cause);
  });
  return silent;
}

/** File names of submissions, one a model; the first is the one to hand in: `submission.csv`. */
export function submissionNames({ models }: ForecastTable): string[] {
  return models.map(({ model }, index) =>
    index === 0 ? 'submission.csv' : `submission-${model.replace(/[^\w.]+/g, '-')}.csv`,
  );
}

const columns = ['PM2.5', 'PM10', 'O3'];
const submissionHours = 48;
const beijingStations = 35;
