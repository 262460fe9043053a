/** LightGBM's guard against empty sums: 1e-15 as a 32-bit float. */
export const epsilon = Math.fround(1e-15);

/** Values this close to zero are zero: 1e-35 as a 32-bit float. */
export const zeroThreshold = Math.fround(1e-35);

/** How a feature treats missing values; the numbers are those of the model file. */
export const missingNone = 0;
export const missingZero = 1;
export const missingNan = 2;

/** `static_cast<int>(x + 0.5)`, LightGBM's rounding of counts. */
export function roundCount(value: number): number {
  return Math.trunc(value + 0.5);
}

/** Leaf values this close to zero are stored as zero. */
export function zeroIfTiny(value: number): number {
  return value >= -zeroThreshold && value <= zeroThreshold ? 0 : value;
}
