import type { ScoreRow } from '../metrics/scores.ts';
import { count, fixed, percent, reading, unitText } from './numberText.ts';

/** How a column of scores is read, named and written. */
export interface MetricColumn {
  readonly name: string;
  /** Key of the metric's definition. */
  readonly definition: string;
  readonly label: string;
  /** Which end of the scale is the better one; `near` is nearest to `target`. */
  readonly better: 'low' | 'high' | 'near' | 'none';
  readonly target: number;
  read(row: ScoreRow): number;
  write(value: number): string;
}

/** The columns of a table of scores; `units` are the units of the series scored, `levels` those of the intervals. */
export function metricColumns(units: readonly string[], levels: readonly number[]): MetricColumn[] {
  const distinct = new Set(units);
  const unit = distinct.size === 1 ? unitText([...distinct][0]) : 'mixed units';
  const inUnit = (name: string) => (unit === '' ? name : `${name}, ${unit}`);
  const column = (
    name: string,
    label: string,
    better: MetricColumn['better'],
    write: MetricColumn['write'],
    read: MetricColumn['read'],
  ): MetricColumn => ({ name, definition: name, label, better, target: Number.NaN, read, write });
  return [
    column(
      'smape',
      'SMAPE (0\u00a0to\u00a02)',
      'low',
      (value) => fixed(value, 4),
      (row) => row.smape,
    ),
    column('mae', inUnit('MAE'), 'low', reading, (row) => row.mae),
    column('rmse', inUnit('RMSE'), 'low', reading, (row) => row.rmse),
    column(
      'mase',
      'MASE',
      'low',
      (value) => fixed(value, 3),
      (row) => row.mase,
    ),
    column('skill', 'Skill', 'high', percent, (row) => row.skill),
    column('pinball', inUnit('Pinball'), 'low', reading, (row) => row.pinball),
    ...levels.map(
      (level): MetricColumn => ({
        name: `coverage${level}`,
        definition: 'coverage',
        label: `Inside ${level}\u00a0%`,
        better: 'near',
        target: level / 100,
        read: (row) => row.coverage[level] ?? Number.NaN,
        write: percent,
      }),
    ),
    ...levels.map(
      (level): MetricColumn => ({
        name: `width${level}`,
        definition: 'width',
        label: inUnit(`Width ${level}\u00a0%`),
        better: 'none',
        target: Number.NaN,
        read: (row) => row.width[level] ?? Number.NaN,
        write: reading,
      }),
    ),
    column('points', 'Points', 'none', count, (row) => row.points),
    column('missing', 'Not forecast', 'low', count, (row) => row.missing),
  ];
}

/** Indices of the rows with the best number of a column; none when there is nothing to compare. */
export function bestRows(column: MetricColumn, values: readonly number[]): Set<number> {
  const worth = values.map((value) =>
    column.better === 'low' ? -value : column.better === 'high' ? value : -Math.abs(value - column.target),
  );
  const finite = worth.filter((value) => Number.isFinite(value));
  if (column.better === 'none' || finite.length < 2) return new Set();
  const best = Math.max(...finite);
  return new Set(worth.flatMap((value, index) => (value === best ? [index] : [])));
}
