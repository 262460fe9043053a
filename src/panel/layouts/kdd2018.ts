import { sqlName } from '../duckdb.ts';
import { canonicalMeasure, canonicalUnit } from '../measures.ts';
import type { Header, Layout, ValueColumn } from './layout.ts';

/** `stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2` */
export const kddBeijing: Layout = {
  name: 'kdd2018-beijing',
  summary: 'KDD Cup 2018, Beijing: `stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2` (CO in mg/m3)',
  timeZone: 'UTC',
  city: 'Beijing',
  shape(header) {
    if (!header.has('stationId', 'utc_time', 'PM2.5', 'CO', 'O3')) return undefined;
    return stationRows(header, 'stationId', 'utc_time');
  },
};

/** `stationId,utc_time,PM2.5,PM10,NO2` */
export const kddLondon: Layout = {
  name: 'kdd2018-london',
  summary: 'KDD Cup 2018, London: `stationId,utc_time,PM2.5,PM10,NO2`',
  timeZone: 'UTC',
  city: 'London',
  shape(header) {
    if (!header.has('stationId', 'utc_time', 'PM2.5', 'NO2') || header.has('CO')) return undefined;
    return stationRows(header, 'stationId', 'utc_time');
  },
};

/** `,MeasurementDateGMT,station_id,PM2.5 (ug/m3),PM10 (ug/m3),NO2 (ug/m3)` */
export const kddLondonRaw: Layout = {
  name: 'kdd2018-london-raw',
  summary:
    'KDD Cup 2018, London as published: `,MeasurementDateGMT,station_id,PM2.5 (ug/m3),PM10 (ug/m3),NO2 (ug/m3)`',
  timeZone: 'UTC',
  city: 'London',
  shape(header) {
    const station = header.find('station_id') ?? header.find('Station_ID');
    if (!station || !header.has('MeasurementDateGMT')) return undefined;
    return stationRows(header, station, 'MeasurementDateGMT');
  },
};

/** `id,station_id,time,PM25_Concentration,PM10_Concentration,…` */
export const kddApi: Layout = {
  name: 'kdd2018-api',
  summary: "KDD Cup 2018, the competition's API: `id,station_id,time,PM25_Concentration,…` (CO in mg/m3)",
  timeZone: 'UTC',
  shape(header) {
    if (!header.has('station_id', 'time', 'PM25_Concentration')) return undefined;
    return stationRows(header, 'station_id', 'time');
  },
};

// Every column that is a measure; the nameless index column and `id` are not.
function stationRows(header: Header, station: string, time: string) {
  const timeColumn = header.find(time) ?? time;
  const stationColumn = header.find(station) ?? station;
  const values: ValueColumn[] = [];
  for (const column of header.columns) {
    const measure = canonicalMeasure(column);
    if (column === timeColumn || column === stationColumn || /^(id|column\d+|)$/i.test(column.trim()))
      continue;
    const unit = /\((.*)\)\s*$/.exec(column)?.[1];
    values.push({ column, measure, unit: unit === undefined ? undefined : canonicalUnit(unit) });
  }
  return { time: sqlName(timeColumn), timeColumn, fields: { station: sqlName(stationColumn) }, values };
}
