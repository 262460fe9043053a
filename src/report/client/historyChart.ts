import type { EChartsType } from 'echarts/core';
import { percent, plural, reading, stepText, unitText } from '../numberText.ts';
import { type PlacedChart, placeChart } from './chart.ts';
import { choice, showControls } from './controls.ts';
import { dataText, element } from './dom.ts';
import { cellsOf, fillColour, fillMarks, fillSymbols } from './fillMarks.ts';
import { fillReasons } from './fillReasons.ts';
import {
  axisTooltip,
  chartBase,
  points,
  timeAxis,
  tooltipBox,
  tooltipRow,
  touch,
  valueAxis,
} from './lines.ts';
import type { NumberTable } from './numbers.ts';
import { type Page, seriesName } from './page.ts';
import { palette } from './theme.ts';
import { dayText, momentText, wallClocks } from './times.ts';

/** The history of the chosen series, filled cells marked by the step that filled them. */
export function historyChart(page: Page): PlacedChart {
  const { payload } = page;
  const times = wallClocks(payload, payload.start, payload.length);
  const indexOf = new Map(Array.from(times, (time, index) => [time, index]));
  const span = payload.length * payload.step;
  // Zoom in percent, kept from one series to the next so that they can be compared.
  let shown = { start: 0, end: 100 };
  let chart: EChartsType | undefined;

  function build() {
    const { ink, muted, line, accent, surface } = palette();
    const { values, filledBy } = page.chunk;
    return {
      ...chartBase(),
      xAxis: timeAxis({ min: times[0], max: times[times.length - 1] }),
      yAxis: valueAxis({ scale: true }),
      tooltip: axisTooltip((time) => {
        const index = indexOf.get(time);
        if (index === undefined) return undefined;
        const step = filledBy[index];
        return tooltipBox(
          momentText(payload, times[index]),
          tooltipRow(
            step > 0 ? fillColour(step) : ink,
            step > 0 ? element('span', {}, 'filled by ', dataText(payload.fillSteps[step - 1])) : 'observed',
            withUnit(values[index]),
          ),
          ...fillReasons(page, index).map(({ name, value }) => tooltipRow(undefined, name, value)),
        );
      }),
      dataZoom: [
        {
          type: 'inside',
          ...shown,
          disabled: touch,
          zoomOnMouseWheel: 'ctrl',
          moveOnMouseWheel: false,
          preventDefaultMouseMove: !touch,
          filterMode: 'filter',
        },
        {
          type: 'slider',
          ...shown,
          height: touch ? 36 : 26,
          bottom: 6,
          left: 10,
          right: 10,
          showDetail: false,
          brushSelect: false,
          handleSize: touch ? '130%' : '100%',
          borderColor: line,
          backgroundColor: 'transparent',
          fillerColor: withAlpha(accent, 0.12),
          handleStyle: { color: surface, borderColor: accent },
          moveHandleStyle: { color: accent, opacity: 0.5 },
          dataBackground: {
            lineStyle: { color: muted, opacity: 0.5 },
            areaStyle: { color: muted, opacity: 0.15 },
          },
          selectedDataBackground: {
            lineStyle: { color: accent },
            areaStyle: { color: accent, opacity: 0.15 },
          },
          filterMode: 'filter',
        },
      ],
      grid: { ...(chartBase().grid as object), bottom: touch ? 52 : 42 },
      series: [
        {
          type: 'line',
          data: points(times, values),
          dimensions: ['time', 'value'],
          showSymbol: false,
          sampling: 'lttb',
          lineStyle: { color: ink, width: 1.1 },
          itemStyle: { color: ink },
          z: 2,
          emphasis: { disabled: true },
        },
        ...fillMarks(page, times, values, filledBy),
      ],
    };
  }

  function withUnit(value: number): string {
    const { unit } = payload.series[page.choices.series];
    return Number.isNaN(value) ? 'missing' : `${reading(value)} ${unitText(unit)}`.trim();
  }

  function words(): string {
    const { values } = page.chunk;
    const { observed, filled } = payload.series[page.choices.series];
    const present = values.filter((value) => !Number.isNaN(value));
    if (present.length === 0) return `${seriesName(payload, page.choices.series)}: no values.`;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of present) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return (
      `Line chart of ${seriesName(payload, page.choices.series)}, ${plural(payload.length, stepText(payload.step))} ` +
      `from ${momentText(payload, times[0])} to ${momentText(payload, times[times.length - 1])}: ` +
      `lowest ${withUnit(low)}, highest ${withUnit(high)}; ${percent(observed / payload.length)} observed, ` +
      `${percent(filled / payload.length)} filled.`
    );
  }

  function showRange(share: number): void {
    const end = Math.min(100, Math.max(shown.end, share * 100));
    chart?.dispatchAction({ type: 'dataZoom', start: end - share * 100, end });
  }

  function controls(): void {
    const { filledBy, values } = page.chunk;
    const ranges = [
      { value: '1', label: 'All' },
      ...[365, 90, 30, 7]
        .filter((days) => days * day < 0.95 * span)
        .map((days) => ({
          value: String((days * day) / span),
          label: days === 365 ? '1 year' : `${days} days`,
        })),
    ];
    const chosen = ranges.find(
      ({ value }) => Math.abs(Number(value) * 100 - (shown.end - shown.start)) < 0.01,
    );
    let missing = 0;
    for (const value of values) if (Number.isNaN(value)) missing++;
    showControls('history', [
      choice({
        label: 'Show',
        options: ranges,
        value: chosen?.value ?? '',
        onChoose: (value) => showRange(Number(value)),
      }),
      fillLegend(page, filledBy, missing),
    ]);
  }

  const placed = placeChart({
    name: 'history',
    height: () => (innerWidth < 600 ? 300 : 360),
    build,
    words,
    numbers: () => dailyTable(page, times),
    cursor: {
      count: () => payload.length,
      at: (index) => times[index],
      say: (index) => {
        const step = page.chunk.filledBy[index];
        const reasons = fillReasons(page, index).map(({ name, value }) => `; ${name}: ${value}`);
        const by = step > 0 ? `, filled by ${payload.fillSteps[step - 1]}${reasons.join('')}` : '';
        return `${momentText(payload, times[index])}: ${withUnit(page.chunk.values[index])}${by}`;
      },
      zoomable: true,
    },
    attach: (made) => {
      chart = made;
      chart.on('datazoom', (event) => {
        const { start, end, batch } = event as ZoomEvent;
        const range = batch?.[0] ?? { start, end };
        if (range.start === undefined || range.end === undefined) return;
        shown = { start: range.start, end: range.end };
        controls();
      });
    },
  });
  const refresh = () => {
    controls();
    placed.refresh();
  };
  page.watch(['series'], refresh);
  controls();
  return { refresh };
}

