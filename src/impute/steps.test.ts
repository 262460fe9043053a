import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hour, type Panel, slicePanel } from '../panel/panel.ts';
import { imputePanel, parseSteps } from './chain.ts';
import { imputeSteps } from './steps.ts';
import { panelOf } from './testing/panels.ts';

const fill = (panel: Panel, steps: string) => [...imputePanel(panel, parseSteps(steps)).series[0].values];
const missing = Number.NaN;

// One of each kind, and of each way of filling.
const everyStep = [
  'linear:5',
  'linear:any',
  'seasonalFill:hour',
  'seasonalFill:hour:maxDays=1',
  'seasonalFill:day',
  'mean',
  'mean:hour',
  'median',
  'median:hour',
  'previous',
  'previous:2',
];

interface PandasCase {
  readonly zone: string;
  readonly start: number;
  readonly step: number;
  readonly values: (number | null)[];
  readonly [steps: string]: unknown;
}
const pandasCases: PandasCase[] = JSON.parse(
  readFileSync(new URL('../../fixtures/impute/fill.json', import.meta.url), 'utf8'),
);

describe('the steps', () => {
  it('are all looked at here, unless they look at other series', () => {
    const looked = new Set(everyStep.map((steps) => steps.split(':')[0]));
    const single = imputeSteps.filter(({ scope }) => scope === 'series');
    expect(looked).toEqual(new Set(single.map(({ name }) => name)));
  });

  describe.each(pandasCases)('fill like pandas in $zone from $start every $step ms', (pandasCase) => {
    const { zone, start, step, values, ...expected } = pandasCase;
    it.each(Object.entries(expected) as [string, (number | null)[]][])('by %s', (steps, truth) => {
      const filled = fill(panelOf([values], { start, step, timeZone: zone }), steps);
      expect(filled.map(Number.isNaN)).toEqual(truth.map((value) => value === null));
      for (const [i, value] of truth.entries())
        if (value !== null) expect(filled[i], `step ${i}`).toBeCloseTo(value, 9);
    });
  });

  it('fill a gap of three hours by a straight line and leave one of four', () => {
    const gap = (count: number) => panelOf([[10, ...new Array(count).fill(null), 10 + 4 * (count + 1)]]);
    expect(fill(gap(3), 'linear:3')).toEqual([10, 14, 18, 22, 26]);
    expect(fill(gap(4), 'linear:3').filter(Number.isNaN).length).toBe(4);
    expect(fill(gap(4), 'linear:any')).toEqual([10, 14, 18, 22, 26, 30]);
  });

  it('never draw a line beyond the first and the last reading', () => {
    expect(fill(panelOf([[null, 1, null, 3, null]]), 'linear:any')).toEqual([missing, 1, 2, 3, missing]);
  });

  it('go no further than so many days for a reading of the same hour', () => {
    const days = panelOf([[5, null, null, null, 9].flatMap((value) => [value, ...new Array(23).fill(1)])]);
    const firstHours = (steps: string) => [0, 24, 48, 72, 96].map((i) => fill(days, steps)[i]);
    expect(firstHours('seasonalFill:hour:maxDays=1')).toEqual([5, 5, missing, 9, 9]);
    expect(firstHours('seasonalFill:hour')).toEqual([5, 5, 5, 5, 9]);
  });

  it('count days by the calendar where clocks change', () => {
    // London: 25 hours lie between noon of 27 and of 28 October 2018, 23 between those of 24 and 25 March.
    for (const [start, distance] of [
      [Date.UTC(2018, 9, 27, 11), 25],
      [Date.UTC(2018, 2, 24, 12), 23],
    ]) {
      const values = new Array(30).fill(null);
      values[0] = 7;
      const filled = fill(
        panelOf([values], { start, timeZone: 'Europe/London' }),
        'seasonalFill:hour:maxDays=1',
      );
      expect(filled.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]))).toEqual([0, distance]);
    }
  });

  it('count slots of half an hour in half-hourly panels', () => {
    const values = new Array(96).fill(null);
    values[1] = 4;
    const filled = fill(panelOf([values], { step: hour / 2 }), 'seasonalFill:hour');
    expect(filled.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]))).toEqual([1, 49]);
  });

  it('do not count cells filled before as readings of a mean or median', () => {
    const panel = panelOf([[0, null, 8, null, null, 1]]);
    expect(fill(panel, 'linear:1,mean').slice(3, 5)).toEqual([3, 3]);
    expect(fill(panel, 'linear:1,median').slice(3, 5)).toEqual([1, 1]);
  });
});

