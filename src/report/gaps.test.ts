import { describe, expect, it } from 'vitest';
import { createPanel, type Panel } from '../panel/panel.ts';
import { gapCounts, longestGap } from './gaps.ts';

describe('gaps', () => {
  it('are counted by length, at both ends and where cells were filled since', () => {
    // Gaps of 5 (its middle filled), 1 (filled) and 2 steps.
    const panel = withGaps(
      '..x..xx.xx..',
      new Map([
        [2, 1],
        [7, 2],
      ]),
    );
    expect(gapCounts(panel)).toEqual([
      { from: 1, to: 1, gaps: 1, steps: 1 },
      { from: 2, to: 3, gaps: 1, steps: 2 },
      { from: 4, to: 6, gaps: 1, steps: 5 },
    ]);
    expect(longestGap(panel.series[0])).toBe(5);
  });

  it('are none in a full series and one in an empty one', () => {
    expect(gapCounts(withGaps('xxxx', new Map()))).toEqual([]);
    expect(gapCounts(withGaps('.'.repeat(800), new Map()))).toEqual([
      { from: 721, to: Number.POSITIVE_INFINITY, gaps: 1, steps: 800 },
    ]);
    expect(longestGap(withGaps('x', new Map()).series[0])).toBe(0);
  });
});

// `x` is a value, `.` is missing; `filled` marks cells as filled by a step.
function withGaps(pattern: string, filled: ReadonlyMap<number, number>): Panel {
  const panel = createPanel({ start: 0, length: pattern.length, series: [{ id: 'a' }] });
  const filledBy = new Uint8Array(pattern.length);
  for (const [i, character] of [...pattern].entries()) {
    filledBy[i] = filled.get(i) ?? 0;
    if (character === 'x' || filledBy[i] > 0) panel.series[0].values[i] = 1;
  }
  return { ...panel, fillSteps: ['one', 'two'], series: [{ ...panel.series[0], filledBy }] };
}
