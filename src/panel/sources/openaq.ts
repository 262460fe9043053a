import { gunzipSync } from 'node:zlib';
import { formatDay } from '../timeText.ts';
import { daysOf, mayGrow, type Source } from './source.ts';

/** The open archive of OpenAQ: a gzipped CSV for each location and day; needs no key. */
export const openaq: Source = {
  name: 'openaq',
  summary: 'OpenAQ archive: all sensors of a location, a gzipped CSV a day',
  baseUrl: 'https://openaq-data-archive.s3.amazonaws.com',
  stations: 'location ids such as 2178,225',
  // The archive has no file for a day without readings.
  missingIsEmpty: true,
  requests: (range) =>
    range.stations.flatMap((station) =>
      daysOf(range).map((day) => {
        const [year, month] = formatDay(day).split('-');
        const file = `location-${station}-${formatDay(day).replaceAll('-', '')}.csv.gz`;
        return {
          station,
          label: formatDay(day),
          url: `${range.baseUrl}/records/csv.gz/locationid=${encodeURIComponent(station)}/year=${year}/month=${month}/${file}`,
          file: `${station}/${file}`,
          growing: mayGrow(day, range.now),
        };
      }),
    ),
  fault(body) {
    try {
      const header = gunzipSync(body).subarray(0, 200).toString('utf8');
      return /location_id/.test(header) ? undefined : 'it has no column location_id';
    } catch {
      return 'its gzip data is broken or cut short';
    }
  },
};
