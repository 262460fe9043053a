import { medianInPlace } from '../core/medianInPlace.ts';
import { type DaySlots, daySlots, slotOption } from './daySlots.ts';
import { fillEachSeries, type ImputeStep } from './step.ts';

/**
 * The median of what was read of the series, or of what was read at the same hour of day; cells filled by earlier
 * steps do not count. A series without any reading stays missing.
 */
export const median: ImputeStep = {
  name: 'median',
  summary: 'the median of the series, or of its readings at the same hour of day: median, median:hour',
  scope: 'series',
  options: { by: slotOption },
  fill(panel, { by }, label) {
    const slots = daySlots(panel, by);
    const scratch = new Float64Array(panel.length);
    return fillEachSeries(panel, label, (values, { filledBy }) =>
      fillMedians(values, filledBy, slots, scratch),
    );
  },
};

// Gathers the readings of each slot in its own stretch of `scratch`; slots without a gap are left out.
function fillMedians(
  values: Float64Array,
  filledBy: Uint8Array | undefined,
  { slotOf, count }: DaySlots,
  scratch: Float64Array,
): void {
  const wanted = new Uint8Array(count);
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) wanted[slotOf[i]] = 1;
    else if (isReading(values, filledBy, i)) starts[slotOf[i] + 1]++;
  }
  for (let slot = 0; slot < count; slot++) starts[slot + 1] += starts[slot];
  const next = starts.slice(0, count);
  for (let i = 0; i < values.length; i++) {
    if (wanted[slotOf[i]] && isReading(values, filledBy, i)) scratch[next[slotOf[i]]++] = values[i];
  }
  const medians = new Float64Array(count).fill(Number.NaN);
  for (let slot = 0; slot < count; slot++) {
    const readings = scratch.subarray(starts[slot], starts[slot + 1]);
    if (wanted[slot] && readings.length > 0) medians[slot] = medianInPlace(readings, readings.length);
  }
  for (let i = 0; i < values.length; i++) {
    // Missing where nothing was read, infinite where the sum of two middle ones ran over.
    if (Number.isNaN(values[i]) && Number.isFinite(medians[slotOf[i]])) values[i] = medians[slotOf[i]];
  }
}

function isReading(values: Float64Array, filledBy: Uint8Array | undefined, i: number): boolean {
  return Number.isFinite(values[i]) && !filledBy?.[i];
}
