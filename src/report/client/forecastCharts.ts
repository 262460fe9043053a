import { smape } from '../../metrics/pointMetrics.ts';
import { fixed, plural, reading, stepText, unitText } from '../numberText.ts';
import type { PayloadModel } from '../reportPayload.ts';
import type { BoundedForecast } from '../seriesChunk.ts';
import { type PlacedChart, placeChart } from './chart.ts';
import { choice, showControls } from './controls.ts';
import { dataText, element } from './dom.ts';
import { fillColour, fillMarks } from './fillMarks.ts';
import {
  axisTooltip,
  band,
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
import { type Page, seriesName } from './page.ts';
import { palette } from './theme.ts';
import { dayText, momentText, wallClock, wallClocks } from './times.ts';

/** The forecast of the chosen series, with the days before it. */
export function forecastChart(page: Page): PlacedChart {
  const { payload } = page;
  const { forecast } = payload;
  if (!forecast) return { refresh: () => {} };
  return boundedChart(page, 'forecast', forecast.models, () => ({
    start: forecast.start,
    cutoff: forecast.start - payload.step,
    truth: historyFrom(page, page.chunk.values, forecast.start, forecast.horizon),
    forecasts: page.chunk.forecasts,
  }));
}

/** One past forecast of the chosen series against what came true. */
export function pastChart(page: Page): PlacedChart {
  const { payload } = page;
  const { backtest } = payload;
  if (!backtest) return { refresh: () => {} };
  const { horizon } = backtest;
  const ofStart = (flat: Float32Array) =>
    flat.subarray(page.choices.start * horizon, (page.choices.start + 1) * horizon);
  return boundedChart(page, 'past', backtest.models, () => ({
    start: backtest.starts[page.choices.start],
    cutoff: backtest.cutoffs[page.choices.start],
    truth:
      page.chunk.truth.length > 0 ? ofStart(page.chunk.truth) : new Float32Array(horizon).fill(Number.NaN),
    forecasts: page.chunk.past.map(({ point, intervals }) => ({
      point: ofStart(point),
      intervals: intervals.map(({ lower, upper }) => ({ lower: ofStart(lower), upper: ofStart(upper) })),
    })),
  }));
}

interface Shown {
  readonly start: number;
  /** Last step a model may see. */
  readonly cutoff: number;
  /** What came true over the horizon, NaN where unknown. */
  readonly truth: Float32Array;
  readonly forecasts: readonly BoundedForecast[];
}

function boundedChart(
  page: Page,
  name: 'forecast' | 'past',
  models: readonly PayloadModel[],
  shownNow: () => Shown,
): PlacedChart {
  const { payload } = page;

  // The model chosen on the page where this chart has it, else its first.
  const chosen = () =>
    Math.max(
      0,
      models.findIndex(({ model }) => model === page.choices.model),
    );
  const unit = () => unitText(payload.series[page.choices.series].unit);

  function frame() {
    const { start, truth } = shownNow();
    const context = Math.max(
      truth.length,
      Math.min(7 * truth.length, Math.round((5 * 86_400_000) / payload.step)),
    );
    const before = name === 'past' ? Math.round(context * 0.6) : context;
    return {
      pastTimes: wallClocks(payload, start - before * payload.step, before),
      past: historyFrom(page, page.chunk.values, start - before * payload.step, before),
      pastFilled: historyFrom(page, page.chunk.filledBy, start - before * payload.step, before),
      times: wallClocks(payload, start, truth.length),
    };
  }

  function build() {
    const colours = palette();
    const { start, cutoff, truth, forecasts } = shownNow();
    const { pastTimes, past, pastFilled, times } = frame();
    const selected = chosen();
    const known = points([...pastTimes, ...times], [...past, ...truth]);
    const place = new Map([...pastTimes, ...times].map((time, index) => [time, index - past.length]));
    const edges = cutoff < start - payload.step ? [cutoff, start] : [start];
    return {
      ...chartBase(),
      grid: { ...(chartBase().grid as object), top: 28 },
      xAxis: timeAxis({ min: pastTimes[0] ?? times[0], max: times[times.length - 1] }),
      yAxis: valueAxis({ scale: true }),
      tooltip: axisTooltip((time) => {
        const index = place.get(time);
        if (index === undefined) return undefined;
        const value = truth[index];
        return tooltipBox(
          momentText(payload, time),
          index < 0
            ? historyRow(index + past.length)
            : name === 'past' && tooltipRow(colours.ink, 'came true', withUnit(value)),
          ...(index < 0 ? [] : order(selected).flatMap((k) => forecastRows(k, index))),
        );
      }),
      series: [
        ...bandsOf(times, forecasts[selected], modelColour(models[selected].model)),
        {
          type: 'line',
          data: known,
          dimensions: ['time', 'value'],
          showSymbol: false,
          lineStyle: { color: colours.ink, width: 1.6 },
          itemStyle: { color: colours.ink },
          z: 4,
          emphasis: { disabled: true },
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: colours.muted, type: [3, 3], width: 1 },
            label: {
              color: colours.muted,
              fontSize: 12,
              formatter: ({ name: label }: { name: string }) => label,
            },
            data: edges.map((time) => ({
              name: time === cutoff ? 'last seen' : 'forecast from here',
              xAxis: wallClock(payload, time),
            })),
          },
        },
        ...fillMarks(page, pastTimes, past, pastFilled),
        ...forecasts.map(({ point }, k) => ({
          type: 'line',
          data: points(times, point),
          dimensions: ['time', 'value'],
          showSymbol: false,
          lineStyle: {
            color: modelColour(models[k].model),
            width: k === selected ? 2.4 : 1.4,
            type: modelDash(models[k].model),
            opacity: k === selected ? 1 : 0.75,
          },
          itemStyle: { color: modelColour(models[k].model) },
          z: k === selected ? 6 : 5,
          emphasis: { disabled: true },
        })),
      ],
    };

    function historyRow(index: number): HTMLElement {
      const step = pastFilled[index];
      if (!(step > 0)) return tooltipRow(colours.ink, 'observed', withUnit(past[index]));
      const by = element('span', {}, 'filled by ', dataText(payload.fillSteps[step - 1]));
      return tooltipRow(fillColour(step), by, withUnit(past[index]));
    }

    function forecastRows(k: number, index: number): HTMLElement[] {
      const { point, intervals } = forecasts[k];
      const { model, levels } = models[k];
      const rows = [tooltipRow(modelColour(model), modelName(page, model), withUnit(point[index]))];
      if (k !== selected) return rows;
      return [
        ...rows,
        ...intervals.map(({ lower, upper }, i) =>
          tooltipRow(undefined, `${levels[i]} %`, `${reading(lower[index])} to ${reading(upper[index])}`),
        ),
      ];
    }
  }

  const order = (first: number) => [first, ...models.map((_, k) => k).filter((k) => k !== first)];
  const withUnit = (value: number) =>
    Number.isNaN(value) ? 'no reading' : `${reading(value)} ${unit()}`.trim();

  function controls(): void {
    showControls(name, [
      name === 'past' ? startStepper(page) : undefined,
      choice({
        label: 'Model',
        options: models.map(({ model }) => ({ value: String(model), label: payload.models[model] })),
        value: String(models[chosen()]?.model),
        onChoose: (value) => page.choose({ model: Number(value) }),
        buttonsAtMost: innerWidth < 600 ? 3 : 5,
        mark: (value) => modelColour(Number(value)),
      }),
      name === 'past' ? pastScore(shownNow(), chosen(), unit()) : undefined,
    ]);
  }

  function words(): string {
    const { start, truth, forecasts } = shownNow();
    const { model } = models[chosen()];
    const values = forecasts[chosen()]?.point.filter((value) => !Number.isNaN(value)) ?? [];
    const title = seriesName(payload, page.choices.series);
    if (values.length === 0) return `No forecast of ${title}.`;
    return (
      `Line chart of ${title}: ${plural(truth.length, stepText(payload.step))} from ` +
      `${momentText(payload, wallClock(payload, start))}, forecast by ${payload.models[model]} between ` +
      `${withUnit(Math.min(...values))} and ${withUnit(Math.max(...values))}.`
    );
  }

  const placed = placeChart({
    name,
    height: () => (innerWidth < 600 ? 280 : 340),
    build,
    words,
    numbers: () => {
      const { truth, forecasts } = shownNow();
      const { times } = frame();
      return {
        caption: `${seriesName(payload, page.choices.series)}${unit() && `, ${unit()}`}`,
        heads: [
          'Time',
          ...(name === 'past' ? ['Came true'] : []),
          ...models.flatMap(({ model, levels }) => [
            payload.models[model],
            ...levels.flatMap((level) => [`${level} % from`, `${level} % to`]),
          ]),
        ],
        rows: Array.from(times, (time, i) => [
          momentText(payload, time),
          ...(name === 'past' ? [reading(truth[i])] : []),
          ...forecasts.flatMap(({ point, intervals }) => [
            reading(point[i]),
            ...intervals.flatMap(({ lower, upper }) => [reading(lower[i]), reading(upper[i])]),
          ]),
        ]),
      };
    },
    cursor: {
      count: () => frame().past.length + shownNow().truth.length,
      at: (index) => {
        const { pastTimes, times } = frame();
        return index < pastTimes.length ? pastTimes[index] : times[index - pastTimes.length];
      },
      say: (index) => {
        const { truth, forecasts } = shownNow();
        const { past, pastTimes, times } = frame();
        const step = index - past.length;
        if (step < 0) return `${momentText(payload, pastTimes[index])}: ${withUnit(past[index])}`;
        const told = models.map(
          ({ model }, k) => `${payload.models[model]} ${withUnit(forecasts[k]?.point[step] ?? Number.NaN)}`,
        );
        const actual = name === 'past' ? [`came true ${withUnit(truth[step])}`] : [];
        return `${momentText(payload, times[step])}: ${[...actual, ...told].join(', ')}`;
      },
      zoomable: false,
    },
  });
  const refresh = () => {
    controls();
    placed.refresh();
  };
  page.watch(name === 'past' ? ['series', 'model', 'start'] : ['series', 'model'], refresh);
  controls();
  return { refresh };
}

