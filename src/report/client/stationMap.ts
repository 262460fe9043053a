import { choice, showControls } from './controls.ts';
import { byData, dataText, element, svg } from './dom.ts';
import { hideHint, showHint } from './hint.ts';
import { modelColour } from './lines.ts';
import { numbersPart } from './numbers.ts';
import { measuresOf, type Page } from './page.ts';
import { columnNow, numberAt } from './scoreCharts.ts';
import { onThemeChange, palette } from './theme.ts';

/** Scores by station, a map for each city since cities are far apart. */
export function stationMap(page: Page): void {
  const place = byData('map');
  const { scores } = page.payload;
  if (!place || !scores) return;
  const { models } = scores;

  const refreshNumbers = numbersPart('map', () => {
    const { column } = columnNow(page);
    const stations = stationsNow(page);
    return {
      caption: `${column.label}, ${page.payload.models[modelNow(page)]}`,
      heads: ['Station', 'City', 'Score'],
      rows: stations.map(({ name, city, value }) => [dataText(name), dataText(city), column.write(value)]),
    };
  });

  function draw(): void {
    const measures = measuresOf(page.payload);
    showControls('map', [
      choice({
        label: 'Model',
        options: models.map(({ model }) => ({ value: String(model), label: page.payload.models[model] })),
        value: String(modelNow(page)),
        onChoose: (model) => page.choose({ model: Number(model) }),
        buttonsAtMost: innerWidth < 600 ? 3 : 5,
        mark: (model) => modelColour(Number(model)),
      }),
      choice({
        label: 'Measure',
        options: [
          { value: '', label: 'All' },
          ...measures.map((measure) => ({ value: measure, label: measure })),
        ],
        value: page.choices.mapMeasure,
        onChoose: (mapMeasure) => page.choose({ mapMeasure }),
      }),
    ]);
    const stations = stationsNow(page).filter(({ placed }) => placed);
    const classes = classesOf(stations.map(({ value }) => value));
    const cities = [...new Set(stations.map(({ city }) => city))];
    place?.replaceChildren(
      legend(
        page,
        classes,
        stations.some(({ value }) => Number.isNaN(value)),
      ),
      element(
        'div',
        { class: 'maps' },
        ...cities.map((city) =>
          cityMap(
            page,
            city,
            stations.filter((station) => station.city === city),
            classes,
          ),
        ),
      ),
    );
    refreshNumbers();
  }

  page.watch(['metric', 'model', 'mapMeasure'], draw);
  onThemeChange(draw);
  draw();
}

interface Station {
  readonly name: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly placed: boolean;
  /** Mean over its series, NaN where none was scored. */
  readonly value: number;
  /** The series to show when the station is chosen. */
  readonly series: number;
}

function modelNow({ payload, choices }: Page): number {
  const models = payload.scores?.models ?? [];
  return (models.find(({ model }) => model === choices.model) ?? models[0]).model;
}

function stationsNow(page: Page): Station[] {
  const { payload, choices } = page;
  const scored = payload.scores?.models.find(({ model }) => model === modelNow(page));
  const { index } = columnNow(page);
  const stations = new Map<string, { members: number[] }>();
  for (const [series, { city, station, id, measure }] of payload.series.entries()) {
    if (choices.mapMeasure !== '' && measure !== choices.mapMeasure) continue;
    const key = JSON.stringify([city, station || id]);
    const entry = stations.get(key) ?? { members: [] };
    entry.members.push(series);
    stations.set(key, entry);
  }
  return [...stations.values()].map(({ members }) => {
    const first = payload.series[members[0]];
    const values = members.map((series) => numberAt(scored?.bySeries[series], index)).filter(Number.isFinite);
    return {
      name: first.station || first.id,
      city: first.city,
      latitude: first.latitude ?? Number.NaN,
      longitude: first.longitude ?? Number.NaN,
      placed: first.latitude !== null && first.longitude !== null,
      value: values.reduce((sum, value) => sum + value, 0) / values.length,
      series: members[0],
    };
  });
}

// Classes of about equally many stations, low to high.
interface Classes {
  readonly edges: readonly number[];
  of(value: number): number;
}

