import type { CustomSeriesRenderItem } from 'echarts';
import type { EChartsType } from 'echarts/core';
import { percent, plural, stepText } from '../numberText.ts';
import { type PlacedChart, placeChart } from './chart.ts';
import { choice, showControls } from './controls.ts';
import { byData, dataText, element } from './dom.ts';
import { hideHint, showHint } from './hint.ts';
import { chartBase, timeAxis } from './lines.ts';
import { measuresOf, type Page, seriesName } from './page.ts';
import { palette } from './theme.ts';
import { dayText, momentText } from './times.ts';

/** Heat map of what was observed, filled by which step, or missing, a row a series. */
export function missingChart(page: Page, counts: readonly Float32Array[]): PlacedChart {
  const { payload } = page;
  const { missing } = payload;
  if (!missing) return { refresh: () => {} };
  const { columns, columnLength } = missing;
  const states = payload.fillSteps.length + 2;
  let cursor = { row: 0, column: 0 };
  let made: EChartsType | undefined;

  const rows = () => {
    const wanted = page.choices.missingMeasure;
    return payload.series.flatMap(({ measure }, index) =>
      wanted === '' || measure === wanted ? [index] : [],
    );
  };
  const rowHeight = () => {
    const count = rows().length;
    return count > 60 ? 9 : count > 12 ? 15 : 22;
  };
  const labelOf = (index: number) =>
    page.choices.missingMeasure === ''
      ? seriesName(payload, index)
      : payload.series[index].station || payload.series[index].id;

  function build() {
    const { muted, line } = palette();
    const shown = rows();
    const picture = paint(
      shown.map((index) => counts[index]),
      columns.length,
      states,
    );
    const end = columns[columns.length - 1] + columnLength;
    const renderItem: CustomSeriesRenderItem = (_, api) => {
      const [left, top] = api.coord([columns[0], shown.length - 1]);
      const [right, bottom] = api.coord([end, 0]);
      const half = (bottom - top) / Math.max(1, shown.length - 1) / 2 || rowHeight() / 2;
      const [width, height] = [right - left, bottom - top + 2 * half];
      return {
        type: 'image',
        style: { image: enlarge(picture, width, height), x: left, y: top - half, width, height },
      };
    };
    return {
      ...chartBase(),
      xAxis: timeAxis({ min: columns[0], max: end, position: 'top' }),
      yAxis: {
        type: 'category',
        inverse: false,
        data: shown.map(labelOf).reverse(),
        axisLine: { lineStyle: { color: line } },
        axisTick: { show: false },
        axisLabel: {
          color: muted,
          fontSize: 11,
          interval: rowHeight() < 12 ? Math.ceil(13 / rowHeight()) - 1 : 0,
          width: innerWidth < 600 ? 76 : 190,
          overflow: 'truncate',
        },
      },
      series: [{ type: 'custom', data: [[columns[0], 0]], renderItem, silent: true, clip: false }],
    };
  }

  function describe(row: number, column: number): { heading: string; lines: [string, string][] } {
    const series = rows()[row];
    const cell = Array.from({ length: states }, (_, state) => counts[series][column * states + state]);
    const total = cell.reduce((sum, count) => sum + count, 0);
    const names = ['observed', ...payload.fillSteps.map((name) => `filled by ${name}`), 'missing'];
    const when =
      columnLength === payload.step
        ? momentText(payload, columns[column])
        : columnLength === 86_400_000
          ? dayText(columns[column])
          : `week of ${dayText(columns[column])}`;
    return {
      heading: when,
      lines: names.flatMap((name, state): [string, string][] =>
        cell[state] > 0 ? [[name, `${cell[state]} of ${plural(total, stepText(payload.step))}`]] : [],
      ),
    };
  }

  function cellAt(chart: EChartsType, x: number, y: number): { row: number; column: number } | undefined {
    if (!chart.containPixel('grid', [x, y])) return undefined;
    const [time, fromBottom] = chart.convertFromPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [x, y]);
    const row = rows().length - 1 - Math.round(fromBottom);
    let column = 0;
    while (column + 1 < columns.length && columns[column + 1] <= time) column++;
    return row >= 0 && row < rows().length ? { row, column } : undefined;
  }

  function hint(x: number, y: number, { row, column }: { row: number; column: number }): void {
    const { heading, lines } = describe(row, column);
    showHint(
      x,
      y,
      element('div', { class: 'tip-heading' }, dataText(seriesName(payload, rows()[row]))),
      element('div', {}, heading),
      ...lines.map(([name, value]) =>
        element('div', { class: 'tip-row' }, element('span', {}, dataText(name)), element('b', {}, value)),
      ),
    );
  }

  async function open(row: number): Promise<void> {
    await page.chooseSeries(rows()[row]);
    hideHint();
    document.getElementById('series')?.scrollIntoView();
    document.getElementById('series')?.focus({ preventScroll: true });
  }

  function attach(chart: EChartsType, container: HTMLElement): void {
    made = chart;
    const canvas = chart.getZr();
    canvas.on('mousemove', (event) => {
      const cell = cellAt(chart, event.offsetX, event.offsetY);
      canvas.setCursorStyle(cell ? 'pointer' : 'default');
      if (!cell) return hideHint();
      const box = container.getBoundingClientRect();
      hint(box.left + event.offsetX, box.top + event.offsetY, cell);
    });
    canvas.on('globalout', hideHint);
    canvas.on('click', (event) => {
      const cell = cellAt(chart, event.offsetX, event.offsetY);
      if (cell) void open(cell.row);
    });
    container.addEventListener('keydown', (event) => walk(event, container));
    container.addEventListener('blur', hideHint);
  }

  function walk(event: KeyboardEvent, container: HTMLElement): void {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [0, event.shiftKey ? -7 : -1],
      ArrowRight: [0, event.shiftKey ? 7 : 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      Home: [0, -columns.length],
      End: [0, columns.length],
    };
    if (event.key === 'Enter') {
      event.preventDefault();
      void open(cursor.row);
    }
    if (event.key === 'Escape') hideHint();
    const move = moves[event.key];
    if (!move || !made) return;
    event.preventDefault();
    cursor = {
      row: clamp(cursor.row + move[0], rows().length),
      column: clamp(cursor.column + move[1], columns.length),
    };
    const middle = columns[cursor.column] + columnLength / 2;
    const [x, y] = made.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [
      middle,
      rows().length - 1 - cursor.row,
    ]);
    const box = container.getBoundingClientRect();
    hint(box.left + x, box.top + y, cursor);
    const readout = byData('readout', 'missing');
    const { heading, lines } = describe(cursor.row, cursor.column);
    if (readout) {
      readout.textContent = `${seriesName(payload, rows()[cursor.row])}, ${heading}: ${lines.map((line) => line.join(' ')).join(', ')}`;
    }
  }

  function controls(): void {
    const measures = measuresOf(payload);
    showControls('missing', [
      choice({
        label: 'Measure',
        options: [
          { value: '', label: 'All' },
          ...measures.map((measure) => ({ value: measure, label: measure })),
        ],
        value: page.choices.missingMeasure,
        onChoose: (missingMeasure) => page.choose({ missingMeasure }),
      }),
      stateLegend(page),
    ]);
  }

  const placed = placeChart({
    name: 'missing',
    height: () => rows().length * rowHeight() + 40,
    build,
    words: () => {
      const observed = rows().reduce((sum, index) => sum + payload.series[index].observed, 0);
      const cells = rows().length * payload.length;
      return `Heat map of ${plural(rows().length, 'series', 'series')}; ${percent(observed / cells)} of all cells observed.`;
    },
    numbers: () => ({
      caption: `Share of ${stepText(payload.step)}s in each state`,
      heads: ['Series', 'Observed', ...payload.fillSteps.map((name) => `Filled by ${name}`), 'Missing'],
      rows: rows().map((index) => [
        dataText(seriesName(payload, index)),
        ...sums(counts[index], states).map((sum) => percent(sum / payload.length)),
      ]),
    }),
    attach,
  });
  const refresh = () => {
    cursor = { row: 0, column: 0 };
    controls();
    placed.refresh();
  };
  page.watch(['missingMeasure'], refresh);
  controls();
  return { refresh };
}