// Numbers of the chosen series over `count` steps from a time, NaN outside it.
function historyFrom({ payload }: Page, values: Float32Array, time: number, count: number): Float32Array {
  const from = Math.round((time - payload.start) / payload.step);
  return Float32Array.from({ length: count }, (_, i) => values[from + i] ?? Number.NaN);
}

// The widest interval lies at the bottom and is the palest.
function bandsOf(times: Float64Array, forecast: BoundedForecast | undefined, colour: string) {
  const intervals = forecast?.intervals ?? [];
  return intervals.map(({ lower, upper }, i) => band(times, lower, upper, colour, 0.3 * 0.55 ** i)).reverse();
}

function startStepper(page: Page): HTMLElement {
  const { payload, choices } = page;
  const starts = payload.backtest?.starts ?? [];
  const step = (by: number) =>
    page.choose({ start: Math.min(Math.max(0, choices.start + by), starts.length - 1) });
  const button = (label: string, title: string, by: number, disabled: boolean) => {
    const made = element(
      'button',
      { type: 'button', 'aria-label': title, title, 'aria-disabled': disabled },
      label,
    );
    made.addEventListener('click', () => step(by));
    return made;
  };
  const select = element(
    'select',
    { 'aria-label': 'Forecast start' },
    ...starts.map((start, index) =>
      element('option', { value: index, selected: index === choices.start }, labelOf(page, start)),
    ),
  );
  select.addEventListener('change', () => page.choose({ start: Number(select.value) }));
  return element(
    'div',
    { class: 'stepper', role: 'group', 'aria-label': 'Forecast start' },
    element('span', { class: 'control-label' }, 'Start'),
    button('←', 'Earlier start', -1, choices.start === 0),
    select,
    button('→', 'Later start', 1, choices.start === starts.length - 1),
  );
}

// The hour only matters where starts share a day.
function labelOf({ payload }: Page, start: number): string {
  const wall = wallClock(payload, start);
  return wall % 86_400_000 === 0 ? dayText(wall) : momentText(payload, wall);
}

function pastScore({ truth, forecasts }: Shown, selected: number, unit: string): HTMLElement | undefined {
  const point = forecasts[selected]?.point ?? [];
  let [scored, symmetric, absolute] = [0, 0, 0];
  for (let i = 0; i < point.length; i++) {
    if (Number.isNaN(truth[i]) || Number.isNaN(point[i])) continue;
    scored++;
    symmetric += smape(truth[i], point[i]);
    absolute += Math.abs(truth[i] - point[i]);
  }
  if (scored === 0) return element('p', { class: 'note' }, 'Nothing was read then to compare with.');
  return element(
    'p',
    { class: 'note score', 'aria-live': 'polite' },
    'SMAPE ',
    element('b', {}, fixed(symmetric / scored, 3)),
    ' of 2, MAE ',
    element('b', {}, reading(absolute / scored)),
    unit && ` ${unit}`,
    ` over ${plural(scored, 'reading')}`,
  );
}
