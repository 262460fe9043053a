import { sqlName } from '../../tables/duckdb.ts';
import type { Layout } from './layout.ts';

/** `location_id,sensors_id,location,datetime,lat,lon,parameter,units,value` */
export const openaq: Layout = {
  name: 'openaq',
  summary: 'OpenAQ archive: `location_id,sensors_id,location,datetime,lat,lon,parameter,units,value`',
  timeZone: 'UTC',
  shape(header) {
    if (!header.has('location', 'datetime', 'parameter', 'units', 'value')) return undefined;
    const name = (column: string) => sqlName(header.find(column) ?? column);
    const fields = { station: name('location'), measure: name('parameter'), unit: name('units') };
    const place = header.has('lat', 'lon') ? { latitude: name('lat'), longitude: name('lon') } : {};
    return {
      time: name('datetime'),
      timeColumn: 'datetime',
      fields: { ...fields, ...place },
      values: [{ column: header.find('value') ?? 'value' }],
    };
  },
};
