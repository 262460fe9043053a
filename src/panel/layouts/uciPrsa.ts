import { sqlName } from '../../tables/duckdb.ts';
import { weatherUnit } from '../measures.ts';
import { type Layout, networkUnits } from './layout.ts';

const notMeasures = new Set(['no', 'year', 'month', 'day', 'hour', 'wd', 'station']);
const weather = ['TEMP', 'PRES', 'DEWP', 'RAIN', 'WSPM'];

/** `No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station` */
export const uciPrsa: Layout = {
  name: 'uci-prsa',
  summary:
    'UCI Beijing multi-site (PRSA): `No,year,month,day,hour,PM2.5,…,station`, local time (CO in ug/m3)',
  timeZone: 'Asia/Shanghai',
  city: 'Beijing',
  // Unlike every other layout, CO is in ug/m3 here.
  units: new Map([
    ...[...networkUnits.keys()].map((measure) => [measure, 'ug/m3'] as const),
    ...weather.map((measure) => [measure, weatherUnit(measure) ?? ''] as const),
  ]),
  knownStation: (station) => `${station.toLowerCase().replace('changping', 'pingchang')}_aq`,
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
      ignored: header.has('wd') ? ['wd'] : [],
    };
  },
};
