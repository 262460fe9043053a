import { describe, expect, it } from 'vitest';
import { defaultSteps, formatSteps, imputePanel, parseSteps, quickSteps, stepsScope } from './chain.ts';
import { panelOf } from './testing/panels.ts';

describe('imputePanel', () => {
  it('lets each step fill what those before it left, and marks which did', () => {
    const filled = imputePanel(
      panelOf([[1, null, 3, null, null, null, 7, null]]),
      parseSteps('linear:1,mean'),
    );
    expect(filled.fillSteps).toEqual(['linear:1', 'mean']);
    expect([...(filled.series[0].filledBy ?? [])]).toEqual([0, 1, 0, 2, 2, 2, 0, 2]);
    expect([...filled.series[0].values]).toEqual([1, 2, 3, 11 / 3, 11 / 3, 11 / 3, 7, 11 / 3]);
  });

  it('adds to the mask of a chain that ran before', () => {
    const once = imputePanel(panelOf([[1, null, 3, null, null, 6]]), parseSteps('linear:1'));
    const twice = imputePanel(once, parseSteps('linear:2'));
    expect(twice.fillSteps).toEqual(['linear:1', 'linear:2']);
    expect([...(twice.series[0].filledBy ?? [])]).toEqual([0, 1, 0, 2, 2, 0]);
    expect([...(once.series[0].filledBy ?? [])]).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it('does not touch the panel it is given and shares what stays the same', () => {
    const panel = panelOf([
      [1, null, 3],
      [1, 2, 3],
      [null, null, null],
    ]);
    const filled = imputePanel(panel, quickSteps);
    expect([...panel.series[0].values]).toEqual([1, Number.NaN, 3]);
    expect(panel.fillSteps).toEqual([]);
    expect(filled.series[0].values[1]).toBe(2);
    expect(filled.series[1]).toBe(panel.series[1]);
    expect(filled.series[2]).toBe(panel.series[2]);
  });

  it('leaves a panel alone under the empty chain', () => {
    const panel = panelOf([[null]]);
    expect(imputePanel(panel, parseSteps('none'))).toBe(panel);
  });

  it('gives options left out their defaults, and checks those given in code', () => {
    const panel = panelOf([[1, null, null, null, 5, null, null, null, null, 10]]);
    const filled = imputePanel(panel, [{ name: 'linear', options: {} }]);
    expect(filled.fillSteps).toEqual(['linear:3']);
    expect(filled.series[0].values.subarray(1, 6)).toEqual(Float64Array.of(2, 3, 4, 5, Number.NaN));
    expect(() => imputePanel(panel, [{ name: 'linear', options: { maxGap: Number.NaN } }])).toThrow(
      'invalid maxGap of linear: NaN; expected a whole number of at least 1, or any',
    );
    expect(() => imputePanel(panel, [{ name: 'mean', options: { maxGap: 3 } }])).toThrow(
      'unknown option of mean: maxGap',
    );
  });

  it('fills into memory that worker threads share', () => {
    const [{ values, filledBy }] = imputePanel(panelOf([[1, null, 3]]), defaultSteps).series;
    expect(values.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(filledBy?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

describe('parseSteps', () => {
  it.each([
    'linear:3,seasonalFill:hour,mean',
    'linear:any,seasonalFill:hour:maxDays=14,mean:hour',
    'previous,seasonalFill:day',
    'previous:2,median:hour,median',
    'none',
  ])('reads %s as formatSteps writes it', (text) => {
    expect(formatSteps(parseSteps(text))).toBe(text);
  });

  it('gives specs that are plain data, defaults included', () => {
    const specs = parseSteps(' linear , seasonalFill:maxDays=14 ,mean:by=hour');
    expect(specs).toEqual([
      { name: 'linear', options: { maxGap: 3 } },
      { name: 'seasonalFill', options: { within: 'hour', maxDays: 14 } },
      { name: 'mean', options: { by: 'hour' } },
    ]);
    expect(structuredClone(specs)).toEqual(specs);
    expect(parseSteps(formatSteps(defaultSteps))).toEqual(defaultSteps);
    expect(formatSteps(defaultSteps)).toBe('linear:3,neighbours:0.999:inputs=own,linear:72,median:hour');
  });

  it.each([
    ['liner:3', 'unknown imputation step: liner', 'did you mean linear?'],
    ['constructor', 'unknown imputation step: constructor', 'known are linear, seasonalFill, mean'],
    ['', 'no imputation steps', 'write none'],
    [',', 'no imputation steps', 'write none'],
    ['none,mean', 'unknown imputation step: none', 'known are'],
    ['linear:0', 'invalid maxGap of linear: 0; expected a whole number of at least 1, or any', undefined],
    ['linear:x', 'invalid maxGap of linear: x', undefined],
    ['linear:', 'invalid maxGap of linear: (empty)', undefined],
    ['linear:2.5', 'invalid maxGap of linear: 2.5', undefined],
    ['linear:maxGap=-1', 'invalid maxGap of linear: -1', undefined],
    ['linear:true', 'invalid maxGap of linear: true', undefined],
    ['linear:maxgap=3', 'unknown option of linear: maxgap', 'did you mean maxGap? its options are maxGap'],
    ['linear:3:5', 'unknown option of linear: 5', 'its options are maxGap'],
    ['linear:3:maxGap=3', 'option given twice: linear:maxGap', 'leave one out'],
    ['seasonalFill:week', 'invalid within of seasonalFill: week; expected hour or day', undefined],
    ['seasonalFill:hour:14', 'unknown option of seasonalFill: 14', 'its options are within, maxDays'],
    ['mean:day', 'invalid by of mean: day; expected hour', undefined],
    ['mean:toString=1', 'unknown option of mean: toString', 'its options are by'],
  ])('rejects "%s"', (text, message, remedy) => {
    expect(() => parseSteps(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining(message),
        ...(remedy === undefined ? {} : { remedy: expect.stringContaining(remedy) }),
      }),
    );
  });
});

describe('stepsScope', () => {
  it('knows which chains look at other series', () => {
    expect(stepsScope(quickSteps)).toBe('series');
    expect(stepsScope(defaultSteps)).toBe('panel');
    expect(stepsScope([])).toBe('series');
  });
});
