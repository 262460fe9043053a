/** Lowest and highest value that a working station reports of a measure. */
export type PlausibleRange = readonly [lowest: number, highest: number];

/**
 * The range that readings of a measure should lie in; `undefined` for measures or units not in the table, about which
 * nothing is claimed. Concentrations: the measuring ranges that the Chinese standards HJ 653-2013 (particles) and
 * HJ 654-2013 (gases, 0 to 500 ppb and 0 to 50 ppm of CO) ask of analysers, in mass at 25 °C; readings beyond are real
 * only in dust storms and fires. Weather: a little beyond the records of the World Meteorological Organization.
 */
export function plausibleRange(measure: string, unit: string): PlausibleRange | undefined {
  return ranges.get(`${measure} ${unit}`);
}

const ranges: ReadonlyMap<string, PlausibleRange> = new Map([
  ['PM2.5 ug/m3', [0, 1000]],
  ['PM10 ug/m3', [0, 2000]],
  ['PM1 ug/m3', [0, 1000]],
  ['NO2 ug/m3', [0, 941]],
  ['NO ug/m3', [0, 614]],
  ['O3 ug/m3', [0, 982]],
  ['SO2 ug/m3', [0, 1310]],
  ['CO mg/m3', [0, 57.3]],
  ['CO ug/m3', [0, 57_300]],
  ['NO2 ppb', [0, 500]],
  ['NO ppb', [0, 500]],
  ['O3 ppb', [0, 500]],
  ['SO2 ppb', [0, 500]],
  ['CO ppm', [0, 50]],
  ['NO2 ppm', [0, 0.5]],
  ['O3 ppm', [0, 0.5]],
  ['SO2 ppm', [0, 0.5]],
  ...pairs(['TEMP', 'temperature'], 'degC', [-90, 60]),
  ...pairs(['DEWP'], 'degC', [-95, 40]),
  // Down to stations four thousand metres up.
  ...pairs(['PRES', 'pressure'], 'hPa', [600, 1090]),
  ...pairs(['RAIN'], 'mm', [0, 310]),
  ...pairs(['WSPM', 'wind_speed'], 'm/s', [0, 115]),
  ...pairs(['humidity'], '%', [0, 100]),
  ...pairs(['wind_direction'], 'deg', [0, 360]),
]);

function pairs(measures: readonly string[], unit: string, range: PlausibleRange) {
  return measures.map((measure): [string, PlausibleRange] => [`${measure} ${unit}`, range]);
}
