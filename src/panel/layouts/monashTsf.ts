import { sqlName } from '../../tables/duckdb.ts';
import type { Layout } from './layout.ts';

/** Monash `.tsf`, already unfolded into one row a value by `readTsf`. */
export const monashTsf: Layout = {
  name: 'monash-tsf',
  summary:
    'Monash archive `.tsf`: `@attribute …`, `@frequency hourly`, `@data`, `T1:…:2017-01-01 14-00-00:v,v,?`',
  timeZone: 'UTC',
  anyStep: true,
  shape(header) {
    if (!header.has('tsf_id', 'tsf_time', 'tsf_value')) return undefined;
    return {
      time: sqlName('tsf_time'),
      timeColumn: 'start_timestamp',
      fields: {
        id: sqlName('tsf_id'),
        city: sqlName('tsf_city'),
        station: sqlName('tsf_station'),
        measure: sqlName('tsf_measure'),
      },
      values: [{ column: 'tsf_value' }],
    };
  },
};
