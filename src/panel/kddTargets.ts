import { kddStations } from './kddStations.ts';
import type { Panel, SeriesAttributes } from './panel.ts';
import { selectSeries } from './panel.ts';
import type { ReadingReport } from './readingReport.ts';

/** Measures that KDD Cup 2018 scored, by city; cities it did not have are treated like Beijing. */
export function kddMeasures(city: string): readonly string[] {
  return city === 'London' ? ['PM2.5', 'PM10'] : ['PM2.5', 'PM10', 'O3'];
}

/** The 35 stations of Beijing and 13 of London that KDD Cup 2018 scored, in the order of its sample submission. */
export const kddScoredStations: readonly string[] = [
  ...[...kddStations].filter(([, { city }]) => city === 'Beijing').map(([id]) => id),
  ...['CD1', 'BL0', 'GR4', 'MY7', 'HV1', 'GN3', 'GR9', 'LW2', 'GN0', 'KF1', 'CD9', 'ST5', 'TH4'],
];

/**
 * Whether KDD Cup 2018 scored a series: PM2.5, PM10 and O3 of Beijing, PM2.5 and PM10 of London, but not at the
 * eleven stations of London whose readings it gave out beside those it scored.
 */
export function isKddTarget({
  city,
  station,
  measure,
}: Pick<SeriesAttributes, 'city' | 'station' | 'measure'>): boolean {
  const unscored = kddStations.has(station) && !kddScoredStations.includes(station);
  return !unscored && kddMeasures(city).includes(measure);
}

/** The series that KDD Cup 2018 asked for, see {@link isKddTarget}. */
export function kddTargets(panel: Panel): Panel {
  return selectSeries(panel, isKddTarget);
}

/** Whether all files are of KDD Cup 2018. */
export function isKdd2018({ files }: ReadingReport): boolean {
  return files.length > 0 && files.every(({ layout }) => layout.startsWith('kdd2018'));
}
