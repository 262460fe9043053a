import { dataError } from '../core/errors.ts';
import { kddStations } from './kddStations.ts';
import { canonicalMeasure, canonicalUnit, isConcentration, unitFactor } from './measures.ts';
import type { SeriesAttributes } from './panel.ts';
import type { ReadPanelOptions } from './readOptions.ts';
import { keyFields, keySeparator, type RowTable } from './rowTable.ts';
import type { StationPlace } from './stationPlaces.ts';

/** Where the readings of one value column go for rows of one key. */
interface Route {
  readonly column: number;
  /** Index of the series in the panel. */
  readonly series: number;
  readonly measure: string;
  /** From the unit of the rows to that of the series. */
  readonly factor: number;
  readonly concentration: boolean;
  /** Which step of an earlier imputation filled the cells: 0 for none, k for `fillSteps[k - 1]`. */
  readonly filledBy: number;
}

/** Every series that the rows of some tables speak of. */
export interface SeriesCatalogue {
  readonly series: readonly ({ id: string } & SeriesAttributes)[];
  /** For each table, for each of its keys. */
  readonly routes: ReadonlyMap<RowTable, readonly (readonly Route[])[]>;
  /** The tables that hold readings of each series. */
  readonly tablesOf: readonly ReadonlySet<RowTable>[];
  /** Imputation steps that the rows name, in order of appearance. */
  readonly fillSteps: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Decides, for every distinct key and value column, which series of the panel its readings go to, and gives each
 * series the unit it is first met with.
 *
 * @throws TrainyardError of kind `data` when nothing is left of the measures asked for, or when one series comes in
 * units that do not convert.
 */
export function catalogueSeries(
  tables: readonly RowTable[],
  options: ReadPanelOptions,
  places: ReadonlyMap<string, StationPlace>,
): SeriesCatalogue {
  const wanted = options.measures?.map((measure) => canonicalMeasure(measure));
  const units = new Map(
    Object.entries(options.units ?? {}).map(([measure, unit]) => [
      canonicalMeasure(measure),
      canonicalUnit(unit),
    ]),
  );
  const series: ({ id: string } & SeriesAttributes)[] = [];
  const indexOf = new Map<string, number>();
  const tablesOf: Set<RowTable>[] = [];
  const measuresSeen = new Set<string>();
  const conversions = new Set<string>();
  const fillSteps: string[] = [];
  const routes = new Map<RowTable, Route[][]>();
  for (const table of tables) {
    const fields = keyFields(table.shape);
    const place = table.files[0].path;
    const ofKey = (key: string): Route[] => {
      const parts = key.split(keySeparator).map((part) => part.trim());
      const said = Object.fromEntries(fields.map((field, index) => [field, parts[index]]));
      if ((said.id ?? said.station) === '') {
        throw dataError(
          `${place}: a row without a ${said.id === undefined ? 'station' : 'series id'}`,
          'fill the cell in or remove the row',
        );
      }
      const filledBy = stepCode(said.filled_by, fillSteps, place);
      const route: Route[] = [];
      for (const [column, value] of table.shape.values.entries()) {
        const described = describeSeries(table, { ...said, ...definedOnly(value) }, units, places);
        const { id, measure, unit } = described;
        measuresSeen.add(measure);
        if (wanted && !wanted.includes(measure)) continue;
        let index = indexOf.get(id);
        if (index === undefined) {
          index = series.push(described) - 1;
          indexOf.set(id, index);
          tablesOf.push(new Set());
        }
        tablesOf[index].add(table);
        const target = series[index].unit;
        if (unit !== target) conversions.add(conversionNote(id, unit, target, place));
        const factor =
          unit === '' || target === '' ? 1 : unitFactor(measure, unit, target, `${place}, ${id}`);
        route.push({
          column,
          series: index,
          measure,
          factor,
          concentration: isConcentration(measure),
          filledBy,
        });
      }
      return route;
    };
    routes.set(table, table.keys.map(ofKey));
  }
  if (series.length === 0) {
    const paths = tables.flatMap(({ files }) => files.map(({ path }) => path));
    throw dataError(
      `no series of ${options.measures?.join(', ')} in ${paths.join(', ')}`,
      `the files hold ${[...measuresSeen].join(', ')}`,
    );
  }
  return { series, routes, tablesOf, fillSteps, warnings: shorten([...conversions]) };
}

// The code of a step in the mask of a panel; a byte holds it.
function stepCode(step: string | undefined, fillSteps: string[], place: string): number {
  if (step === undefined || step === '') return 0;
  const known = fillSteps.indexOf(step);
  if (known >= 0) return known + 1;
  if (fillSteps.length === 255) {
    throw dataError(
      `${place}: more than 255 different words in column filled_by, which names imputation steps`,
      'rename the column if it means something else',
    );
  }
  return fillSteps.push(step);
}

function describeSeries(
  { layout }: RowTable,
  said: Partial<Record<string, string>>,
  units: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, StationPlace>,
): { id: string } & SeriesAttributes {
  // An id such as `dongsi_aq#PM2.5` tells station and measure when no column does.
  const name = said.id ?? (said.measure ? '' : (said.station ?? ''));
  const [nameStation, nameMeasure] = /^(.+)#([^#]+)$/.exec(name)?.slice(1) ?? [];
  const station = (said.id ? said.station || nameStation : nameStation || said.station) ?? '';
  const measure = canonicalMeasure(said.measure || nameMeasure || '');
  const place =
    places.get(station) ??
    places.get(name) ??
    (layout.knownStation && kddStations.get(layout.knownStation(station)));
  return {
    id: said.id || (nameMeasure ? name : [station, measure].filter((part) => part !== '').join('#')),
    city: said.city || layout.city || place?.city || '',
    station,
    measure,
    unit: said.unit ? canonicalUnit(said.unit) : (units.get(measure) ?? layout.units?.get(measure) ?? ''),
    latitude: coordinate(said.latitude) ?? place?.latitude ?? Number.NaN,
    longitude: coordinate(said.longitude) ?? place?.longitude ?? Number.NaN,
  };
}

function conversionNote(id: string, unit: string, target: string, place: string): string {
  if (unit === '') return `${place}: no unit of ${id}; taken for ${target} like its other readings`;
  if (target === '') return `${place}: ${id} comes in ${unit}, elsewhere without a unit; taken for the same`;
  return `${place}: ${id} converted from ${unit} to ${target}`;
}

// A line for each of many series would drown the rest.
function shorten(lines: readonly string[]): string[] {
  return lines.length <= 3 ? [...lines] : [...lines.slice(0, 3), `and ${lines.length - 3} more such series`];
}

function coordinate(text: string | undefined): number | undefined {
  return text === undefined || text === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function definedOnly(value: object): Record<string, string> {
  return Object.fromEntries(Object.entries(value).filter(([, text]) => text !== undefined));
}
