import { type RandomStream, randomStream } from '../core/random.ts';
import { day, type Panel, readingsOf, type Series } from '../panel/panel.ts';

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
 * A copy of the panel with some known cells set missing, and a mask of those cells, `[series][step]`. Known is what
 * was read: cells that an earlier chain filled are neither hidden nor left in.
 *
 * - points: each cell with that probability, series by series.
 * - runs: stretches of that many steps, series by series, until a tenth of the known cells is hidden.
 * - own gaps: what is missing at some time is hidden that much earlier, for all series alike, so that stations
 *   that fail together do so here; moved by whole days, a quarter to three quarters of the panel, around its end.
 *
 * What is hidden depends on seed, scenario and series id alone, not on the order of the series.
 */
export function hideCells(
  panel: Panel,
  scenario: Scenario,
  seed: number,
): { panel: Panel; hidden: Uint8Array[] } {
  const name = scenarioName(scenario);
  const shift = ownGapsShift(panel, randomStream(seed, name));
  const hidden: Uint8Array[] = [];
  const series = panel.series.map((before) => {
    const values = finiteReadings(before);
    const mask = maskOf(values, scenario, shift, randomStream(seed, name, before.id));
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) mask[i] = 0;
      else if (mask[i]) values[i] = Number.NaN;
    }
    hidden.push(mask);
    return { ...before, values, filledBy: undefined };
  });
  return { panel: { ...panel, fillSteps: [], series }, hidden };
}

/** A copy of the finite readings of a series; the other cells are missing. */
export function finiteReadings(series: Series): Float64Array {
  return new Float64Array(readingsOf(series)).map((value) => (Number.isFinite(value) ? value : Number.NaN));
}

function maskOf(values: Float64Array, scenario: Scenario, shift: number, random: RandomStream): Uint8Array {
  switch (scenario.kind) {
    case 'points':
      return new Uint8Array(values.length).map(() => (random.uniform() < scenario.percent / 100 ? 1 : 0));
    case 'runs':
      return runsMask(values, scenario.length, random);
    case 'ownGaps':
      return new Uint8Array(values.length).map((_, i) =>
        Number.isNaN(values[(i + shift) % values.length]) ? 1 : 0,
      );
  }
}

function runsMask(values: Float64Array, length: number, random: RandomStream): Uint8Array {
  const mask = new Uint8Array(values.length);
  if (values.length <= length) return mask;
  let known = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) known++;
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
}

// Whole days, as instruments are serviced at some hours of the day and not at others.
function ownGapsShift({ length, step }: Panel, random: RandomStream): number {
  const unit = length * step >= 4 * day ? Math.max(1, Math.round(day / step)) : 1;
  const units = Math.floor(length / unit);
  const least = Math.ceil(units / 4);
  return unit * (least + random.integer(Math.max(1, Math.floor((3 * units) / 4) - least + 1)));
}
