import { percent, reading, unitText } from '../numberText.ts';
import type { PayloadCurve } from '../reportPayload.ts';
import { type PlacedChart, placeChart } from './chart.ts';
import { choice, showControls } from './controls.ts';
import {
  axisTooltip,
  chartBase,
  modelColour,
  points,
  timeAxis,
  tooltipBox,
  tooltipRow,
  valueAxis,
} from './lines.ts';
import { type Page, seriesName } from './page.ts';
import { palette } from './theme.ts';
import { dayText, wallClock } from './times.ts';

/** The parts of the forecast of the chosen series, one below the other. */
export function componentsChart(page: Page): PlacedChart {
  const { payload } = page;
  const { components } = payload;
  if (!components?.length) return { refresh: () => {} };

  // The model chosen on the page where it has parts, else the first that has.
  const chosen = () => components.find(({ model }) => model === page.choices.model) ?? components[0];
  const curves = () => chosen().series[page.choices.series];
  const unit = () => unitText(payload.series[page.choices.series].unit);

  function build() {
    const { muted, ink } = palette();
    const colour = modelColour(chosen().model);
    const shown = curves();
    const grids = shown.map((_, i) => ({
      left: 64,
      right: 24,
      top: rowHeight * i + 40,
      height: rowHeight - 72,
    }));
    return {
      ...chartBase(),
      grid: grids,
      xAxis: shown.map((curve, i) => ({ ...horizontalAxis(curve), gridIndex: i })),
      yAxis: shown.map((curve, i) =>
        valueAxis({
          gridIndex: i,
          scale: true,
          splitNumber: 3,
          name: `${titleOf(curve)}${curve.multiplies ? ', share of the trend' : unit() && `, ${unit()}`}`,
          nameLocation: 'end',
          nameGap: 16,
          nameTextStyle: {
            color: ink,
            fontSize: 13,
            fontWeight: 600,
            align: 'left',
            padding: [0, 0, 0, -56],
          },
          ...(curve.multiplies && {
            axisLabel: { color: muted, fontSize: 12, formatter: (value: number) => valueText(curve, value) },
          }),
        }),
      ),
      tooltip: {
        ...axisTooltip(() => undefined),
        formatter: (found: { axisIndex: number; value: readonly number[] }[]) => {
          const curve = shown[found[0]?.axisIndex];
          if (!curve) return '';
          const [place, value] = found[0].value;
          return tooltipBox(
            placeText(curve, place),
            tooltipRow(colour, titleOf(curve), withUnit(curve, value)),
          );
        },
      },
      series: shown.map((curve, i) => ({
        type: 'line',
        xAxisIndex: i,
        yAxisIndex: i,
        data: points(placesOf(curve), valuesOf(curve)),
        dimensions: ['place', 'value'],
        showSymbol: false,
        lineStyle: { color: colour, width: 2 },
        itemStyle: { color: colour },
        emphasis: { disabled: true },
      })),
    };
  }

  function placesOf({ period, at }: PayloadCurve): Float64Array {
    return Float64Array.from(at, (time) => (period === null ? wallClock(payload, time) : time));
  }

  function horizontalAxis(curve: PayloadCurve): Record<string, unknown> {
    const { period } = curve;
    const places = placesOf(curve);
    const axis = timeAxis({ min: places[0], max: places[places.length - 1] });
    if (period === null) return axis;
    const { axisLabel, axisLine, ...rest } = axis;
    return {
      ...rest,
      type: 'value',
      axisLine: { ...(axisLine as object), onZero: false },
      interval: period <= day ? 3 * hour : period <= 7 * day ? day : period / 12,
      axisLabel: { ...(axisLabel as object), formatter: (place: number) => tickText(period, place) },
    };
  }

  const withUnit = (curve: PayloadCurve, value: number) =>
    curve.multiplies ? valueText(curve, value) : `${valueText(curve, value)} ${unit()}`.trim();

  function words(): string {
    const title = seriesName(payload, page.choices.series);
    const told = curves().map((curve) => {
      const values = valuesOf(curve);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return `${curve.name} between ${withUnit(curve, low)} and ${withUnit(curve, high)}`;
    });
    if (told.length === 0) return `${payload.models[chosen().model]} has no parts for ${title}.`;
    return `Line charts of ${payload.models[chosen().model]} for ${title}: ${told.join('; ')}.`;
  }

  function controls(): void {
    showControls('components', [
      choice({
        label: 'Model',
        options: (components ?? []).map(({ model }) => ({
          value: String(model),
          label: payload.models[model],
        })),
        value: String(chosen().model),
        onChoose: (value) => page.choose({ model: Number(value) }),
        buttonsAtMost: innerWidth < 600 ? 2 : 3,
        mark: (value) => modelColour(Number(value)),
      }),
    ]);
  }

  const placed = placeChart({
    name: 'components',
    height: () => Math.max(40, curves().length * rowHeight),
    build,
    words,
    numbers: () => ({
      caption: `${seriesName(payload, page.choices.series)}${unit() && `, ${unit()}`}`,
      heads: ['Part and place', 'Value'],
      rows: curves().flatMap((curve) => {
        const places = placesOf(curve);
        return Array.from(valuesOf(curve), (value, i) => [
          `${titleOf(curve)}, ${placeText(curve, places[i])}`,
          valueText(curve, value),
        ]);
      }),
    }),
  });
  const refresh = () => {
    controls();
    placed.refresh();
  };
  page.watch(['series', 'model'], refresh);
  controls();
  return { refresh };
}

/** Pixels. */
const rowHeight = 176;
/** Milliseconds. */
const hour = 3_600_000;
const day = 24 * hour;

function valuesOf({ values }: PayloadCurve): Float64Array {
  return Float64Array.from(values, (value) => value ?? Number.NaN);
}

function valueText({ multiplies }: PayloadCurve, value: number): string {
  return multiplies ? percent(value) : reading(value);
}

function titleOf({ name }: PayloadCurve): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function placeText({ period }: PayloadCurve, place: number): string {
  if (period === null) return dayText(place);
  if (period <= day) return clock.format(place);
  if (period <= 7 * day) return `${weekday.format(monday + place)} ${clock.format(place)}`;
  return monthDay.format(newYear + place);
}

function tickText(period: number, place: number): string {
  if (period <= day) return clock.format(place);
  return period <= 7 * day ? weekday.format(monday + place) : month.format(newYear + place + day);
}

const monday = Date.UTC(2018, 0, 1);
const newYear = Date.UTC(2018, 0, 1);
const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
const clock = format({ hour: '2-digit', minute: '2-digit' });
const weekday = format({ weekday: 'short' });
const month = format({ month: 'short' });
const monthDay = format({ day: 'numeric', month: 'short' });
