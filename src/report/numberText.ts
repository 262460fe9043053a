/** Stands where there is no number. */
export const noNumber = '–';

/** A number to a count of decimals, thousands set apart; missing numbers are a dash. */
export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? noNumber : value > 0 ? '∞' : '−∞';
  if (Math.abs(value) >= 1e15) return value.toExponential(2).replace('-', '−');
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return text.replace(/^-(?=[0.,]*$)/, '').replace('-', '−');
}

/** A reading or an error: three significant digits below a thousand, whole from there on. */
export function reading(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return fixed(value, 0);
  return fixed(value, size >= 10 ? 1 : size >= 1 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(size))));
}

/** A whole number, thousands set apart. */
export function count(value: number): string {
  return fixed(value, 0);
}

/** A share as a percentage with one decimal; what is not all never reads 100 %, what is not none never 0 %. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return noNumber;
  const tenths = Math.round(share * 1000);
  if (tenths === 0 && share > 0) return '<\u00a00.1\u00a0%';
  if (tenths === 1000 && share < 1) return '>\u00a099.9\u00a0%';
  return `${fixed(share * 100, 1)}\u00a0%`;
}

/** A unit as people write it: `ug/m3` is µg/m³. */
export function unitText(unit: string): string {
  return unit
    .replace(/^u(?=g|m)/, 'µ')
    .replace(/m3\b/, 'm³')
    .replace(/m2\b/, 'm²')
    .replace(/^deg(?=[CF]$)/, '°');
}

/** `1 hour`, `2 hours`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** The length of a step in words: `hour`, `day`, `15 minutes`. */
export function stepText(step: number): string {
  const [size, unit] = stepUnits.find(([milliseconds]) => step % milliseconds === 0) ?? [1, 'millisecond'];
  return step === size ? unit : `${count(step / size)} ${unit}s`;
}

const stepUnits: readonly (readonly [number, string])[] = [
  [7 * 86_400_000, 'week'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];
