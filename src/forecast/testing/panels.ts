import { createPanel, type Panel, type PanelShape } from '../../panel/panel.ts';

/** A small panel of given rows of values; ids are `s0`, `s1`, ... from midnight of 1 January 1970 UTC, hourly. */
export function panelOf(
  rows: readonly (readonly number[])[],
  shape: Partial<Omit<PanelShape, 'series'>> & { cities?: readonly string[] } = {},
): Panel {
  const { cities = [], ...axis } = shape;
  const panel = createPanel({
    start: 0,
    length: rows[0]?.length ?? 1,
    ...axis,
    series: rows.map((_, index) => ({ id: `s${index}`, city: cities[index] ?? '' })),
  });
  for (const [index, row] of rows.entries()) panel.series[index].values.set(row);
  return panel;
}

/** `count` values from a function of their position. */
export function valuesOf(count: number, value: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => value(index));
}
