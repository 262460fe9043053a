import { dataError } from '../core/errors.ts';

/** Canonical name of a measure: `PM25_Concentration`, `pm2.5` and `PM2.5 (ug/m3)` are all `PM2.5`. */
export function canonicalMeasure(name: string): string {
  const bare = name
    .replace(/\(.*\)\s*$/, '')
    .replace(/_?concentration$/i, '')
    .replace(/\s*particulate\s*$/i, '')
    .trim();
  return canonicalNames[bare.toLowerCase().replace(/[\s_.]/g, '')] ?? bare;
}

/** Whether readings of a measure are concentrations, which cannot be negative. */
export function isConcentration(measure: string): boolean {
  return measure in usualUnits;
}

/** One spelling for each unit: `µg/m³`, `μg/m3` (two different letters mu) and `UG/M3` are `ug/m3`. */
export function canonicalUnit(unit: string): string {
  const plain = unit.trim().normalize('NFKC').replace(/μ/g, 'u').toLowerCase().replace(/\s+/g, '');
  return unitSpellings[plain] ?? plain;
}

/** The unit a measure has when its file does not say. */
export function usualUnit(measure: string): string {
  return usualUnits[measure] ?? '';
}

/**
 * Factor from one unit to another for a measure. Mass units convert by powers of ten; gases convert between volume
 * and mass shares at 25 °C and 1013 hPa, where a mole takes 24.45 litres (the convention of the US EPA).
 *
 * @throws TrainyardError of kind `data` when no conversion is known.
 */
export function unitFactor(measure: string, from: string, to: string, place: string): number {
  if (from === to || from === '' || to === '') return 1;
  const source = unitScale(measure, from);
  const target = unitScale(measure, to);
  if (source === undefined || target === undefined) {
    throw dataError(
      `${place}: ${measure} comes in ${from} and in ${to}, which do not convert`,
      'convert one of the files, or read them apart',
    );
  }
  return source / target;
}

// Micrograms per cubic metre in one unit.
function unitScale(measure: string, unit: string): number | undefined {
  if (unit in massUnits) return massUnits[unit];
  const molarMass = molarMasses[measure];
  return unit in volumeUnits && molarMass !== undefined ? (volumeUnits[unit] * molarMass) / 24.45 : undefined;
}

const canonicalNames: Record<string, string> = {
  pm25: 'PM2.5',
  pm10: 'PM10',
  pm1: 'PM1',
  no2: 'NO2',
  nitrogendioxide: 'NO2',
  no: 'NO',
  nitricoxide: 'NO',
  nox: 'NOX',
  oxidesofnitrogen: 'NOX',
  co: 'CO',
  carbonmonoxide: 'CO',
  o3: 'O3',
  ozone: 'O3',
  so2: 'SO2',
  sulphurdioxide: 'SO2',
  sulfurdioxide: 'SO2',
  bc: 'BC',
};

const usualUnits: Record<string, string> = {
  'PM2.5': 'ug/m3',
  PM10: 'ug/m3',
  PM1: 'ug/m3',
  NO2: 'ug/m3',
  NO: 'ug/m3',
  NOX: 'ug/m3',
  CO: 'mg/m3',
  O3: 'ug/m3',
  SO2: 'ug/m3',
  BC: 'ug/m3',
};

const unitSpellings: Record<string, string> = {
  'ugm-3': 'ug/m3',
  'ug.m-3': 'ug/m3',
  'mgm-3': 'mg/m3',
  'mg.m-3': 'mg/m3',
  c: 'degC',
  '°c': 'degC',
  degc: 'degC',
  hpa: 'hPa',
};

const massUnits: Record<string, number> = { 'ng/m3': 0.001, 'ug/m3': 1, 'mg/m3': 1000, 'g/m3': 1e6 };

// With the molar mass in g/mol over 24.45 l/mol, one ppb is that many micrograms per cubic metre.
const volumeUnits: Record<string, number> = { ppb: 1, ppm: 1000, ppt: 0.001 };

const molarMasses: Record<string, number> = { CO: 28.01, NO2: 46.0055, NO: 30.006, O3: 47.998, SO2: 64.066 };