function stateLegend({ payload }: Page): HTMLElement {
  const { observed, missing, fills } = palette();
  const item = (colour: string, name: Node | string) => {
    const swatch = element('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = colour;
    return element('li', {}, swatch, name);
  };
  return element(
    'ul',
    { class: 'legend' },
    item(observed, 'observed'),
    ...payload.fillSteps.map((name, step) =>
      item(fills[step % fills.length], element('span', {}, 'filled by ', dataText(name))),
    ),
    item(missing, 'missing'),
  );
}

// One pixel a cell: the colour of the most frequent state but "observed", over the colour of observed.
function paint(counts: readonly Float32Array[], columns: number, states: number): HTMLCanvasElement {
  const { observed, missing, fills } = palette();
  const base = channels(observed);
  const colours = [
    base,
    ...Array.from({ length: states - 2 }, (_, i) => channels(fills[i % fills.length])),
    channels(missing),
  ];
  const canvas = element('canvas', { width: columns, height: counts.length });
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const image = context.createImageData(columns, counts.length);
  for (let row = 0; row < counts.length; row++) {
    for (let column = 0; column < columns; column++) {
      const from = column * states;
      let [state, other, total] = [0, 0, counts[row][from]];
      for (let k = 1; k < states; k++) {
        const count = counts[row][from + k];
        total += count;
        other += count;
        if (count > 0 && (state === 0 || count >= counts[row][from + state])) state = k;
      }
      const weight = state === 0 ? 0 : 0.3 + (0.7 * other) / total;
      for (let c = 0; c < 3; c++) {
        image.data[4 * (row * columns + column) + c] = base[c] + weight * (colours[state][c] - base[c]);
      }
      image.data[4 * (row * columns + column) + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// Cells must stay sharp, and the charts' own canvas would blur a small picture.
function enlarge(picture: HTMLCanvasElement, width: number, height: number): HTMLCanvasElement {
  const scale = devicePixelRatio || 1;
  const canvas = element('canvas', { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  // Hairlines between rows that are tall enough to bear them.
  if (height / picture.height >= 12) {
    context.fillStyle = palette().surface;
    for (let row = 1; row < picture.height; row++) {
      context.fillRect(0, Math.round((row * canvas.height) / picture.height), canvas.width, scale);
    }
  }
  return canvas;
}

function channels(colour: string): number[] {
  return (colour.match(/[\d.]+/g) ?? ['0', '0', '0']).slice(0, 3).map(Number);
}

function sums(counts: Float32Array, states: number): number[] {
  const totals = new Array<number>(states).fill(0);
  for (let i = 0; i < counts.length; i++) totals[i % states] += counts[i];
  return totals;
}

function clamp(value: number, count: number): number {
  return Math.min(Math.max(0, value), count - 1);
}
