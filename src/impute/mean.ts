import { type DaySlots, daySlots, slotOption } from './daySlots.ts';
import { fillEachSeries, type ImputeStep } from './step.ts';

/**
 * The mean of what was read of the series, or of what was read at the same hour of day; cells filled by earlier steps
 * do not count. A series without any reading stays missing.
 */
export const mean: ImputeStep = {
  name: 'mean',
  summary: 'the mean of the series, or of its readings at the same hour of day: mean, mean:hour',
  scope: 'series',
  options: { by: slotOption },
  fill(panel, { by }, label) {
    const slots = daySlots(panel, by);
    return fillEachSeries(panel, label, (values, { filledBy }) => fillMeans(values, filledBy, slots));
  },
};

function fillMeans(
  values: Float64Array,
  filledBy: Uint8Array | undefined,
  { slotOf, count }: DaySlots,
): void {
  const means = new Float64Array(count);
  const readings = new Float64Array(count);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) || filledBy?.[i]) continue;
    means[slotOf[i]] += values[i];
    readings[slotOf[i]]++;
  }
  for (let slot = 0; slot < count; slot++) means[slot] /= readings[slot];
  for (let i = 0; i < values.length; i++) {
    // Missing where nothing was read, infinite where the sum ran over.
    if (Number.isNaN(values[i]) && Number.isFinite(means[slotOf[i]])) values[i] = means[slotOf[i]];
  }
}