function classesOf(values: readonly number[]): Classes {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const count = Math.min(palette().ramp.length, new Set(sorted).size);
  const edges = Array.from(
    { length: count + 1 },
    (_, i) => sorted[Math.round((i / count) * (sorted.length - 1))],
  );
  return {
    edges,
    of: (value) => {
      let index = 0;
      while (index + 1 < count && value > edges[index + 1]) index++;
      return index;
    },
  };
}

function legend(page: Page, { edges }: Classes, unscored: boolean): HTMLElement {
  const { column } = columnNow(page);
  const { ramp } = palette();
  const better = column.better === 'low' ? 'low is better' : column.better === 'high' ? 'high is better' : '';
  return element(
    'ul',
    { class: 'legend map-legend' },
    element('li', {}, element('span', {}, element('b', {}, column.label), better && `, ${better}`)),
    ...edges.slice(1).map((edge, i) => {
      const swatch = element('span', { class: 'swatch round', 'aria-hidden': 'true' });
      swatch.style.background = ramp[i];
      return element('li', {}, swatch, `${column.write(edges[i])} to ${column.write(edge)}`);
    }),
    unscored &&
      element(
        'li',
        {},
        element('span', { class: 'swatch round hollow', 'aria-hidden': 'true' }),
        'not scored',
      ),
  );
}

function cityMap(page: Page, city: string, stations: readonly Station[], classes: Classes): HTMLElement {
  const { ramp, muted } = palette();
  const frame = frameOf(stations);
  const { column } = columnNow(page);
  // Read from west to east by the arrow keys.
  const ordered = [...stations].sort((a, b) => a.longitude - b.longitude || a.latitude - b.latitude);
  const spots = ordered.map((station) => ({ station, ...frame.at(station) }));
  const label = ({ name, value }: Station) => `${name}: ${column.label} ${column.write(value)}`;
  const groups = spots.map(({ station, x, y }, i) => {
    const group = svg(
      'g',
      { class: 'station', tabindex: i === 0 ? 0 : -1, role: 'button', 'aria-label': label(station) },
      svg('circle', { class: 'target', cx: x, cy: y, r: 16 }),
      svg('circle', {
        class: 'spot',
        cx: x,
        cy: y,
        r: radius,
        fill: Number.isNaN(station.value) ? 'none' : ramp[classes.of(station.value)],
      }),
    );
    const show = () => {
      const box = group.getBoundingClientRect();
      showHint(
        box.left + box.width / 2,
        box.top + box.height / 2,
        element('div', { class: 'tip-heading' }, dataText(station.name)),
        element('div', {}, `${column.label} `, element('b', {}, column.write(station.value))),
      );
    };
    const open = async () => {
      await page.chooseSeries(station.series);
      hideHint();
      document.getElementById('series')?.scrollIntoView();
      document.getElementById('series')?.focus({ preventScroll: true });
    };
    group.addEventListener('pointerenter', show);
    group.addEventListener('pointerleave', hideHint);
    group.addEventListener('focus', show);
    group.addEventListener('blur', hideHint);
    // A finger first sees the label; the second tap, a click or Enter goes to the series.
    let wasFocused = false;
    group.addEventListener('pointerdown', () => {
      wasFocused = document.activeElement === group;
    });
    group.addEventListener('click', (event) => {
      if ((event as PointerEvent).pointerType === 'touch' && !wasFocused) show();
      else void open();
    });
    group.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === 'Enter' || event.key === ' ') void open();
      else if (event.key === 'Escape') hideHint();
      else if (by === undefined) return;
      else {
        const next = groups[(i + by + groups.length) % groups.length];
        group.setAttribute('tabindex', '-1');
        next.setAttribute('tabindex', '0');
        next.focus();
      }
      event.preventDefault();
    });
    return group;
  });
  const labels = placeLabels(spots, frame.width, frame.height).map(({ x, y, anchor, text }) =>
    svg(
      'text',
      { x, y, 'text-anchor': anchor, fill: muted, class: 'station-name', 'aria-hidden': 'true' },
      text,
    ),
  );
  return element(
    'figure',
    { class: 'city' },
    element(
      'figcaption',
      {},
      dataText(city || 'Stations'),
      ` `,
      element('span', { class: 'note' }, meanText(page, stations)),
    ),
    svg(
      'svg',
      {
        viewBox: `0 0 ${frame.width} ${frame.height}`,
        role: 'group',
        'aria-label': `Map of ${city || 'the stations'}; arrow keys go from station to station`,
      },
      ...labels,
      ...groups,
      scaleBar(frame),
    ),
  );
}

