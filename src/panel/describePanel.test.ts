import { describe, expect, it } from 'vitest';
import { describePanel } from './describePanel.ts';
import { createPanel, hour } from './panel.ts';

const start = Date.UTC(2018, 3, 29);
const missing = Number.NaN;

function panelOf(values: readonly number[], measure = 'PM2.5', unit = 'ug/m3') {
  const panel = createPanel({
    start,
    length: values.length,
    series: [{ id: `ü雾#${measure}`, station: 'ü雾', measure, unit }],
  });
  panel.series[0].values.set(values);
  return panel;
}

const describeOne = (...given: Parameters<typeof panelOf>) =>
  describePanel(panelOf(...given), undefined, { stuck: 3 * hour }).series[0];

describe('describePanel', () => {
  it('gives range, observed share and the distribution of gaps between readings', () => {
    const series = describeOne([
      missing,
      4,
      missing,
      2,
      missing,
      missing,
      8,
      missing,
      6,
      missing,
      missing,
      missing,
    ]);
    expect(series).toMatchObject({
      id: 'ü雾#PM2.5',
      first: '2018-04-29 01:00:00',
      last: '2018-04-29 08:00:00',
      observed: 4,
      share: 1 / 3,
      minimum: 2,
      median: 5,
      maximum: 8,
      before: 1,
      after: 3,
      gaps: {
        count: 3,
        longest: 2,
        lengths: [
          { length: 1, count: 2 },
          { length: 2, count: 1 },
        ],
      },
    });
  });

  it('describes a series without any reading', () => {
    expect(describeOne([missing, missing, missing])).toMatchObject({
      first: null,
      last: null,
      observed: 0,
      share: 0,
      minimum: null,
      median: null,
      maximum: null,
      before: 3,
      after: 0,
      gaps: { count: 0, longest: 0, lengths: [] },
      stuck: { runs: 0, steps: 0, longest: null },
      outOfRange: { runs: 0, longest: null },
    });
  });

  it('describes a single reading', () => {
    expect(describeOne([7])).toMatchObject({ median: 7, share: 1, before: 0, after: 0, stuck: { runs: 0 } });
  });

  it('finds runs of one value that last long enough, which a gap ends', () => {
    const { stuck } = describeOne([5, 5, 5, 1, 2, 2, missing, 2, 2, 9, 9, 9, 9]);
    expect(stuck).toEqual({
      runs: 2,
      steps: 7,
      longest: { from: '2018-04-29 09:00:00', steps: 4, value: 9 },
    });
  });

  it('takes dry hours for no fault, but rain that never changes', () => {
    expect(describeOne([0, 0, 0, 0, 1, 1, 1, 0, 0, 0], 'RAIN', 'mm').stuck).toMatchObject({
      runs: 1,
      steps: 3,
    });
    expect(describeOne([0, 0, 0, 0], 'PM2.5').stuck).toMatchObject({ runs: 1, steps: 4 });
  });

  it('finds runs outside what a working station reports', () => {
    const { outOfRange } = describeOne([-1, 1001, 5, 1000, missing, 2000]);
    expect(outOfRange).toEqual({
      range: [0, 1000],
      runs: 2,
      steps: 3,
      longest: { from: '2018-04-29 00:00:00', steps: 2, value: -1 },
    });
  });

  it('knows CO by its unit and claims nothing about other units', () => {
    expect(describeOne([300], 'CO', 'ug/m3').outOfRange.runs).toBe(0);
    expect(describeOne([300], 'CO', 'mg/m3').outOfRange.runs).toBe(1);
    expect(describeOne([1e300], 'CO', '').outOfRange).toMatchObject({ runs: 0, range: null });
  });

  it('carries what reading found over to the series of that id', () => {
    const panel = panelOf([1, 2]);
    const reading = { id: 'ü雾#PM2.5', duplicates: 3, negatives: 2, observed: 2, withoutRow: 1 };
    const report = {
      files: [{ path: 'a.csv', layout: 'long', rows: 9 }],
      duplicates: 3,
      negatives: 2,
      series: [reading],
      warnings: ['w'],
    };
    const described = describePanel(panel, report);
    expect(described).toMatchObject({ files: report.files, warnings: ['w'], length: 2, step: hour });
    expect(described.series[0]).toMatchObject({ duplicates: 3, negatives: 2, withoutRow: 1 });
    expect(describePanel(panel).series[0].duplicates).toBeNull();
  });

  it('is plain data that survives JSON', () => {
    const described = describePanel(panelOf([1, missing, 2]));
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
  });

  it('agrees with a count cell by cell on a long random series', () => {
    // A fixed sequence of numbers 0 to 3 with gaps, dense in runs.
    const values = Array.from({ length: 5000 }, (_, i) => {
      const noise = Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;
      return noise < 0.3 ? missing : Math.floor(noise * 4);
    });
    const text = values.map((value) => (Number.isNaN(value) ? '.' : String(value))).join('');
    const gapsByText = text.replace(/^\.+|\.+$/g, '').match(/\.+/g) ?? [];
    const stuckByText = text.match(/(\d)\1{2,}/g) ?? [];
    const series = describeOne(values);
    expect(series.gaps.count).toBe(gapsByText.length);
    expect(series.gaps.longest).toBe(Math.max(...gapsByText.map((gap) => gap.length)));
    expect(series.stuck).toMatchObject({ runs: stuckByText.length, steps: stuckByText.join('').length });
  });

  it('refuses a length of stuck runs below two steps', () => {
    expect(() => describePanel(panelOf([1]), undefined, { stuck: hour })).toThrow('at least two steps of 60');
  });
});
