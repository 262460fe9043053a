import { boundOf, boundOption, fillEachSeries, type ImputeStep } from './step.ts';

/** Straight lines across gaps of up to `maxGap` steps; never beyond the first or last reading. */
export const linear: ImputeStep = {
  name: 'linear',
  summary: 'a straight line across gaps of up to n steps: linear:3, linear:any',
  scope: 'series',
  options: { maxGap: boundOption(3) },
  fill(panel, options, label) {
    const maxGap = boundOf(options.maxGap);
    return fillEachSeries(panel, label, (values) => drawLines(values, maxGap));
  },
};

// Fills in place; a gap of more than `maxGap` steps is left whole, and so is one beside an infinite value.
function drawLines(values: Float64Array, maxGap: number): void {
  let last = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    const gap = i - last - 1;
    if (gap > 0 && gap <= maxGap && last >= 0) {
      const from = values[last];
      // Divided before it is subtracted: the difference of two huge values may be infinite.
      const slope = value / (gap + 1) - from / (gap + 1);
      if (Number.isFinite(slope)) for (let k = 1; k <= gap; k++) values[last + k] = from + slope * k;
    }
    last = i;
  }
}
