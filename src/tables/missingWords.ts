/** How files write a reading that is missing, in lower case; DuckDB itself reads `NaN` as a number. */
export const missingWords: readonly string[] = [
  '',
  'na',
  'n/a',
  '#n/a',
  'null',
  'none',
  'missing',
  '-',
  '--',
  '?',
];
