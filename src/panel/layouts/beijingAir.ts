import { sqlName, sqlText } from '../../tables/duckdb.ts';
import { beijingStationId } from '../beijingNames.ts';
import { type Layout, networkUnits } from './layout.ts';

// The files also hold averages and indices computed from these (PM2.5_24h, AQI, O3_8h, …).
const rawTypes = ['PM2.5', 'PM10', 'SO2', 'NO2', 'CO', 'O3'];

/** `date,hour,type,<station names in Chinese>…`, one row per hour and type; national files have codes (`1001A`). */
export const beijingAir: Layout = {
  name: 'beijing-air',
  summary: 'beijingair / quotsoft daily files: `date,hour,type,<stations>…`, Beijing time; raw types only',
  timeZone: 'Asia/Shanghai',
  units: networkUnits,
  knownStation: (station) => station,
  shape(header) {
    if (!header.has('date', 'hour', 'type')) return undefined;
    const name = (column: string) => sqlName(header.find(column) ?? column);
    const stations = header.columns.filter((column) => !/^(date|hour|type)$/i.test(column.trim()));
    if (stations.length === 0) return undefined;
    const date = name('date');
    return {
      time: `substr(${date}, 1, 4) || '-' || substr(${date}, 5, 2) || '-' || substr(${date}, 7, 2) || ' ' || lpad(${name('hour')}, 2, '0') || ':00:00'`,
      timeColumn: 'date, hour',
      fields: { measure: name('type') },
      values: stations.map((column) => ({ column, station: beijingStationId(column.trim()) })),
      where: `${name('type')} IN (${rawTypes.map(sqlText).join(', ')})`,
    };
  },
};
