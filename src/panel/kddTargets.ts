import type { Panel } from './panel.ts';
import { selectSeries } from './panel.ts';
import type { ReadingReport } from './readingReport.ts';

/** Measures that KDD Cup 2018 scored, by city; cities it did not have are treated like Beijing. */
export function kddMeasures(city: string): readonly string[] {
  return city === 'London' ? ['PM2.5', 'PM10'] : ['PM2.5', 'PM10', 'O3'];
}

/** The series that KDD Cup 2018 asked for: PM2.5, PM10 and O3 of Beijing, PM2.5 and PM10 of London. */
export function kddTargets(panel: Panel): Panel {
  return selectSeries(panel, ({ city, measure }) => kddMeasures(city).includes(measure));
}

/** Whether all files are of KDD Cup 2018. */
export function isKdd2018({ files }: ReadingReport): boolean {
  return files.length > 0 && files.every(({ layout }) => layout.startsWith('kdd2018'));
}
