import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, throwIfCancelled } from '../core/errors.ts';
import { kddStations } from './kddStations.ts';
import { canonicalMeasure, canonicalUnit, isConcentration, unitFactor, usualUnit } from './measures.ts';
import { createPanel, type SeriesAttributes } from './panel.ts';
import type { PanelReading } from './readingReport.ts';
import type { ReadPanelOptions } from './readOptions.ts';
import { keyFields, keySeparator, type RowTable } from './rowTable.ts';
import type { StationPlace } from './stationPlaces.ts';
import { formatTime } from './timeText.ts';

interface FillOptions extends ReadPanelOptions {
  readonly step: number;
  readonly timeZone: string;
  readonly places: Readonly<Record<string, StationPlace>>;
}

// A panel of this many cells takes 4 GB; beyond it a single wrong year is the likelier explanation.
const mostCells = 500_000_000;

/** Streams the rows of all tables into one dense panel, cleaning and counting on the way. */
export async function fillPanel(
  connection: DuckDBConnection,
  tables: readonly RowTable[],
  options: FillOptions,
): Promise<PanelReading> {
  const { step, timeZone, duplicates = 'first', negatives = 'missing', signal } = options;
  const catalogue = catalogueSeries(tables, options);
  if (catalogue.shapes.length === 0) {
    throw dataError(
      `no series left: none of ${options.measures?.join(', ') ?? 'the measures'} in ${tables.flatMap((table) => table.paths).join(', ')}`,
      `the files hold ${[...catalogue.measuresSeen].join(', ')}`,
    );
  }
  assertOverlap(tables, catalogue.tableOf);
  const start = Math.min(
    ...tables.map(({ firstTime }) => Math.floor(firstTime / step) * step + phaseOf(tables, step)),
  );
  const end = Math.max(...tables.map(({ lastTime }) => lastTime));
  const length = Math.floor((end - start) / step) + 1;
  if (length * catalogue.shapes.length > mostCells) {
    throw dataError(
      `times from ${formatTime(start)} to ${formatTime(end)} make ${length} steps of ${catalogue.shapes.length} series`,
      'look for a mistyped year, or pass a longer --freq',
    );
  }
  const panel = createPanel({ start, step, length, timeZone, series: catalogue.shapes });
  const count = panel.series.length;
  const rowsSeen = new Uint16Array(count * length);
  const counts = {
    duplicates: new Float64Array(count),
    negatives: new Float64Array(count),
    infinite: 0,
    offStep: 0,
  };

  for (const table of tables) {
    const columns = table.shape.values.map((_, index) => `v${index}`);
    const routes = new Map(table.keys.map((key) => [key, catalogue.routes.get(table)?.get(key) ?? []]));
    const rows = await connection.stream(`SELECT key, t, ${columns.join(', ')} FROM ${table.name}`);
    let lastKey: string | undefined;
    let route: readonly Route[] = [];
    for (;;) {
      const chunk = await rows.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      throwIfCancelled(signal);
      const keys = chunk.getColumnVector(0);
      const times = chunk.getColumnVector(1);
      const values = columns.map((_, index) => chunk.getColumnVector(index + 2));
      for (let row = 0; row < chunk.rowCount; row++) {
        const key = keys.getItem(row) as string;
        if (key !== lastKey) {
          lastKey = key;
          route = routes.get(key) ?? [];
        }
        const position = ((times.getItem(row) as number) - start) / step;
        const index = Math.floor(position);
        if (index !== position) counts.offStep++;
        for (let r = 0; r < route.length; r++) {
          const { column, series, factor, concentration } = route[r];
          const cell = series * length + index;
          const seen = rowsSeen[cell];
          if (seen > 0) counts.duplicates[series]++;
          if (seen < 65535) rowsSeen[cell] = seen + 1;
          const value = values[column].getItem(row) as number | null;
          if (value === null || Number.isNaN(value)) continue;
          if (value < 0 && concentration) {
            counts.negatives[series]++;
            if (negatives === 'missing' || value <= -999) continue;
          }
          if (!Number.isFinite(value)) {
            counts.infinite++;
            continue;
          }
          const cells = panel.series[series].values;
          if (Number.isNaN(cells[index]) || duplicates === 'last') cells[index] = value * factor;
          else if (duplicates === 'mean') cells[index] += (value * factor - cells[index]) / (seen + 1);
        }
      }
    }
  }

  const series = panel.series.map(({ id, values }, index) => {
    let observed = 0;
    let withoutRow = 0;
    for (let i = 0; i < length; i++) {
      if (!Number.isNaN(values[i])) observed++;
      if (rowsSeen[index * length + i] === 0) withoutRow++;
    }
    return {
      id,
      duplicates: counts.duplicates[index],
      negatives: counts.negatives[index],
      observed,
      withoutRow,
    };
  });
  const warnings: string[] = [];
  if (counts.offStep > 0) {
    warnings.push(
      `${counts.offStep} rows between two steps of ${step / 60_000} minutes count for the step they fall in`,
    );
  }
  if (counts.infinite > 0) warnings.push(`${counts.infinite} infinite readings were set missing`);
  return {
    panel,
    report: {
      files: tables.flatMap((table) =>
        table.paths.map((path) => ({
          path,
          layout: table.layout.name,
          rows: table.paths.length === 1 ? table.rows : Number.NaN,
        })),
      ),
      duplicates: series.reduce((sum, one) => sum + one.duplicates, 0),
      negatives: series.reduce((sum, one) => sum + one.negatives, 0),
      series,
      warnings,
    },
  };
}

