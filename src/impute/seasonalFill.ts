import { localDays, slotsOfDay, slotsPerDay } from '../panel/localTime.ts';
import { boundOf, boundOption, fillEachSeries, type ImputeStep, wordOption } from './step.ts';

/**
 * Forward, then backward fill: within the same hour of day (the reading at that hour of the nearest earlier day, else
 * of the nearest later day, at most `maxDays` away), or within the same day. Hours and days are those of the panel's
 * own time zone.
 */
export const seasonalFill: ImputeStep = {
  name: 'seasonalFill',
  summary:
    'forward, then backward fill within the hour of day or within the day: seasonalFill:hour, seasonalFill:hour:maxDays=14, seasonalFill:day',
  scope: 'series',
  options: { within: wordOption(['hour', 'day'], 'hour'), maxDays: boundOption() },
  fill(panel, options, label) {
    const days = localDays(panel);
    // Within the day, all steps share one slot and no other day is near enough.
    const withinDay = options.within === 'day';
    const slots = withinDay ? new Int32Array(panel.length) : slotsOfDay(panel);
    const maxDays = withinDay ? 0 : boundOf(options.maxDays);
    const lastAt = new Int32Array(withinDay ? 1 : slotsPerDay(panel));
    return fillEachSeries(panel, label, (values, { values: before }) => {
      lastAt.fill(-1);
      for (let i = 0; i < values.length; i++) fillFrom(lastAt, i, before, values, slots, days, maxDays);
      lastAt.fill(-1);
      for (let i = values.length - 1; i >= 0; i--) fillFrom(lastAt, i, before, values, slots, days, maxDays);
    });
  },
};

// `lastAt` holds, slot by slot, the last reading met on the way; only readings from before the step are handed on.
function fillFrom(
  lastAt: Int32Array,
  i: number,
  before: Float64Array,
  values: Float64Array,
  slots: Int32Array,
  days: Int32Array,
  maxDays: number,
): void {
  if (Number.isFinite(before[i])) {
    lastAt[slots[i]] = i;
    return;
  }
  const source = lastAt[slots[i]];
  if (source >= 0 && Number.isNaN(values[i]) && Math.abs(days[i] - days[source]) <= maxDays) {
    values[i] = before[source];
  }
}
