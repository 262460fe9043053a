import { type MetricColumn, metricColumns } from '../metricTable.ts';
import { fixed, stepText } from '../numberText.ts';
import type { PayloadRow } from '../reportPayload.ts';
import { type PlacedChart, placeChart } from './chart.ts';
import { choice, showControls } from './controls.ts';
import { element, svg } from './dom.ts';
import {
  axisTooltip,
  chartBase,
  modelColour,
  modelDash,
  modelName,
  points,
  timeAxis,
  tooltipBox,
  tooltipRow,
  valueAxis,
} from './lines.ts';
import type { Page } from './page.ts';
import { palette } from './theme.ts';
import { dayText, momentText, wallClock } from './times.ts';

/** The columns of scores that the page can chart: those with a number for some model. */
export function chartedColumns({ payload }: Page): { column: MetricColumn; index: number }[] {
  const { scores } = payload;
  if (!scores) return [];
  return metricColumns(scores.units, scores.levels)
    .map((column, index) => ({ column, index }))
    .filter(
      ({ column, index }) =>
        column.name !== 'points' &&
        column.name !== 'missing' &&
        scores.models.some(({ byStep }) => byStep.some(({ row }) => row[index] !== null)),
    );
}

/** The choice of metric that the score charts and the map share. */
export function metricControl(page: Page): void {
  const draw = () =>
    showControls('metric', [
      choice({
        label: 'Metric',
        options: chartedColumns(page).map(({ column }) => ({ value: column.name, label: column.label })),
        value: page.choices.metric,
        onChoose: (metric) => page.choose({ metric }),
        buttonsAtMost: 0,
      }),
    ]);
  page.watch(['metric'], draw);
  draw();
}

/** Scores by the day the forecast starts, or the competition's score of each day. */
export function daysChart(page: Page): PlacedChart {
  const { payload } = page;
  const { scores } = payload;
  if (!scores) return { refresh: () => {} };
  const competition = scores.models.some((model) => model.competition);
  const rules = [
    { value: '', label: 'All points' },
    ...(competition ? ['Competition score', ...(scores.cities ?? [])] : []).map((name, index) => ({
      value: String(index),
      label: index === 0 ? name : `Competition, ${name}`,
    })),
  ];
  let rule = competition ? '0' : '';
  // Who chooses a metric wants to see it; the competition's score is one of its own.
  page.watch(['metric'], () => {
    rule = '';
  });

  return scoreLines(page, {
    name: 'days',
    axis: timeAxis,
    lines: () =>
      scores.models.map((model) => {
        const rows = rule === '' ? model.byStart : (model.competition ?? []);
        const index = rule === '' ? columnNow(page).index : Number(rule);
        return {
          model: model.model,
          x: rows.map(({ at }) => wallClock(payload, at)),
          y: rows.map(({ row }) => numberAt(row, index)),
        };
      }),
    column: () => (rule === '' ? columnNow(page).column : competitionColumn),
    at: (x) => (x % 86_400_000 === 0 ? dayText(x) : momentText(payload, x)),
    unit: 'start',
    controls: (redraw) =>
      choice({
        label: 'Score',
        options: rules,
        value: rule,
        onChoose: (value) => {
          rule = value;
          redraw();
        },
      }),
  });
}

/** Scores by how far ahead the forecast looks. */
export function stepsChart(page: Page): PlacedChart {
  const { payload } = page;
  const { scores } = payload;
  if (!scores) return { refresh: () => {} };
  const unit = stepText(payload.step);
  return scoreLines(page, {
    name: 'steps',
    axis: (more) =>
      valueAxis({
        ...more,
        min: 0,
        axisLine: { show: true, lineStyle: { color: palette().line } },
        splitLine: { show: false },
        interval: stepInterval(Math.max(...scores.models.map(({ byStep }) => byStep.length))),
        axisLabel: { color: palette().muted, fontSize: 12 },
      }),
    lines: () =>
      scores.models.map((model) => ({
        model: model.model,
        x: model.byStep.map(({ at }) => at),
        y: model.byStep.map(({ row }) => numberAt(row, columnNow(page).index)),
      })),
    column: () => columnNow(page).column,
    at: (x) => `${unit.charAt(0).toUpperCase()}${unit.slice(1)} ${x}`,
    unit: `${unit}s ahead`,
    controls: () => undefined,
  });
}

/** The chosen metric, or the first where the page has no such metric. */
export function columnNow(page: Page): { column: MetricColumn; index: number } {
  const columns = chartedColumns(page);
  return columns.find(({ column }) => column.name === page.choices.metric) ?? columns[0];
}

/** A number of a row, NaN where there is none. */
export function numberAt(row: PayloadRow | null | undefined, index: number): number {
  return row?.[index] ?? Number.NaN;
}

interface ScoreLines {
  readonly name: 'days' | 'steps';
  readonly unit: string;
  axis(more: Record<string, unknown>): Record<string, unknown>;
  lines(): { model: number; x: readonly number[]; y: readonly number[] }[];
  column(): MetricColumn;
  at(x: number): string;
  controls(redraw: () => void): HTMLElement | undefined;
}

