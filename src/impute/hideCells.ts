import { randomStream } from '../core/random.ts';
import type { Panel } from '../panel/panel.ts';

/** A way of hiding known cells. */
export type Scenario =
  | { readonly kind: 'points'; readonly percent: number }
  | { readonly kind: 'runs'; readonly length: number }
  | { readonly kind: 'ownGaps' };

/** The scenarios of an evaluation: points at 10, 50 and 90 %, runs of 6, 18 and 72 steps, and the data's own gaps. */
export const scenarios: readonly Scenario[] = [
  { kind: 'points', percent: 10 },
  { kind: 'points', percent: 50 },
  { kind: 'points', percent: 90 },
  { kind: 'runs', length: 6 },
  { kind: 'runs', length: 18 },
  { kind: 'runs', length: 72 },
  { kind: 'ownGaps' },
];

/** `points 10 %`, `runs of 6`, `own gaps moved`. */
export function scenarioName(scenario: Scenario): string {
  if (scenario.kind === 'points') return `points ${scenario.percent} %`;
  return scenario.kind === 'runs' ? `runs of ${scenario.length}` : 'own gaps moved';
}

/**
 * A copy of the panel with some known cells set missing, and a mask of those cells, `[series][step]`. What is hidden
 * depends on seed, scenario and series id alone. Runs hide about a tenth of the known cells of a series.
 */
export function hideCells(
  panel: Panel,
  scenario: Scenario,
  seed: number,
): { panel: Panel; hidden: Uint8Array[] } {
  const hidden: Uint8Array[] = [];
  const series = panel.series.map((before) => {
    const mask = hiders[scenario.kind](
      before.values,
      scenario as never,
      randomStream(seed, scenarioName(scenario), before.id),
    );
    const values = Float64Array.from(before.values);
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) mask[i] = 0;
      else if (mask[i]) values[i] = Number.NaN;
    }
    hidden.push(mask);
    return { ...before, values };
  });
  return { panel: { ...panel, series }, hidden };
}

type Hider<S extends Scenario> = (
  values: Float64Array,
  scenario: S,
  random: ReturnType<typeof randomStream>,
) => Uint8Array;

const hidePoints: Hider<Extract<Scenario, { kind: 'points' }>> = (values, { percent }, random) => {
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < percent / 100 ? 1 : 0;
  return mask;
};

const hideRuns: Hider<Extract<Scenario, { kind: 'runs' }>> = (values, { length }, random) => {
  const mask = new Uint8Array(values.length);
  let known = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) known++;
  if (values.length <= length) return mask;
  let hidden = 0;
  // A series with hardly any reading may have no place left, so the tries are bounded.
  for (let tries = 0; hidden < known / 10 && tries < values.length; tries++) {
    const start = random.integer(values.length - length + 1);
    for (let i = start; i < start + length; i++) {
      if (!mask[i] && !Number.isNaN(values[i])) hidden++;
      mask[i] = 1;
    }
  }
  return mask;
};

const hideOwnGaps: Hider<Extract<Scenario, { kind: 'ownGaps' }>> = (values, _scenario, random) => {
  const length = values.length;
  const shift = length < 2 ? 0 : 1 + random.integer(length - 1);
  const mask = new Uint8Array(length);
  for (let i = 0; i < length; i++) mask[i] = Number.isNaN(values[(i + shift) % length]) ? 1 : 0;
  return mask;
};

const hiders = { points: hidePoints, runs: hideRuns, ownGaps: hideOwnGaps };
