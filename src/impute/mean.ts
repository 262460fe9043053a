import { usageError } from '../core/errors.ts';
import { slotsOfDay, slotsPerDay } from '../panel/localTime.ts';
import type { ImputeStep } from './step.ts';
import { fillEachSeries } from './step.ts';

/** The mean of what was read of the series, or at its hour of day; cells filled before do not count. A series without any reading stays missing. */
export const mean: ImputeStep = {
  name: 'mean',
  summary: "the series' mean, or that of the same hour of day: mean, mean:hour",
  scope: 'series',
  parse(argument) {
    if (argument === undefined) return { by: 'series' };
    if (argument !== 'hour') throw usageError(`invalid mean: ${argument}; expected mean or mean:hour`);
    return { by: 'hour' };
  },
  fill(panel, { by }) {
    const slots = by === 'hour' ? slotsOfDay(panel) : new Int32Array(panel.length);
    const count = by === 'hour' ? slotsPerDay(panel) : 1;
    return fillEachSeries(panel, 'mean', (values, { filledBy }) => fillMeans(values, filledBy, slots, count));
  },
};

function fillMeans(
  values: Float64Array,
  filledBy: Uint8Array | undefined,
  slots: Int32Array,
  slotCount: number,
): void {
  const sums = new Float64Array(slotCount);
  const counts = new Float64Array(slotCount);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]) || filledBy?.[i]) continue;
    sums[slots[i]] += values[i];
    counts[slots[i]]++;
  }
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]) && counts[slots[i]] > 0) values[i] = sums[slots[i]] / counts[slots[i]];
  }
}
