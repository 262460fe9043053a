import { sqlName } from '../duckdb.ts';
import type { Layout } from './layout.ts';

const notMeasures = new Set(['no', 'year', 'month', 'day', 'hour', 'wd', 'station']);

/** `No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station` */
export const uciPrsa: Layout = {
  name: 'uci-prsa',
  summary:
    'UCI Beijing multi-site (PRSA): `No,year,month,day,hour,PM2.5,…,station`, local time (CO in ug/m3)',
  timeZone: 'Asia/Shanghai',
  city: 'Beijing',
  units: { CO: 'ug/m3', TEMP: 'degC', PRES: 'hPa', DEWP: 'degC', RAIN: 'mm', WSPM: 'm/s' },
  shape(header) {
    if (!header.has('year', 'month', 'day', 'hour', 'station', 'PM2.5')) return undefined;
    const part = (name: string, width: number) =>
      `lpad(${sqlName(header.find(name) ?? name)}, ${width}, '0')`;
    return {
      time: `${part('year', 4)} || '-' || ${part('month', 2)} || '-' || ${part('day', 2)} || ' ' || ${part('hour', 2)} || ':00:00'`,
      timeColumn: 'year, month, day, hour',
      fields: { station: sqlName(header.find('station') ?? 'station') },
      values: header.columns
        .filter((column) => !notMeasures.has(column.trim().toLowerCase()))
        .map((column) => ({ column, measure: column.trim() })),
    };
  },
};
