import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPanel, hour, type Panel, selectSeries } from '../panel/panel.ts';
import { defaultSteps, formatSteps, imputePanel, parseSteps, stepsScope } from './chain.ts';

function panelOf(
  rows: readonly (readonly (number | null)[])[],
  shape: { start?: number; timeZone?: string; step?: number } = {},
): Panel {
  const panel = createPanel({
    start: Date.UTC(2018, 0, 1),
    length: rows[0].length,
    ...shape,
    series: rows.map((_, index) => ({ id: `s${index}` })),
  });
  for (const [index, row] of rows.entries())
    panel.series[index].values.set(row.map((value) => value ?? Number.NaN));
  return panel;
}

const filledValues = (panel: Panel, steps: string) => [
  ...imputePanel(panel, parseSteps(steps)).series[0].values,
];

const fixture: Record<string, (number | null)[]>[] &
  { zone: string; start: number; values: (number | null)[] }[] = JSON.parse(
  readFileSync(new URL('../../fixtures/impute/fill.json', import.meta.url), 'utf8'),
);

describe('imputePanel', () => {
  for (const { zone, start, values, ...expected } of fixture) {
    const share = values.filter((value) => value === null).length / values.length;
    it.each(Object.entries(expected))(
      `fills like pandas by %s in ${zone} with ${Math.round(100 * share)} % missing`,
      (steps, truth) => {
        const filled = filledValues(panelOf([values], { start, timeZone: zone }), steps);
        for (const [i, value] of (truth as (number | null)[]).entries()) {
          if (value === null) expect(filled[i]).toBeNaN();
          else expect(filled[i]).toBeCloseTo(value, 9);
        }
      },
    );
  }

  it('marks which step filled a cell and hands the mask on', () => {
    const filled = imputePanel(
      panelOf([[1, null, 3, null, null, null, 7, null]]),
      parseSteps('linear:1,mean'),
    );
    expect(filled.fillSteps).toEqual(['linear', 'mean']);
    expect([...(filled.series[0].filledBy ?? [])]).toEqual([0, 1, 0, 2, 2, 2, 0, 2]);
    expect([...filled.series[0].values]).toEqual([1, 2, 3, 11 / 3, 11 / 3, 11 / 3, 7, 11 / 3]);
  });

  it('fills a gap of three hours by a straight line and leaves one of four', () => {
    const gap = (count: number) => panelOf([[10, ...new Array(count).fill(null), 10 + 4 * (count + 1)]]);
    expect(filledValues(gap(3), 'linear:3')).toEqual([10, 14, 18, 22, 26]);
    expect(filledValues(gap(4), 'linear:3').filter(Number.isNaN).length).toBe(4);
  });

  it('goes no further than so many days for a reading of the same hour', () => {
    const days = [5, null, null, null, 9].flatMap((value) => [value, ...new Array(23).fill(1)]);
    const near = filledValues(panelOf([days]), 'seasonalFill:hour/1');
    expect([near[0], near[24], near[48], near[72], near[96]]).toEqual([5, 5, Number.NaN, 9, 9]);
    const far = filledValues(panelOf([days]), 'seasonalFill:hour');
    expect([far[24], far[48], far[72]]).toEqual([5, 5, 5]);
  });

  it('counts slots of half an hour in half-hourly panels', () => {
    const values = new Array(96).fill(null);
    values[1] = 4;
    const filled = filledValues(panelOf([values], { step: hour / 2 }), 'seasonalFill:hour');
    expect(filled.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]))).toEqual([1, 49]);
  });

  it('does not touch the panel it is given and shares what stays the same', () => {
    const panel = panelOf([
      [1, null, 3],
      [1, 2, 3],
    ]);
    const filled = imputePanel(panel, defaultSteps);
    expect(panel.series[0].values[1]).toBeNaN();
    expect(filled.series[1]).toBe(panel.series[1]);
  });

  it('leaves a panel alone under the empty chain', () => {
    const panel = panelOf([[null]]);
    expect(imputePanel(panel, parseSteps('none'))).toBe(panel);
  });

  it.each(['linear:5', 'previous', 'seasonalFill:hour', 'seasonalFill:day', 'mean', 'mean:hour'])(
    'by %s never changes a reading, marks just what it filled and finds nothing left to do',
    (steps) => {
      const cell = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
        nil: null,
      });
      fc.assert(
        fc.property(
          fc.array(fc.array(cell, { minLength: 50, maxLength: 50 }), { minLength: 1, maxLength: 3 }),
          (rows) => {
            const panel = panelOf(rows);
            const filled = imputePanel(panel, parseSteps(steps));
            for (const [s, { values }] of panel.series.entries()) {
              for (let i = 0; i < values.length; i++) {
                const wasMissing = Number.isNaN(values[i]);
                if (!wasMissing) expect(filled.series[s].values[i]).toBe(values[i]);
                expect(filled.series[s].filledBy?.[i] ?? 0).toBe(
                  wasMissing && !Number.isNaN(filled.series[s].values[i]) ? 1 : 0,
                );
              }
            }
            const again = imputePanel(filled, parseSteps(steps));
            if (steps !== 'linear:5')
              for (const [s, { values }] of filled.series.entries())
                expect(again.series[s].values).toEqual(values);
            const alone = imputePanel(
              selectSeries(panel, ({ id }) => id === 's0'),
              parseSteps(steps),
            );
            expect(alone.series[0].values).toEqual(filled.series[0].values);
          },
        ),
        { numRuns: 50 },
      );
    },
  );

  describe('on awkward input', () => {
    it.each(['linear:3', 'previous', 'seasonalFill:hour', 'seasonalFill:day', 'mean', 'mean:hour'])(
      'by %s leaves a series without any reading empty',
      (steps) => {
        expect(filledValues(panelOf([new Array(30).fill(null)]), steps).every(Number.isNaN)).toBe(true);
      },
    );

    it('handles a panel of one step', () => {
      expect(filledValues(panelOf([[null]]), 'linear:3,seasonalFill,mean')).toEqual([Number.NaN]);
      expect(filledValues(panelOf([[4]]), 'linear:3,seasonalFill,mean')).toEqual([4]);
    });

    it('keeps huge readings finite between each other', () => {
      expect(filledValues(panelOf([[1e308, null, 1e308]]), 'linear:3')[1]).toBe(1e308);
    });
  });
});

describe('parseSteps', () => {
  it('reads what formatSteps writes', () => {
    for (const text of [
      'linear:3,seasonalFill:hour,mean',
      'seasonalFill:hour/14,mean:hour',
      'previous,seasonalFill:day',
      'none',
    ]) {
      expect(formatSteps(parseSteps(text))).toBe(text);
    }
    expect(parseSteps(formatSteps(defaultSteps))).toEqual(defaultSteps);
  });

  it.each([
    ['liner:3', 'unknown imputation step: liner'],
    ['linear:0', 'invalid linear: 0'],
    ['linear:x', 'invalid linear: x'],
    ['seasonalFill:week', 'invalid seasonalFill: week'],
    ['seasonalFill:day/3', 'invalid seasonalFill: day/3'],
    ['mean:day', 'invalid mean: day'],
    ['', 'no imputation steps'],
    ['constructor', 'unknown imputation step: constructor'],
  ])('rejects "%s"', (text, message) => {
    expect(() => parseSteps(text)).toThrow(message);
  });

  it('suggests the step that was meant', () => {
    expect(() => parseSteps('liner:3')).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('did you mean linear?') }),
    );
  });

  it('knows that the steps so far look at single series', () => {
    expect(stepsScope(defaultSteps)).toBe('series');
  });
});
