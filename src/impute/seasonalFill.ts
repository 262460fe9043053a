import { usageError } from '../core/errors.ts';
import { localDays, slotsOfDay, slotsPerDay } from '../panel/localTime.ts';
import type { ImputeStep } from './step.ts';
import { fillEachSeries, parseCount } from './step.ts';

/**
 * Forward, then backward fill: within the same hour of day (the reading of the day before at that hour, else of the
 * next day that has one), or within the same local day. Days and hours are those of the panel's own time zone.
 */
export const seasonalFill: ImputeStep = {
  name: 'seasonalFill',
  summary:
    'forward then backward within the hour of day (seasonalFill:hour, at most n days off: hour/14) or the day',
  scope: 'series',
  parse(argument = 'hour') {
    const [within, maxDays] = argument.split('/');
    if (within !== 'hour' && within !== 'day') {
      throw usageError(`invalid seasonalFill: ${argument}; expected hour, day or hour/<days>`);
    }
    if (maxDays === undefined) return { within };
    if (within === 'day')
      throw usageError(`invalid seasonalFill: ${argument}; a day has no maximum distance`);
    return { within, maxDays: parseCount('seasonalFill', maxDays) };
  },
  fill(panel, { within, maxDays = Number.POSITIVE_INFINITY }) {
    if (within === 'day') {
      const days = localDays(panel);
      return fillEachSeries(panel, 'seasonalFill', (values) => fillWithinDay(values, days));
    }
    const slots = slotsOfDay(panel);
    const distance = Number(maxDays) * slotsPerDay(panel);
    const lastAt = new Int32Array(slotsPerDay(panel));
    return fillEachSeries(panel, 'seasonalFill', (values) => fillWithinSlot(values, slots, distance, lastAt));
  },
};

// `lastAt` holds, slot by slot, the last reading met; what is filled forward is not carried on by the backward pass.
function fillWithinSlot(values: Float64Array, slots: Int32Array, distance: number, lastAt: Int32Array): void {
  const length = values.length;
  const known = new Uint8Array(length);
  lastAt.fill(-1);
  for (let i = 0; i < length; i++) {
    const slot = slots[i];
    if (!Number.isNaN(values[i])) {
      known[i] = 1;
      lastAt[slot] = i;
    } else if (lastAt[slot] >= 0 && i - lastAt[slot] <= distance) values[i] = values[lastAt[slot]];
  }
  lastAt.fill(-1);
  for (let i = length - 1; i >= 0; i--) {
    const slot = slots[i];
    if (known[i]) lastAt[slot] = i;
    else if (Number.isNaN(values[i]) && lastAt[slot] >= 0 && lastAt[slot] - i <= distance)
      values[i] = values[lastAt[slot]];
  }
}

function fillWithinDay(values: Float64Array, days: Int32Array): void {
  for (let i = 1; i < values.length; i++) {
    if (Number.isNaN(values[i]) && days[i] === days[i - 1]) values[i] = values[i - 1];
  }
  for (let i = values.length - 2; i >= 0; i--) {
    if (Number.isNaN(values[i]) && days[i] === days[i + 1]) values[i] = values[i + 1];
  }
}
