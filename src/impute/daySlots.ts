import { slotsOfDay, slotsPerDay } from '../panel/localTime.ts';
import type { Panel } from '../panel/panel.ts';
import { type StepOption, type StepValue, wordOption } from './step.ts';

/** The option of steps that look at all readings, or hour of day by hour of day. */
export const slotOption: StepOption = wordOption(['hour']);

/** To which group of readings each step of a panel belongs. */
export interface DaySlots {
  /** `[length]`, 0 to `count - 1`. */
  readonly slotOf: Int32Array;
  readonly count: number;
}

/** Groups by slot of the day in the panel's own time zone for `hour`, one group for all otherwise. */
export function daySlots(panel: Panel, by: StepValue | undefined): DaySlots {
  return by === 'hour'
    ? { slotOf: slotsOfDay(panel), count: slotsPerDay(panel) }
    : { slotOf: new Int32Array(panel.length), count: 1 };
}
