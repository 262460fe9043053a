import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { byData, byId } from './dom.ts';
import { type NumberTable, numbersPart } from './numbers.ts';
import { onThemeChange } from './theme.ts';

use([
  LineChart,
  ScatterChart,
  CustomChart,
  GridComponent,
  TooltipComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  MarkLineComponent,
  CanvasRenderer,
]);

/** What a chart shows, asked for anew whenever it is drawn. */
export interface ChartSpec {
  readonly name: string;
  /** Pixels. */
  height(): number;
  build(): EChartsCoreOption;
  /** The chart in a sentence or two, for who cannot see it. */
  words(): string;
  numbers(): NumberTable;
  /** Moves a cursor to the `index`-th point and says what is there; `undefined` outside. */
  readonly cursor?: ChartCursor;
  /** Called once after the first drawing. */
  attach?(chart: EChartsType, container: HTMLElement): void;
}

/** How the arrow keys walk a chart. */
export interface ChartCursor {
  count(): number;
  /** Value on the x axis. */
  at(index: number): number;
  say(index: number): string;
  readonly zoomable: boolean;
}

/** A chart on the page. */
export interface PlacedChart {
  /** Marks it as out of date; it is drawn again at once when visible, else when it comes into view. */
  refresh(): void;
}

/** Puts a chart into its place; drawn only once it comes near the window, or when the page is printed. */
export function placeChart(spec: ChartSpec): PlacedChart {
  const found = byData('chart', spec.name);
  if (!found) return { refresh: () => {} };
  const container = found;
  const refreshNumbers = numbersPart(spec.name, () => spec.numbers());
  let chart: EChartsType | undefined;
  let stale = true;
  let visible = false;

  function draw(): void {
    if (!stale) return;
    stale = false;
    container.style.height = `${spec.height()}px`;
    if (!chart) {
      chart = init(container, undefined, { renderer: 'canvas', useDirtyRect: false });
      new ResizeObserver(() => chart?.resize()).observe(container);
      if (spec.cursor) attachKeys(chart, container, spec.name, spec.cursor);
      chart.setOption(spec.build());
      spec.attach?.(chart, container);
    } else {
      chart.resize();
      chart.setOption(spec.build(), { notMerge: true });
    }
    container.dataset.drawn = 'true';
    const words = byId(`words-${spec.name}`);
    if (words) words.textContent = spec.words();
  }

  function refresh(): void {
    stale = true;
    delete container.dataset.drawn;
    refreshNumbers();
    if (visible) draw();
  }

  new IntersectionObserver(
    (entries) => {
      visible = entries[entries.length - 1].isIntersecting;
      if (visible) draw();
    },
    { rootMargin: '300px' },
  ).observe(container);
  container.addEventListener('focus', draw);
  onThemeChange(refresh);
  addEventListener('beforeprint', () => {
    draw();
    chart?.resize({ width: Math.min(container.clientWidth, 720) });
  });
  addEventListener('afterprint', () => chart?.resize({ width: 'auto' }));
  return { refresh };
}

function attachKeys(chart: EChartsType, container: HTMLElement, name: string, cursor: ChartCursor): void {
  const readout = byData('readout', name);
  let index = -1;

  function moveTo(next: number): void {
    const [first, last] = shown(chart, cursor);
    index = Math.min(Math.max(next, first), last);
    const x = chart.convertToPixel({ xAxisIndex: 0 }, cursor.at(index));
    chart.dispatchAction({ type: 'showTip', x, y: container.clientHeight / 3 });
    if (readout) readout.textContent = cursor.say(index);
  }

  container.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || cursor.count() === 0) return;
    const stride = event.shiftKey ? 24 : 1;
    const [first, last] = shown(chart, cursor);
    const moves: Record<string, () => void> = {
      ArrowLeft: () => moveTo(index < 0 ? last : index - stride),
      ArrowRight: () => moveTo(index < 0 ? first : index + stride),
      Home: () => moveTo(first),
      End: () => moveTo(last),
      Escape: () => chart.dispatchAction({ type: 'hideTip' }),
      ...(cursor.zoomable && {
        '+': () => zoom(chart, 0.5),
        '=': () => zoom(chart, 0.5),
        '-': () => zoom(chart, 2),
      }),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
  container.addEventListener('blur', () => chart.dispatchAction({ type: 'hideTip' }));
}

// First and last point that the current zoom shows.
function shown(chart: EChartsType, cursor: ChartCursor): [number, number] {
  const last = cursor.count() - 1;
  if (!cursor.zoomable) return [0, last];
  const [start, end] = zoomOf(chart);
  return [Math.ceil((start / 100) * last), Math.floor((end / 100) * last)];
}

/** Zooms about the middle of what shows. */
export function zoom(chart: EChartsType, factor: number): void {
  const [start, end] = zoomOf(chart);
  const middle = (start + end) / 2;
  const half = Math.min(50, Math.max(0.05, ((end - start) / 2) * factor));
  const from = Math.min(Math.max(0, middle - half), 100 - 2 * half);
  chart.dispatchAction({ type: 'dataZoom', start: from, end: from + 2 * half });
}

// Percent of the axis that shows.
function zoomOf(chart: EChartsType): [number, number] {
  const zooms = (chart.getOption() as { dataZoom?: { start?: number; end?: number }[] }).dataZoom;
  return [zooms?.[0]?.start ?? 0, zooms?.[0]?.end ?? 100];
}
