import { describe, expect, it } from 'vitest';
import { imputePanel, parseSteps } from './chain.ts';
import { countFills } from './countFills.ts';
import { panelOf } from './testing/panels.ts';

describe('countFills', () => {
  const panel = panelOf([
    [1, null, 3, null, null, null],
    [null, null, null, null, null, null],
  ]);

  it('counts what was read, what each step filled and what is missing', () => {
    expect(countFills(panel)).toEqual({ read: 2, filledBy: {}, missing: 10, empty: ['s1'] });
    expect(countFills(imputePanel(panel, parseSteps('linear:1,previous:2,seasonalFill:day')))).toEqual({
      read: 2,
      filledBy: { 'linear:1': 1, 'previous:2': 2, 'seasonalFill:day': 1 },
      missing: 6,
      empty: ['s1'],
    });
  });

  it('adds up the cells of a step that ran twice', () => {
    const twice = imputePanel(panel, parseSteps('previous:1,previous:1'));
    expect(countFills(twice).filledBy).toEqual({ 'previous:1': 3 });
  });
});
