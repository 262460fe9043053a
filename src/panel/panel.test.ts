import { describe, expect, it } from 'vitest';
import { createPanel, day, fingerprint, hour, indexAt, selectSeries, slicePanel, timeAt } from './panel.ts';

const shape = { start: Date.UTC(2018, 0, 1), length: 48, series: [{ id: 'a#PM2.5' }, { id: 'b#PM2.5' }] };

describe('createPanel', () => {
  it('starts with every cell missing and unknown attributes empty', () => {
    const panel = createPanel(shape);
    expect(panel.series[1].values.every(Number.isNaN)).toBe(true);
    expect(panel.series[0]).toMatchObject({ city: '', unit: '', latitude: Number.NaN });
    expect(panel.series[0].values.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it.each([
    [{ length: 0 }, 'invalid length: 0'],
    [{ step: -1 }, 'invalid step: -1'],
    [{ start: 0.5 }, 'invalid start: 0.5'],
    [{ timeZone: 'Mars/Base' }, 'unknown time zone: Mars/Base'],
    [{ series: [{ id: 'x' }, { id: 'x' }] }, 'repeated series id: x'],
  ])('rejects %j', (wrong, message) => {
    expect(() => createPanel({ ...shape, ...wrong })).toThrow(message);
  });
});

describe('slicePanel', () => {
  it('shares storage and moves the axis', () => {
    const panel = createPanel(shape);
    const slice = slicePanel(panel, 24, 48);
    slice.series[0].values[0] = 7;
    expect(panel.series[0].values[24]).toBe(7);
    expect(slice.start).toBe(panel.start + day);
    expect(timeAt(slice, 1)).toBe(panel.start + 25 * hour);
  });

  it.each([
    [10, 10],
    [-1, 5],
    [0, 49],
  ])('rejects steps %i to %i', (from, to) => {
    expect(() => slicePanel(createPanel(shape), from, to)).toThrow('invalid range');
  });
});

describe('indexAt', () => {
  it('finds steps inside and outside the panel and rejects times between steps', () => {
    const panel = createPanel(shape);
    expect(indexAt(panel, panel.start + 3 * hour)).toBe(3);
    expect(indexAt(panel, panel.start - hour)).toBe(-1);
    expect(() => indexAt(panel, panel.start + 1)).toThrow('between two steps');
  });
});

describe('fingerprint', () => {
  it('changes with any value, id or axis and with nothing else', () => {
    const panel = createPanel(shape);
    const before = fingerprint(panel);
    expect(fingerprint(createPanel(shape))).toBe(before);
    expect(fingerprint(slicePanel(panel, 0, 47))).not.toBe(before);
    expect(fingerprint(selectSeries(panel, (series) => series.id !== 'a#PM2.5'))).not.toBe(before);
    panel.series[0].values[3] = 1;
    expect(fingerprint(panel)).not.toBe(before);
  });
});