const competitionColumn: MetricColumn = {
  name: 'competition',
  definition: 'smape',
  label: 'Competition score (0 to 2)',
  better: 'low',
  target: Number.NaN,
  read: () => Number.NaN,
  write: (value) => fixed(value, 4),
};

function scoreLines(page: Page, spec: ScoreLines): PlacedChart {
  const { payload } = page;

  function build() {
    const { muted, surface } = palette();
    const lines = spec.lines();
    const column = spec.column();
    const single = Math.max(...lines.map(({ x }) => x.length)) < 2;
    return {
      ...chartBase(),
      grid: { ...(chartBase().grid as object), top: 16 },
      xAxis: spec.axis({ min: lines[0]?.x[0], max: lines[0]?.x[lines[0].x.length - 1] }),
      yAxis: valueAxis({ scale: column.better === 'near' || column.better === 'high' }),
      tooltip: axisTooltip((x) =>
        tooltipBox(
          `${spec.at(x)}: ${column.label}`,
          ...lines.map(({ model, x: times, y }) =>
            tooltipRow(
              modelColour(model),
              modelName(page, model),
              column.write(y[times.indexOf(x)] ?? Number.NaN),
            ),
          ),
        ),
      ),
      series: lines.map(({ model, x, y }, index) => ({
        type: 'line',
        data: points(x, y),
        dimensions: ['at', 'score'],
        symbol: 'circle',
        symbolSize: single ? 9 : 5,
        showSymbol: x.length <= 62,
        lineStyle: { color: modelColour(model), width: 2, type: modelDash(model) },
        itemStyle: { color: modelColour(model), borderColor: surface, borderWidth: 0.5 },
        emphasis: { disabled: true },
        // A share inside an interval is right where it meets the level.
        markLine:
          index === 0 && Number.isFinite(column.target)
            ? {
                silent: true,
                symbol: 'none',
                lineStyle: { color: muted, type: [3, 3] },
                label: { color: muted, formatter: 'as meant', position: 'insideEndTop' },
                data: [{ yAxis: column.target }],
              }
            : undefined,
      })),
    };
  }

  function controls(): void {
    showControls(spec.name, [spec.controls(refresh), modelLegend(page, spec.lines())]);
  }

  const placed = placeChart({
    name: spec.name,
    height: () => (innerWidth < 600 ? 260 : 300),
    build,
    words: () => {
      const column = spec.column();
      const told = spec.lines().map(({ model, y }) => {
        const known = y.filter((value) => !Number.isNaN(value));
        return known.length === 0
          ? `${payload.models[model]} has none`
          : `${payload.models[model]} from ${column.write(Math.min(...known))} to ${column.write(Math.max(...known))}`;
      });
      return `Line chart of ${column.label} by ${spec.unit}: ${told.join('; ')}.`;
    },
    numbers: () => {
      const lines = spec.lines();
      const column = spec.column();
      return {
        caption: `${column.label} by ${spec.unit}`,
        heads: [spec.name === 'days' ? 'Start' : 'Ahead', ...lines.map(({ model }) => payload.models[model])],
        rows: (lines[0]?.x ?? []).map((x, i) => [
          spec.at(x),
          ...lines.map(({ y }) => column.write(y[i] ?? Number.NaN)),
        ]),
      };
    },
    cursor: {
      count: () => spec.lines()[0]?.x.length ?? 0,
      at: (index) => spec.lines()[0].x[index],
      say: (index) => {
        const lines = spec.lines();
        const told = lines.map(
          ({ model, y }) => `${payload.models[model]} ${spec.column().write(y[index] ?? Number.NaN)}`,
        );
        return `${spec.at(lines[0].x[index])}: ${told.join(', ')}`;
      },
      zoomable: false,
    },
  });
  function refresh(): void {
    controls();
    placed.refresh();
  }
  page.watch(['metric'], refresh);
  controls();
  return { refresh };
}

function modelLegend(page: Page, lines: readonly { model: number }[]): HTMLElement {
  return element(
    'ul',
    { class: 'legend' },
    ...lines.map(({ model }) => {
      return element('li', {}, modelLine(model), modelName(page, model));
    }),
  );
}

// A piece of the model's line, dashes included.
function modelLine(model: number): SVGElement {
  const dash = modelDash(model);
  return svg(
    'svg',
    { class: 'line-sample', viewBox: '0 0 26 4', 'aria-hidden': 'true' },
    svg('path', {
      d: 'M0 2H26',
      stroke: modelColour(model),
      'stroke-width': 2.5,
      'stroke-dasharray': typeof dash === 'string' ? undefined : dash.join(' '),
    }),
  );
}

// Whole parts of a day where steps are hours.
function stepInterval(steps: number): number | undefined {
  return [1, 2, 3, 6, 12, 24, 48, 168].find((interval) => steps / interval <= 9);
}
