import { points } from './lines.ts';
import type { Page } from './page.ts';
import { palette } from './theme.ts';

/** Symbols of filled cells, one a step, so that steps differ by more than colour. */
export const fillSymbols = ['circle', 'triangle', 'diamond', 'rect', 'roundRect', 'arrow'];

/** Colour of the cells that the `step`-th fill step filled, counted from 1. */
export function fillColour(step: number): string {
  const { fills } = palette();
  return fills[(step - 1) % fills.length];
}

/** Marks on the filled cells of a stretch of a series, one chart series a fill step. */
export function fillMarks(
  { payload }: Page,
  times: Float64Array,
  values: Float32Array,
  filledBy: Float32Array,
): Record<string, unknown>[] {
  return payload.fillSteps.flatMap((_, index) => {
    const cells = cellsOf(filledBy, index + 1);
    if (cells.length === 0) return [];
    return {
      type: 'scatter',
      data: points(
        cells.map((cell) => times[cell]),
        cells.map((cell) => values[cell]),
      ),
      dimensions: ['time', 'value'],
      symbol: fillSymbols[index % fillSymbols.length],
      symbolSize: 4.5,
      large: cells.length > 2000,
      itemStyle: { color: fillColour(index + 1) },
      silent: true,
      z: 5,
      tooltip: { show: false },
    };
  });
}

/** Cells that a fill step filled, counted from 1. */
export function cellsOf(filledBy: Float32Array, step: number): number[] {
  const cells: number[] = [];
  for (let i = 0; i < filledBy.length; i++) if (filledBy[i] === step) cells.push(i);
  return cells;
}
