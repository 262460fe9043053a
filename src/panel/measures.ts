import { dataError } from '../core/errors.ts';

/** Canonical name of a measure: `PM25_Concentration`, `pm2.5` and `PM2.5 (ug/m3)` are all `PM2.5`. */
export function canonicalMeasure(name: string): string {
  const bare = name
    .replace(/\(.*\)\s*$/, '')
    .replace(/_?concentration$/i, '')
    .replace(/\s*particulate\s*$/i, '')
    .trim();
  return canonicalNames.get(bare.toLowerCase().replace(/[\s_.]/g, '')) ?? bare;
}

/** Whether readings of a measure are concentrations, which cannot be negative. */
export function isConcentration(measure: string): boolean {
  return concentrations.has(measure);
}

/** One spelling for each unit: `µg/m³`, `μg/m3` (two different letters mu) and `UG/M3` are `ug/m3`. */
export function canonicalUnit(unit: string): string {
  const plain = unit.trim().normalize('NFKC').replace(/μ/g, 'u').toLowerCase().replace(/\s+/g, '');
  return unitSpellings.get(plain) ?? plain;
}

/**
 * Whether a value is a code for "no reading", such as -999 or 999999, which no concentration and no weather reading
 * takes. Other measures may take any value.
 */
export function isSentinel(measure: string, value: number): boolean {
  if (value > -999 && value < 999_000) return false;
  return concentrations.has(measure) || weatherUnits.has(measure);
}

/** The unit that stations report a weather measure in; `undefined` for other measures. */
export function weatherUnit(measure: string): string | undefined {
  return weatherUnits.get(measure);
}

/**
 * Factor from one unit to another for a measure. Mass units convert by powers of ten; gases convert between volume
 * and mass shares at 25 °C and 1013 hPa, where a mole takes 24.45 litres (the convention of the US EPA). `place` is
 * what the error names.
 *
 * @throws TrainyardError of kind `data` when no conversion is known.
 */
export function unitFactor(measure: string, from: string, to: string, place: string): number {
  if (from === to) return 1;
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
  const mass = massUnits.get(unit);
  if (mass !== undefined) return mass;
  const volume = volumeUnits.get(unit);
  const molarMass = molarMasses.get(measure);
  return volume === undefined || molarMass === undefined ? undefined : (volume * molarMass) / molarVolume;
}

const canonicalNames: ReadonlyMap<string, string> = new Map([
  ['pm25', 'PM2.5'],
  ['pm10', 'PM10'],
  ['pm1', 'PM1'],
  ['no2', 'NO2'],
  ['nitrogendioxide', 'NO2'],
  ['no', 'NO'],
  ['nitricoxide', 'NO'],
  ['nox', 'NOX'],
  ['oxidesofnitrogen', 'NOX'],
  ['co', 'CO'],
  ['carbonmonoxide', 'CO'],
  ['o3', 'O3'],
  ['ozone', 'O3'],
  ['so2', 'SO2'],
  ['sulphurdioxide', 'SO2'],
  ['sulfurdioxide', 'SO2'],
  ['bc', 'BC'],
]);

const concentrations: ReadonlySet<string> = new Set([
  'PM2.5',
  'PM10',
  'PM1',
  'NO2',
  'NO',
  'NOX',
  'CO',
  'O3',
  'SO2',
  'BC',
]);

const weatherUnits: ReadonlyMap<string, string> = new Map([
  ['TEMP', 'degC'],
  ['PRES', 'hPa'],
  ['DEWP', 'degC'],
  ['RAIN', 'mm'],
  ['WSPM', 'm/s'],
  ['temperature', 'degC'],
  ['pressure', 'hPa'],
  ['humidity', '%'],
  ['wind_speed', 'm/s'],
  ['wind_direction', 'deg'],
]);

const unitSpellings: ReadonlyMap<string, string> = new Map([
  ['ugm-3', 'ug/m3'],
  ['ug.m-3', 'ug/m3'],
  ['mgm-3', 'mg/m3'],
  ['mg.m-3', 'mg/m3'],
  ['c', 'degC'],
  ['°c', 'degC'],
  ['degc', 'degC'],
  ['hpa', 'hPa'],
]);

const massUnits: ReadonlyMap<string, number> = new Map([
  ['ng/m3', 0.001],
  ['ug/m3', 1],
  ['mg/m3', 1000],
  ['g/m3', 1e6],
]);

// With the molar mass in g/mol over the molar volume in l/mol, one ppb is that many micrograms per cubic metre.
const volumeUnits: ReadonlyMap<string, number> = new Map([
  ['ppt', 0.001],
  ['ppb', 1],
  ['ppm', 1000],
]);

const molarVolume = 24.45;

const molarMasses: ReadonlyMap<string, number> = new Map([
  ['CO', 28.01],
  ['NO2', 46.0055],
  ['NO', 30.006],
  ['O3', 47.998],
  ['SO2', 64.066],
]);
