import { describe, expect, it } from 'vitest';
import { beijingStationId } from './beijingNames.ts';
import { kddStations, londonSiteCode } from './kddStations.ts';
import {
  canonicalMeasure,
  canonicalUnit,
  isConcentration,
  isSentinel,
  unitFactor,
  weatherUnit,
} from './measures.ts';
import { plausibleRange } from './plausibleRange.ts';

describe('canonicalMeasure', () => {
  it.each([
    ['PM25_Concentration', 'PM2.5'],
    ['pm2.5', 'PM2.5'],
    ['PM2_5', 'PM2.5'],
    ['PM2.5 (ug/m3)', 'PM2.5'],
    ['PM2.5 Particulate (ug/m3)', 'PM2.5'],
    ['Nitrogen Dioxide (ug/m3)', 'NO2'],
    ['O3', 'O3'],
    ['TEMP', 'TEMP'],
    ['wind_speed', 'wind_speed'],
    ['雾', '雾'],
    ['constructor', 'constructor'],
    ['', ''],
  ])('calls %j %j', (name, measure) => {
    expect(canonicalMeasure(name)).toBe(measure);
  });
});

describe('canonicalUnit', () => {
  it.each([
    ['µg/m³', 'ug/m3'],
    ['μg/m³', 'ug/m3'],
    ['UG/M3', 'ug/m3'],
    ['ug m-3', 'ug/m3'],
    ['mg/m³', 'mg/m3'],
    ['PPM', 'ppm'],
    ['°C', 'degC'],
    ['toString', 'tostring'],
  ])('writes %j as %j', (text, unit) => {
    expect(canonicalUnit(text)).toBe(unit);
  });
});

describe('unitFactor', () => {
  it('converts mass by powers of ten, and gases by their molar mass over 24.45 litres', () => {
    expect(unitFactor('CO', 'mg/m3', 'ug/m3', 'here')).toBe(1000);
    expect(unitFactor('PM10', 'ug/m3', 'mg/m3', 'here')).toBeCloseTo(0.001, 15);
    // The factors the US EPA prints: 1 ppb is 1.96 ug/m3 of O3, 1.88 of NO2, 2.62 of SO2; 1 ppm is 1.15 mg/m3 of CO.
    expect(unitFactor('O3', 'ppb', 'ug/m3', 'here')).toBeCloseTo(1.963, 3);
    expect(unitFactor('NO2', 'ppb', 'ug/m3', 'here')).toBeCloseTo(1.882, 3);
    expect(unitFactor('SO2', 'ppb', 'ug/m3', 'here')).toBeCloseTo(2.62, 3);
    expect(unitFactor('CO', 'ppm', 'mg/m3', 'here')).toBeCloseTo(1.146, 3);
    expect(unitFactor('CO', 'ppm', 'ppb', 'here')).toBeCloseTo(1000, 9);
  });

  it('takes any unit for itself and refuses what does not convert, naming the place', () => {
    expect(unitFactor('TEMP', 'degC', 'degC', 'here')).toBe(1);
    expect(() => unitFactor('PM2.5', 'ppb', 'ug/m3', 'a.csv')).toThrow(
      'a.csv: PM2.5 comes in ppb and in ug/m3',
    );
    expect(() => unitFactor('CO', 'constructor', 'ug/m3', 'a.csv')).toThrow('do not convert');
  });
});

it('knows concentrations and weather, and codes for no reading in both only', () => {
  expect([isConcentration('PM2.5'), isConcentration('TEMP'), isConcentration('toString')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([
    isSentinel('PM2.5', -999),
    isSentinel('TEMP', -9999),
    isSentinel('wind_direction', 999017),
  ]).toEqual([true, true, true]);
  expect([isSentinel('PM2.5', -1), isSentinel('', -999), isSentinel('load', 999999)]).toEqual([
    false,
    false,
    false,
  ]);
  expect([weatherUnit('TEMP'), weatherUnit('PM2.5'), weatherUnit('valueOf')]).toEqual([
    'degC',
    undefined,
    undefined,
  ]);
  expect(plausibleRange('CO', 'ppm')).toEqual([0, 50]);
  expect(plausibleRange('CO', '')).toBeUndefined();
});

describe('stations', () => {
  it('maps every Chinese name to a station of the competition', () => {
    const ids = ['东四', '东城东四', '昌平镇', '定陵（对照点）', '京西北八达岭', '房山良乡'].map(
      beijingStationId,
    );
    expect(ids).toEqual([
      'dongsi_aq',
      'dongsi_aq',
      'pingchang_aq',
      'dingling_aq',
      'badaling_aq',
      'fangshan_aq',
    ]);
    for (const id of ids) expect(kddStations.get(id)?.city).toBe('Beijing');
  });

  it('keeps names it does not know', () => {
    expect(beijingStationId('某新站')).toBe('某新站');
    expect(beijingStationId('constructor')).toBe('constructor');
    expect(londonSiteCode('Ealing - Acton')).toBe('Ealing - Acton');
    expect(londonSiteCode('Westminster - Marylebone Road FDMS')).toBe('MY7');
  });

  it('knows 35 stations of Beijing and 24 of London', () => {
    const cities = [...kddStations.values()].map(({ city }) => city);
    expect(cities.filter((city) => city === 'Beijing')).toHaveLength(35);
    expect(cities.filter((city) => city === 'London')).toHaveLength(24);
  });
});
