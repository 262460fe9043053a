import type { CustomSeriesRenderItem } from 'echarts';
import { reading } from '../numberText.ts';
import { type Child, dataText, element } from './dom.ts';
import type { Page } from './page.ts';
import { type Palette, palette } from './theme.ts';
import { timeAxisLabels } from './times.ts';

/** Whether fingers are the pointer: charts then leave dragging to the page, which has to scroll. */
export const touch = matchMedia('(pointer: coarse), (any-pointer: coarse) and (width < 900px)').matches;

/** What every chart begins with. */
export function chartBase(): Record<string, unknown> {
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: {
      left: 8,
      right: 16,
      top: 12,
      bottom: 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
  };
}

/** A horizontal axis of wall-clock times. */
export function timeAxis(more: Record<string, unknown> = {}): Record<string, unknown> {
  const { line, muted } = palette();
  return {
    type: 'time',
    axisLine: { lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    axisLabel: {
      color: muted,
      fontSize: 12,
      hideOverlap: true,
      alignMaxLabel: 'right',
      formatter: timeAxisLabels,
    },
    splitLine: { show: false },
    ...more,
  };
}

/** A vertical axis of values. */
export function valueAxis(more: Record<string, unknown> = {}): Record<string, unknown> {
  const { line, muted } = palette();
  return {
    type: 'value',
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: muted,
      fontSize: 12,
      formatter: (value: number) =>
        reading(value)
          .replace(/(\.\d*?)0+$/, '$1')
          .replace(/\.$/, ''),
    },
    splitLine: { lineStyle: { color: line } },
    ...more,
  };
}

/** The label that follows the pointer, its lines built by `lines` from the value on the x axis. */
export function axisTooltip(lines: (x: number) => Node | undefined): Record<string, unknown> {
  const { surface, line, ink, muted } = palette();
  return {
    trigger: 'axis',
    // On the other side of the chart, so that it covers nothing near the pointer.
    position: (
      [x]: number[],
      _: unknown,
      __: unknown,
      ___: unknown,
      size: { viewSize: number[]; contentSize: number[] },
    ) => [x < size.viewSize[0] / 2 ? size.viewSize[0] - size.contentSize[0] - 10 : 10, 10],
    transitionDuration: 0,
    backgroundColor: surface,
    borderColor: line,
    borderWidth: 1,
    padding: [8, 12],
    textStyle: { color: ink, fontSize: 13 },
    axisPointer: { type: 'line', lineStyle: { color: muted, type: 'solid', width: 1 } },
    formatter: (parameters: { axisValue: number }[]) => lines(Number(parameters[0]?.axisValue)) ?? '',
  };
}

/** One line of a label: a name with its colour, and a value. */
export function tooltipRow(colour: string | undefined, name: Child, value: string): HTMLElement {
  const swatch = element('span', { class: 'swatch', 'aria-hidden': 'true' });
  if (colour) swatch.style.background = colour;
  return element(
    'div',
    { class: 'tip-row' },
    colour ? swatch : undefined,
    element('span', {}, name),
    element('b', {}, value),
  );
}

/** A label of a heading and lines. */
export function tooltipBox(heading: string, ...rows: Child[]): HTMLElement {
  return element('div', { class: 'tip' }, element('div', { class: 'tip-heading' }, heading), ...rows);
}

/** Colour of a model throughout the page. */
export function modelColour(model: number, { models }: Palette = palette()): string {
  return models[model % models.length];
}

/** Dash of a model's line, so that models differ by more than colour. */
export function modelDash(model: number): 'solid' | number[] {
  const dashes: ('solid' | number[])[] = ['solid', [6, 3], [2, 2.5], [9, 3, 2, 3], [12, 4], [4, 4]];
  return dashes[model % dashes.length];
}

/** A model's name for a label. */
export function modelName(page: Page, model: number): HTMLElement {
  return dataText(page.payload.models[model]);
}

/** Interleaves x and y for a line or scatter series; takes typed arrays as they are. */
export function points(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const flat = new Float64Array(2 * y.length);
  for (let i = 0; i < y.length; i++) {
    flat[2 * i] = x[i];
    flat[2 * i + 1] = y[i];
  }
  return flat;
}

/** A shaded stretch between two lines, broken where either is missing. */
export function band(
  x: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  colour: string,
  opacity: number,
): Record<string, unknown> {
  const renderItem: CustomSeriesRenderItem = (parameters, api) => {
    if (parameters.dataIndexInside > 0) return null;
    const polygons: number[][][] = [];
    let low: number[][] = [];
    let high: number[][] = [];
    for (let i = 0; i <= x.length; i++) {
      if (i < x.length && !Number.isNaN(lower[i]) && !Number.isNaN(upper[i])) {
        low.push(api.coord([x[i], lower[i]]));
        high.push(api.coord([x[i], upper[i]]));
      } else if (low.length > 0) {
        polygons.push([...high, ...low.reverse()]);
        low = [];
        high = [];
      }
    }
    return {
      type: 'group',
      children: polygons.map((polygon) => ({
        type: 'polygon' as const,
        shape: { points: polygon },
        style: { fill: colour, opacity },
      })),
    };
  };
  const data = Array.from({ length: x.length }, (_, i) => [x[i], orNull(lower[i]), orNull(upper[i])]);
  return {
    type: 'custom',
    data,
    encode: { x: 0, y: [1, 2] },
    renderItem,
    silent: true,
    clip: true,
    z: 1,
    tooltip: { show: false },
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