const radius = 8;

function meanText(page: Page, stations: readonly Station[]): string {
  const values = stations.map(({ value }) => value).filter(Number.isFinite);
  if (values.length === 0) return 'not scored';
  const { column } = columnNow(page);
  return `mean ${column.write(values.reduce((sum, value) => sum + value, 0) / values.length)}`;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  /** Pixels a kilometre. */
  readonly scale: number;
  at(station: Station): { x: number; y: number };
}

// Degrees east shrink with the cosine of the latitude; over a city that is as good as any projection.
function frameOf(stations: readonly Station[]): Frame {
  const kilometresADegree = 111.2;
  const latitudes = stations.map(({ latitude }) => latitude);
  const longitudes = stations.map(({ longitude }) => longitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const narrowing = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const across = Math.max(1, (east - west) * narrowing * kilometresADegree);
  const up = Math.max(1, (north - south) * kilometresADegree);
  // Drawn about as wide as it shows, so that names keep their size.
  const [width, margin] = innerWidth < 600 ? [310, 24] : [520, 44];
  const scale = Math.min((width - 2 * margin) / across, (0.85 * width - 2 * margin) / up);
  const height = Math.max(180, up * scale + 2 * margin);
  const left = (width - across * scale) / 2;
  return {
    width,
    height,
    scale,
    at: ({ latitude, longitude }) => ({
      x: left + (longitude - west) * narrowing * kilometresADegree * scale,
      y: (height - up * scale) / 2 + (north - latitude) * kilometresADegree * scale,
    }),
  };
}

function scaleBar({ width, height, scale }: Frame): SVGElement {
  const kilometres =
    [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].filter((km) => km * scale <= 120).pop() ?? 0.1;
  const [x, y] = [width - 14 - kilometres * scale, height - 12];
  return svg(
    'g',
    { class: 'scale', 'aria-hidden': 'true' },
    svg('path', { d: `M${x} ${y - 4}v4h${kilometres * scale}v-4` }),
    svg('text', { x: x + (kilometres * scale) / 2, y: y - 8, 'text-anchor': 'middle' }, `${kilometres} km`),
  );
}

interface Spot {
  readonly station: Station;
  readonly x: number;
  readonly y: number;
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly anchor: string;
  readonly text: string;
}

// Names go where they cover neither a station nor another name; the others show on hover and focus only.
function placeLabels(spots: readonly Spot[], width: number, height: number): Label[] {
  const taken = spots.map(({ x, y }) => ({ left: x - 10, right: x + 10, top: y - 10, bottom: y + 10 }));
  const labels: Label[] = [];
  for (const { station, x, y } of spots) {
    const text = station.name.length > 22 ? `${station.name.slice(0, 21)}…` : station.name;
    const length = [...text].reduce((sum, character) => sum + (character > '\u2e7f' ? 11.5 : 6.6), 0);
    const places = [
      { left: x + 13, x: x + 13, y: y + 4, anchor: 'start' },
      { left: x - 13 - length, x: x - 13, y: y + 4, anchor: 'end' },
      { left: x - length / 2, x, y: y - 13, anchor: 'middle' },
      { left: x - length / 2, x, y: y + 21, anchor: 'middle' },
    ];
    for (const place of places) {
      const box = { left: place.left, right: place.left + length, top: place.y - 10, bottom: place.y + 3 };
      const free =
        box.left > 2 &&
        box.right < width - 2 &&
        box.top > 2 &&
        box.bottom < height - 26 &&
        taken.every(
          (other) =>
            box.left > other.right ||
            box.right < other.left ||
            box.top > other.bottom ||
            box.bottom < other.top,
        );
      if (!free) continue;
      taken.push(box);
      labels.push({ ...place, text });
      break;
    }
  }
  return labels;
}
