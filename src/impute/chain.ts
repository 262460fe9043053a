import { closestWord } from '../core/closestWord.ts';
import { usageError } from '../core/errors.ts';
import type { Panel } from '../panel/panel.ts';
import { linear } from './linear.ts';
import { mean } from './mean.ts';
import { previous } from './previous.ts';
import { seasonalFill } from './seasonalFill.ts';
import type { ImputeStep, StepSpec } from './step.ts';

/** Every step, by name. */
export const imputeSteps: readonly ImputeStep[] = [linear, seasonalFill, mean, previous];

/**
 * What a panel is filled by unless told otherwise: lines across gaps of up to three days, then the mean of the hour.
 * On the readings of Beijing and London this beats filling from neighbouring days at every gap length
 * (docs/missing-values.md has the table).
 */
export const defaultSteps: readonly StepSpec[] = [
  { name: 'linear', options: { maxGap: 72 } },
  { name: 'mean', options: { by: 'hour' } },
];

/**
 * Fills a panel by a chain of steps, each filling what those before it left. Pure: the panel given is not changed.
 * The result says, cell by cell, which step filled it (`filledBy`, `fillSteps`).
 *
 * @example
 * const filled = imputePanel(panel, parseSteps('linear:3,seasonalFill:hour,mean'));
 */
export function imputePanel(panel: Panel, steps: readonly StepSpec[]): Panel {
  return steps.reduce((filled, { name, options }) => stepNamed(name).fill(filled, options), panel);
}

/**
 * Reads a chain such as `linear:3,seasonalFill:hour,mean`; `none` is the empty chain.
 *
 * @throws TrainyardError of kind `usage` for an unknown step or option.
 */
export function parseSteps(text: string): StepSpec[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) throw usageError('no imputation steps', 'name some, or write none');
  if (words.length === 1 && words[0] === 'none') return [];
  return words.map((word) => {
    const colon = word.indexOf(':');
    const name = colon < 0 ? word : word.slice(0, colon);
    return { name, options: stepNamed(name).parse(colon < 0 ? undefined : word.slice(colon + 1)) };
  });
}

/** The text that {@link parseSteps} reads back as these steps. */
export function formatSteps(steps: readonly StepSpec[]): string {
  if (steps.length === 0) return 'none';
  return steps
    .map(({ name, options }) => {
      const values = Object.values(options).filter((value) => value !== 'series');
      return values.length === 0 ? name : `${name}:${values.join('/')}`;
    })
    .join(',');
}

/** `series` when every step fills each series from itself alone. */
export function stepsScope(steps: readonly StepSpec[]): 'series' | 'panel' {
  return steps.every(({ name }) => stepNamed(name).scope === 'series') ? 'series' : 'panel';
}

function stepNamed(name: string): ImputeStep {
  const step = imputeSteps.find((candidate) => candidate.name === name);
  if (step) return step;
  const names = imputeSteps.map((candidate) => candidate.name);
  const closest = closestWord(name, names);
  throw usageError(
    `unknown imputation step: ${name}`,
    closest ? `did you mean ${closest}? known are ${names.join(', ')}` : `known are ${names.join(', ')}`,
  );
}
