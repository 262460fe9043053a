import { usageError } from '../core/errors.ts';

/** The factor on the learning rate at an update, counted from 0. */
export type Schedule = (step: number) => number;

/** Always 1. */
export function constantSchedule(): Schedule {
  return () => 1;
}

/** Times `factor` every `every` updates. */
export function stepSchedule({ every, factor = 0.1 }: { every: number; factor?: number }): Schedule {
  assertCount('every', every);
  return (step) => factor ** Math.floor(step / every);
}

/**
 * Half a cosine from 1 to `final` over `total` updates (Loshchilov and Hutter 2017, SGDR, without restarts), `final`
 * after that.
 */
export function cosineSchedule({ total, final = 0 }: { total: number; final?: number }): Schedule {
  assertCount('total', total);
  return (step) => final + ((1 - final) / 2) * (1 + Math.cos(Math.PI * Math.min(1, step / total)));
}

/** In a straight line from 0 up to the schedule that follows, over the first `warmUp` updates. */
export function withWarmUp(warmUp: number, after: Schedule): Schedule {
  assertCount('warmUp', warmUp);
  return (step) => (step < warmUp ? ((step + 1) / warmUp) * after(0) : after(step - warmUp));
}

/**
 * One cycle (Smith and Topin 2018): by half a cosine from `initial` up to 1 in the first `rise` of the updates, then
 * down to `final`. PyTorch's `OneCycleLR` with `max_lr` as the learning rate.
 */
export function oneCycleSchedule({
  total,
  rise = 0.3,
  initial = 1 / 25,
  final = initial / 1e4,
}: {
  total: number;
  rise?: number;
  initial?: number;
  final?: number;
}): Schedule {
  assertCount('total', total);
  const peak = rise * total - 1;
  return (step) => {
    const [from, to, share] =
      step <= peak ? [initial, 1, step / peak] : [1, final, Math.min(1, (step - peak) / (total - 1 - peak))];
    return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
  };
}

/** A factor that falls when a value stops getting better. */
export interface PlateauSchedule {
  /** Told the value after each epoch; returns the factor from then on. */
  next(value: number): number;
}

/**
 * Times `factor` after more than `patience` epochs without an improvement by more than `threshold`, relative to the
 * best. As PyTorch's `ReduceLROnPlateau`.
 */
export function reduceOnPlateau({
  factor = 0.1,
  patience = 10,
  threshold = 1e-4,
  higherIsBetter = false,
  least = 0,
}: {
  factor?: number;
  patience?: number;
  threshold?: number;
  higherIsBetter?: boolean;
  least?: number;
} = {}): PlateauSchedule {
  let scale = 1;
  let best = Number.NaN;
  let stale = 0;
  return {
    next(value) {
      const margin = best * (higherIsBetter ? 1 + threshold : 1 - threshold);
      const better = Number.isNaN(best) || (higherIsBetter ? value > margin : value < margin);
      if (better) {
        best = value;
        stale = 0;
      } else if (++stale > patience) {
        scale = Math.max(least, scale * factor);
        stale = 0;
      }
      return scale;
    },
  };
}

function assertCount(name: string, value: number): void {
  if (!(value >= 1)) throw usageError(`invalid ${name}: ${value}; expected at least 1 update`);
}
