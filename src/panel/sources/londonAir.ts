import { day as oneDay } from '../panel.ts';
import { formatDay } from '../timeText.ts';
import { daysOf, mayGrow, type Source } from './source.ts';

/** London Air Quality Network, run by Imperial College (formerly King's College, `api.erg.kcl.ac.uk`). */
export const londonAir: Source = {
  name: 'london-air',
  summary: 'London Air (LAQN): hourly readings of a site, JSON a day',
  baseUrl: 'https://api.erg.ic.ac.uk',
  stations: 'site codes such as BL0,CD1',
  requests: (range) =>
    range.stations.flatMap((station) =>
      daysOf(range).map((day) => ({
        station,
        label: formatDay(day),
        // The end is exclusive.
        url: `${range.baseUrl}/AirQuality/Data/Site/SiteCode=${encodeURIComponent(station)}/StartDate=${formatDay(day)}/EndDate=${formatDay(day + oneDay)}/Json`,
        file: `${station}/${formatDay(day)}.json`,
        growing: mayGrow(day, range.now),
      })),
    ),
  fault(body, { station }) {
    let data: { AirQualityData?: { '@SiteCode'?: string } } | null;
    try {
      data = JSON.parse(body.toString('utf8'));
    } catch {
      return 'it is not JSON';
    }
    const site = data?.AirQualityData?.['@SiteCode'];
    if (site === undefined) return 'it has no AirQualityData';
    return site === station ? undefined : `it is of site ${site}`;
  },
};
