import type { ImputeStep } from './step.ts';
import { fillEachSeries, parseCount } from './step.ts';

/** The last reading before the gap, carried forward over at most `maxGap` steps. */
export const previous: ImputeStep = {
  name: 'previous',
  summary: 'the last reading carried forward, over at most n steps when given: previous, previous:6',
  scope: 'series',
  parse: (argument) => (argument === undefined ? {} : { maxGap: parseCount('previous', argument) }),
  fill: (panel, { maxGap = Number.POSITIVE_INFINITY }) =>
    fillEachSeries(panel, 'previous', (values) => {
      let last = -1;
      const known = Number(maxGap);
      for (let i = 0; i < values.length; i++) {
        if (!Number.isNaN(values[i])) last = i;
        else if (last >= 0 && i - last <= known) values[i] = values[last];
      }
    }),
};
