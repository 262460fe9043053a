import type { ResolvedOptions, Seasonality, SeasonalitySwitch } from './options.ts';
import { day } from './units.ts';

/**
 * All seasonalities of a model: those of the options, then yearly, weekly and daily as their switches and the history
 * say. `auto` takes yearly with two years of history, weekly with two weeks and steps below a week, daily with two
 * days and steps below a day, and none whose name the options have given to another.
 *
 * @param times of the rows that have a value, ascending.
 */
export function chooseSeasonalities(options: ResolvedOptions, times: Float64Array): Seasonality[] {
  const span = times[times.length - 1] - times[0];
  const step = smallestStep(times);
  const chosen = options.seasonalities.filter(({ name }) => {
    const builtIn = builtIns.find((one) => one.name === name);
    return !builtIn || orderOf(options[builtIn.option], builtIn.order, false) === 0;
  });
  for (const { name, option, period, order, history, resolution } of builtIns) {
    const custom = options.seasonalities.some((one) => one.name === name);
    const fourierOrder = orderOf(options[option], order, !custom && span >= history && step < resolution);
    if (fourierOrder > 0) {
      const { seasonalityPriorScale: priorScale, seasonalityMode: mode } = options;
      chosen.push({ name, period, fourierOrder, priorScale, mode });
    }
  }
  return chosen;
}

const builtIns = [
  {
    name: 'yearly',
    option: 'yearlySeasonality',
    period: 365.25,
    order: 10,
    history: 730 * day,
    resolution: Number.POSITIVE_INFINITY,
  },
  {
    name: 'weekly',
    option: 'weeklySeasonality',
    period: 7,
    order: 3,
    history: 14 * day,
    resolution: 7 * day,
  },
  { name: 'daily', option: 'dailySeasonality', period: 1, order: 4, history: 2 * day, resolution: day },
] as const;

function orderOf(found: SeasonalitySwitch, usual: number, auto: boolean): number {
  if (found === 'auto') return auto ? usual : 0;
  if (typeof found === 'boolean') return found ? usual : 0;
  return found;
}

function smallestStep(times: Float64Array): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < times.length; i++) {
    const step = times[i] - times[i - 1];
    if (step > 0 && step < smallest) smallest = step;
  }
  return smallest;
}
