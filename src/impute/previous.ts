import { boundOf, boundOption, fillEachSeries, type ImputeStep } from './step.ts';

/** The last reading before a gap, carried forward over at most `maxSteps` steps. */
export const previous: ImputeStep = {
  name: 'previous',
  summary: 'the last value carried forward, over at most n steps when given: previous, previous:6',
  scope: 'series',
  options: { maxSteps: boundOption() },
  fill(panel, options, label) {
    const maxSteps = boundOf(options.maxSteps);
    return fillEachSeries(panel, label, (values, { values: before }) => carry(before, values, maxSteps));
  },
};

function carry(before: Float64Array, values: Float64Array, maxSteps: number): void {
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(before[i])) last = i;
    else if (Number.isNaN(before[i]) && i - last <= maxSteps && last >= 0) values[i] = before[last];
  }
}
