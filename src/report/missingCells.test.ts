import { describe, expect, it } from 'vitest';
import { createPanel, day, hour, type Panel } from '../panel/panel.ts';
import { missingCells } from './missingCells.ts';

describe('missing cells', () => {
  it('counts observed, filled and missing hours of each local day', () => {
    const panel = hourly(10 * 24, 'Asia/Shanghai');
    // 16:00 UTC is midnight in Shanghai.
    panel.series[0].values.fill(1, 0, 15 + 24);
    const filledBy = new Uint8Array(panel.length);
    filledBy[16] = 2;
    const filled: Panel = {
      ...panel,
      fillSteps: ['linear', 'mean'],
      series: [{ ...panel.series[0], filledBy }],
    };
    const cells = missingCells(filled, 100);
    expect(cells.columnLength).toBe(day);
    expect(cells.columns.slice(0, 2)).toEqual([Date.UTC(2018, 0, 1), Date.UTC(2018, 0, 2)]);
    expect(cells.columns).toHaveLength(11);
    expect([...cells.counts[0].slice(0, 12)]).toEqual([16, 0, 0, 0, 22, 0, 1, 1, 0, 0, 0, 24]);
  });

  it('adds up to every step of the panel, days of a clock change included', () => {
    const panel = hourly(400 * 24, 'Europe/London');
    const cells = missingCells(panel);
    const sums = cells.columns.map(
      (_, column) => cells.counts[0][2 * column] + cells.counts[0][2 * column + 1],
    );
    expect(sums.reduce((total, sum) => total + sum)).toBe(panel.length);
    expect(new Set(sums.slice(0, -1))).toEqual(new Set([24, 23, 25]));
  });

  it('goes by step for short panels and by week for long ones', () => {
    expect(missingCells(hourly(48, 'UTC')).columnLength).toBe(hour);
    const weekly = missingCells(hourly(24 * 900, 'UTC'));
    expect(weekly.columnLength).toBe(7 * day);
    expect(new Date(weekly.columns[3]).getUTCDay()).toBe(1);
  });

  it('takes a panel of one step', () => {
    const cells = missingCells(hourly(1, 'UTC'));
    expect([...cells.counts[0]]).toEqual([0, 1]);
  });
});

function hourly(length: number, timeZone: string): Panel {
  return createPanel({ start: Date.UTC(2018, 0, 1), length, timeZone, series: [{ id: 'a' }] });
}
