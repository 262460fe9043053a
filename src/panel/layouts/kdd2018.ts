import { sqlName } from '../../tables/duckdb.ts';
import { canonicalMeasure, canonicalUnit, weatherUnit } from '../measures.ts';
import {
  type Header,
  type Layout,
  networkUnits,
  type RowField,
  type RowShape,
  type ValueColumn,
} from './layout.ts';

/** What the competition's layouts share. */
const kdd = { timeZone: 'UTC', units: networkUnits, knownStation: (station: string) => station };

/** `stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2` */
export const kddBeijing: Layout = {
  ...kdd,
  name: 'kdd2018-beijing',
  summary: 'KDD Cup 2018, Beijing: `stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2` (CO in mg/m3)',
  city: 'Beijing',
  shape(header) {
    if (!header.has('stationId', 'utc_time', 'PM2.5', 'CO', 'O3')) return undefined;
    return stationRows(header, 'stationId', 'utc_time');
  },
};

/** `stationId,utc_time,PM2.5,PM10,NO2` */
export const kddLondon: Layout = {
  ...kdd,
  name: 'kdd2018-london',
  summary: 'KDD Cup 2018, London: `stationId,utc_time,PM2.5,PM10,NO2`',
  city: 'London',
  shape(header) {
    if (!header.has('stationId', 'utc_time', 'PM2.5', 'NO2') || header.has('CO')) return undefined;
    return stationRows(header, 'stationId', 'utc_time');
  },
};

/** `,MeasurementDateGMT,station_id,PM2.5 (ug/m3),PM10 (ug/m3),NO2 (ug/m3)` */
export const kddLondonRaw: Layout = {
  ...kdd,
  name: 'kdd2018-london-raw',
  summary:
    'KDD Cup 2018, London as published: `,MeasurementDateGMT,station_id,PM2.5 (ug/m3),PM10 (ug/m3),NO2 (ug/m3)`',
  city: 'London',
  shape(header) {
    if (!header.has('MeasurementDateGMT', 'station_id')) return undefined;
    return stationRows(header, 'station_id', 'MeasurementDateGMT');
  },
};

/** `id,station_id,time,PM25_Concentration,PM10_Concentration,…` */
export const kddApi: Layout = {
  ...kdd,
  name: 'kdd2018-api',
  summary: "KDD Cup 2018, the competition's API: `id,station_id,time,PM25_Concentration,…` (CO in mg/m3)",
  shape(header) {
    if (!header.has('station_id', 'time', 'PM25_Concentration')) return undefined;
    return stationRows(header, 'station_id', 'time');
  },
};

/** `id,station_id,time,weather,temperature,pressure,humidity,wind_speed,wind_direction` */
export const kddWeather: Layout = {
  ...kdd,
  name: 'kdd2018-weather',
  summary: "KDD Cup 2018, the API's weather: `id,station_id,time,weather,temperature,pressure,humidity,…`",
  units: new Map(
    ['temperature', 'pressure', 'humidity', 'wind_speed', 'wind_direction'].map(
      (measure) => [measure, weatherUnit(measure) ?? ''] as const,
    ),
  ),
  shape(header) {
    if (!header.has('station_id', 'time', 'temperature', 'pressure', 'humidity')) return undefined;
    return stationRows(header, 'station_id', 'time');
  },
};

const placeFields: ReadonlyMap<string, RowField> = new Map([
  ['latitude', 'latitude'],
  ['longitude', 'longitude'],
]);
const textColumns = new Set(['weather', 'station_name', 'stationname']);

// Every column that is a measure; the nameless index column and `id` are not.
function stationRows(header: Header, station: string, time: string): RowShape {
  const timeColumn = header.find(time) ?? time;
  const stationColumn = header.find(station) ?? station;
  const fields: Partial<Record<RowField, string>> = { station: sqlName(stationColumn) };
  const values: ValueColumn[] = [];
  const ignored: string[] = [];
  for (const column of header.columns) {
    const name = column.trim().toLowerCase();
    if (column === timeColumn || column === stationColumn || /^(id|column\d+)$/.test(name)) continue;
    const field = placeFields.get(name);
    if (field !== undefined) fields[field] = sqlName(column);
    else if (textColumns.has(name)) ignored.push(column);
    else {
      const unit = /\((.*)\)\s*$/.exec(column)?.[1];
      values.push({
        column,
        measure: canonicalMeasure(column),
        unit: unit === undefined ? undefined : canonicalUnit(unit),
      });
    }
  }
  return { time: sqlName(timeColumn), timeColumn, fields, values, ignored };
}
