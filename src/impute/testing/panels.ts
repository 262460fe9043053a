import { createPanel, type Panel } from '../../panel/panel.ts';

/** A panel of given rows, `null` for missing, one series a row: `s0`, `s1`, … */
export function panelOf(
  rows: readonly (readonly (number | null)[])[],
  shape: { start?: number; timeZone?: string; step?: number } = {},
): Panel {
  const panel = createPanel({
    start: Date.UTC(2018, 0, 1),
    length: rows[0].length,
    ...shape,
    series: rows.map((_, index) => ({ id: `s${index}` })),
  });
  for (const [index, row] of rows.entries())
    panel.series[index].values.set(row.map((value) => value ?? Number.NaN));
  return panel;
}