describe('every step', () => {
  const cell = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
    nil: null,
    freq: 2,
  });
  const rows = fc.array(fc.array(cell, { minLength: 50, maxLength: 50 }), { minLength: 2, maxLength: 3 });

  it.each(everyStep)('%s never changes a reading and marks just what it filled', (steps) => {
    fc.assert(
      fc.property(rows, (given) => {
        const panel = panelOf(given);
        const filled = imputePanel(panel, parseSteps(steps));
        expect(filled.fillSteps).toEqual([steps]);
        for (const [s, { values }] of panel.series.entries()) {
          const { values: after, filledBy } = filled.series[s];
          for (let i = 0; i < values.length; i++) {
            expect(values[i]).toBe(given[s][i] ?? missing);
            if (!Number.isNaN(values[i])) expect(after[i]).toBe(values[i]);
            const isFilled = Number.isNaN(values[i]) && !Number.isNaN(after[i]);
            expect(filledBy?.[i] ?? 0).toBe(isFilled ? 1 : 0);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each(everyStep)('%s fills a series alike whatever stands beside it', (steps) => {
    fc.assert(
      fc.property(rows, (given) => {
        const together = imputePanel(panelOf(given), parseSteps(steps)).series;
        const turned = imputePanel(panelOf([...given].reverse()), parseSteps(steps)).series;
        for (const [s, { values }] of together.entries()) {
          expect(turned[given.length - 1 - s].values).toEqual(values);
          expect(imputePanel(panelOf([given[s]]), parseSteps(steps)).series[0].values).toEqual(values);
        }
      }),
      { numRuns: 50 },
    );
  });

  // The others come nearer each time: a gap that was half filled is a shorter gap.
  it.each(everyStep.filter((steps) => !steps.endsWith('maxDays=1') && steps !== 'previous:2'))(
    '%s finds nothing left to do after itself',
    (steps) => {
      fc.assert(
        fc.property(rows, (given) => {
          const once = imputePanel(panelOf(given), parseSteps(steps));
          const twice = imputePanel(once, parseSteps(steps));
          for (const [s, series] of once.series.entries()) expect(twice.series[s]).toBe(series);
        }),
        { numRuns: 50 },
      );
    },
  );

  it.each([
    ['previous', 0, 31],
    ['previous:2', 0, 31],
    // The second day of the panel.
    ['seasonalFill:day', 24, 48],
  ])('%s fills a slice like the whole, steps %i to %i', (steps, from, to) => {
    fc.assert(
      fc.property(rows, (given) => {
        const panel = panelOf(given);
        const sliceFilled = imputePanel(slicePanel(panel, from, to), parseSteps(steps));
        const filledSlice = slicePanel(imputePanel(panel, parseSteps(steps)), from, to);
        for (const [s, { values }] of sliceFilled.series.entries())
          expect(values).toEqual(filledSlice.series[s].values);
      }),
      { numRuns: 50 },
    );
  });

  describe.each(everyStep)('%s on awkward input', (steps) => {
    it('leaves a series without any reading as it is', () => {
      const panel = panelOf([new Array(30).fill(null)]);
      expect(imputePanel(panel, parseSteps(steps)).series[0]).toBe(panel.series[0]);
    });

    it('handles a panel of one step and one of no series', () => {
      expect(fill(panelOf([[null]]), steps)).toEqual([missing]);
      expect(fill(panelOf([[4]]), steps)).toEqual([4]);
      expect(imputePanel({ ...panelOf([[4]]), series: [] }, parseSteps(steps)).series).toEqual([]);
    });

    it('neither changes infinite values nor hands them on', () => {
      const values = [1, null, Number.POSITIVE_INFINITY, null, 3, null, Number.NEGATIVE_INFINITY, null, null];
      const filled = fill(panelOf([values]), steps);
      expect(filled[2]).toBe(Number.POSITIVE_INFINITY);
      expect(filled[6]).toBe(Number.NEGATIVE_INFINITY);
      for (const i of [1, 3, 5, 7, 8]) expect(Math.abs(filled[i])).not.toBe(Number.POSITIVE_INFINITY);
    });

    it('keeps what it fills between huge readings finite', () => {
      const filled = fill(panelOf([[1.5e308, null, -1.5e308, null, 1.5e308, 1.7e308, null]]), steps);
      for (const value of filled) expect(value).not.toBe(Number.POSITIVE_INFINITY);
      if (steps.startsWith('linear')) expect(filled[1]).toBe(0);
    });

    it('fills from a single reading what it may', () => {
      const values = new Array<number | null>(49).fill(null);
      values[24] = 3;
      const others = fill(panelOf([values]), steps).filter((value) => value !== 3 && !Number.isNaN(value));
      expect(others).toEqual([]);
    });

    it('fills at any regular step', () => {
      for (const step of [7 * 60_000, 5 * hour, 24 * hour, 7 * 24 * hour]) {
        const values = Array.from({ length: 40 }, (_, i) => (i % 3 === 1 ? null : i));
        const filled = fill(panelOf([values], { step, timeZone: 'Australia/Lord_Howe' }), steps);
        for (const [i, value] of filled.entries()) {
          if (values[i] !== null) expect(value).toBe(values[i]);
          else if (!Number.isNaN(value)) expect(Math.abs(value - 19.5)).toBeLessThanOrEqual(19.5);
        }
      }
    });
  });
});
