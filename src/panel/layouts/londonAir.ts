import { sqlName } from '../../tables/duckdb.ts';
import { londonSiteCode } from '../kddStations.ts';
import { canonicalMeasure, canonicalUnit } from '../measures.ts';
import { type Layout, networkUnits, type ValueColumn } from './layout.ts';

/** `MeasurementDateGMT,<Site name>: PM2.5 Particulate (ug/m3),…` */
export const londonAirCsv: Layout = {
  name: 'london-air-csv',
  summary: 'London Air (LAQN), wide CSV: `MeasurementDateGMT,<Site name>: PM2.5 Particulate (ug/m3),…`',
  timeZone: 'UTC',
  city: 'London',
  units: networkUnits,
  knownStation: (station) => station,
  shape(header) {
    const time = header.find('MeasurementDateGMT');
    if (time === undefined || header.has('station_id')) return undefined;
    const values: ValueColumn[] = [];
    for (const column of header.columns) {
      const match = /^(.+?):\s*(.+?)\s*(?:\(([^()]*)\))?\s*$/.exec(column);
      if (!match || column === time) continue;
      const [, site, measure, unit] = match;
      values.push({
        column,
        station: londonSiteCode(site.trim()),
        measure: canonicalMeasure(measure),
        unit: unit && canonicalUnit(unit),
      });
    }
    if (values.length === 0) return undefined;
    return { time: sqlName(time), timeColumn: time, fields: {}, values };
  },
};

/**
 * `{"AirQualityData":{"@SiteCode","Data":[{"@SpeciesCode","@MeasurementDateGMT","@Value"}]}}`, already unfolded into
 * one row a reading by the reader of JSON.
 */
export const londonAirJson: Layout = {
  name: 'london-air-json',
  summary: 'London Air (LAQN), JSON of a site: `{"AirQualityData":{"@SiteCode","Data":[…]}}`',
  timeZone: 'UTC',
  city: 'London',
  units: networkUnits,
  knownStation: (station) => station,
  shape(header) {
    if (!header.has('@SiteCode', '@SpeciesCode', '@MeasurementDateGMT', '@Value')) return undefined;
    return {
      time: sqlName('@MeasurementDateGMT'),
      timeColumn: '@MeasurementDateGMT',
      fields: { station: sqlName('@SiteCode'), measure: sqlName('@SpeciesCode') },
      values: [{ column: '@Value' }],
    };
  },
};