interface Route {
  readonly column: number;
  readonly series: number;
  readonly factor: number;
  readonly concentration: boolean;
}

// Decides, for every distinct key and value column, which series of the panel its readings go to.
function catalogueSeries(tables: readonly RowTable[], options: FillOptions) {
  const wanted = options.measures?.map((measure) => canonicalMeasure(measure));
  const units = Object.fromEntries(
    Object.entries(options.units ?? {}).map(([measure, unit]) => [
      canonicalMeasure(measure),
      canonicalUnit(unit),
    ]),
  );
  const shapes: ({ id: string } & SeriesAttributes)[] = [];
  const indexOf = new Map<string, number>();
  const tableOf = new Map<string, Set<RowTable>>();
  const measuresSeen = new Set<string>();
  const routes = new Map<RowTable, Map<string, Route[]>>();
  for (const table of tables) {
    const routesOfTable = new Map<string, Route[]>();
    routes.set(table, routesOfTable);
    const fields = keyFields(table.shape);
    for (const key of table.keys) {
      const parts = key.split(keySeparator);
      const said = Object.fromEntries(fields.map((field, index) => [field, parts[index]]));
      const route: Route[] = [];
      for (const [column, value] of table.shape.values.entries()) {
        const { id, attributes } = describeSeries(
          table,
          { ...said, ...definedOnly(value) },
          units,
          options.places,
        );
        measuresSeen.add(attributes.measure);
        if (wanted && !wanted.includes(attributes.measure)) continue;
        let series = indexOf.get(id);
        if (series === undefined) {
          series = shapes.push({ id, ...attributes }) - 1;
          indexOf.set(id, series);
        }
        const users = tableOf.get(id) ?? new Set();
        tableOf.set(id, users.add(table));
        const factor = unitFactor(attributes.measure, attributes.unit, shapes[series].unit, table.paths[0]);
        route.push({ column, series, factor, concentration: isConcentration(attributes.measure) });
      }
      routesOfTable.set(key, route);
    }
  }
  return { shapes, routes, tableOf, measuresSeen };
}

function describeSeries(
  { layout }: RowTable,
  said: Partial<Record<string, string>>,
  units: Readonly<Record<string, string>>,
  places: Readonly<Record<string, StationPlace>>,
) {
  // An id such as `dongsi_aq#PM2.5` tells station and measure when no column does.
  const [idStation, idMeasure] = /^(.+)#([^#]+)$/.exec(said.id ?? '')?.slice(1) ?? [];
  const station = said.station || idStation || '';
  const measure = canonicalMeasure(said.measure || idMeasure || '');
  const place =
    places[station] ??
    places[said.id ?? ''] ??
    (layout.name.startsWith('kdd2018') ? kddStations[station] : undefined);
  const unit = said.unit
    ? canonicalUnit(said.unit)
    : (units[measure] ?? layout.units?.[measure] ?? usualUnit(measure));
  return {
    id: said.id || `${station}#${measure}`,
    attributes: {
      city: said.city || layout.city || place?.city || '',
      station,
      measure,
      unit,
      latitude: coordinate(said.latitude) ?? place?.latitude ?? Number.NaN,
      longitude: coordinate(said.longitude) ?? place?.longitude ?? Number.NaN,
    },
  };
}

function coordinate(text: string | undefined): number | undefined {
  return text === undefined || text === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function definedOnly(value: object): Record<string, string> {
  return Object.fromEntries(Object.entries(value).filter(([, text]) => text !== undefined));
}

// Steps begin where most networks put them; a network on the half hour keeps its half hour.
function phaseOf(tables: readonly RowTable[], step: number): number {
  const phases = new Set(tables.map(({ firstTime }) => ((firstTime % step) + step) % step));
  return phases.size === 1 ? [...phases][0] : 0;
}

function assertOverlap(
  tables: readonly RowTable[],
  tableOf: ReadonlyMap<string, ReadonlySet<RowTable>>,
): void {
  for (const [index, left] of tables.entries()) {
    for (const right of tables.slice(index + 1)) {
      if (left.firstTime <= right.lastTime && right.firstTime <= left.lastTime) continue;
      if (left.layout.name === right.layout.name) continue;
      if ([...tableOf.values()].some((users) => users.has(left) && users.has(right))) continue;
      const range = (table: RowTable) =>
        `${table.paths[0]} (${formatTime(table.firstTime)} to ${formatTime(table.lastTime)})`;
      throw dataError(
        `no overlap in time between ${range(left)} and ${range(right)}`,
        'read them in separate commands',
      );
    }
  }
}
