import { linear } from './linear.ts';
import { mean } from './mean.ts';
import { median } from './median.ts';
import { inverseDistance } from './neighbours/inverseDistance.ts';
import { nearestStations } from './neighbours/nearestStations.ts';
import { neighbours } from './neighbours/neighbours.ts';
import { previous } from './previous.ts';
import { seasonalFill } from './seasonalFill.ts';
import type { ImputeStep } from './step.ts';

/** Every kind of step. */
export const imputeSteps: readonly ImputeStep[] = [
  linear,
  seasonalFill,
  mean,
  median,
  previous,
  neighbours,
  inverseDistance,
  nearestStations,
];
