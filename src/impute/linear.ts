import type { ImputeStep } from './step.ts';
import { fillEachSeries, parseCount } from './step.ts';

/** Straight lines across gaps of up to `maxGap` steps; never beyond the first or last reading. */
export const linear: ImputeStep = {
  name: 'linear',
  summary: 'straight line across gaps of up to n steps: linear:3',
  scope: 'series',
  parse: (argument) => ({ maxGap: parseCount('linear', argument ?? '3') }),
  fill: (panel, options) =>
    fillEachSeries(panel, 'linear', (values) => fillLinear(values, Number(options.maxGap))),
};

/** Fills in place; a gap longer than `maxGap` steps is left whole. */
export function fillLinear(values: Float64Array, maxGap: number): void {
  let last = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const gap = i - last - 1;
    if (last >= 0 && gap > 0 && gap <= maxGap) {
      const slope = (values[i] - values[last]) / (gap + 1);
      for (let k = 1; k <= gap; k++) values[last + k] = values[last] + slope * k;
    }
    last = i;
  }
}