/** Milliseconds. */
const day = 86_400_000;

interface ZoomEvent {
  readonly start?: number;
  readonly end?: number;
  readonly batch?: readonly { readonly start?: number; readonly end?: number }[];
}

function fillLegend({ payload }: Page, filledBy: Float32Array, missing: number): HTMLElement {
  const { ink } = palette();
  const steps = payload.fillSteps.map((name, step) => {
    const cells = cellsOf(filledBy, step + 1).length;
    return cells > 0 ? legendItem(step, dataText(name), cells) : undefined;
  });
  const line = element('span', { class: 'swatch line', 'aria-hidden': 'true' });
  line.style.background = ink;
  return element(
    'ul',
    { class: 'legend' },
    element('li', {}, line, 'observed'),
    ...steps,
    missing > 0 && element('li', { class: 'note' }, `${plural(missing, stepText(payload.step))} missing`),
  );
}

function legendItem(step: number, name: Node, cells: number): HTMLElement {
  const swatch = element('span', {
    class: `swatch mark-${fillSymbols[step % fillSymbols.length]}`,
    'aria-hidden': 'true',
  });
  swatch.style.background = fillColour(step + 1);
  return element(
    'li',
    {},
    swatch,
    element('span', {}, 'filled by ', name),
    element('b', {}, cells.toLocaleString('en-US')),
  );
}

// By day, since nobody reads ten thousand rows.
function dailyTable(page: Page, times: Float64Array): NumberTable {
  const { payload } = page;
  const { values, filledBy } = page.chunk;
  const rows: string[][] = [];
  for (let from = 0; from < times.length; ) {
    const date = Math.floor(times[from] / day);
    let [to, sum, low, high, present, filled] = [from, 0, Number.NaN, Number.NaN, 0, 0];
    for (; to < times.length && Math.floor(times[to] / day) === date; to++) {
      const value = values[to];
      if (Number.isNaN(value)) continue;
      sum += value;
      low = present === 0 ? value : Math.min(low, value);
      high = present === 0 ? value : Math.max(high, value);
      present++;
      if (filledBy[to] > 0) filled++;
    }
    rows.push([
      dayText(times[from]),
      ...[sum / present, low, high].map(reading),
      ...[present - filled, filled, to - from - present].map(String),
    ]);
    from = to;
  }
  const unit = unitText(payload.series[page.choices.series].unit);
  return {
    caption: `${seriesName(payload, page.choices.series)} by day${unit && `, ${unit}`}`,
    heads: ['Day', 'Mean', 'Lowest', 'Highest', 'Observed', 'Filled', 'Missing'],
    rows: rows.reverse(),
  };
}

function withAlpha(colour: string, alpha: number): string {
  return colour.replace(/^rgb\((.*)\)$/, (_, channels) => `rgba(${channels}, ${alpha})`);
}
