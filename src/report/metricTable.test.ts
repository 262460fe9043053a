import { describe, expect, it } from 'vitest';
import type { ScoreRow } from '../metrics/scores.ts';
import { bestRows, metricColumns } from './metricTable.ts';

const row: ScoreRow = {
  points: 12345,
  missing: 7,
  smape: 0.43215,
  mae: 18.444,
  rmse: 26.7,
  mase: 1.5354,
  pinball: 3.651,
  coverage: { 80: 0.7912, 95: 1 },
  width: { 80: 28.6, 95: 57.21 },
  skill: -0.0512,
};

describe('columns of scores', () => {
  it('write every number with its unit or range in the head', () => {
    const columns = metricColumns(['ug/m3', 'ug/m3'], [80, 95]);
    const written = columns.map(({ label, read, write }) => [
      label.replace(/\u00a0/g, ' '),
      write(read(row)).replace(/\u00a0/g, ' '),
    ]);
    expect(written).toEqual([
      ['SMAPE (0 to 2)', '0.4322'],
      ['MAE, µg/m³', '18.4'],
      ['RMSE, µg/m³', '26.7'],
      ['MASE', '1.535'],
      ['Skill', '−5.1 %'],
      ['Pinball, µg/m³', '3.65'],
      ['Inside 80 %', '79.1 %'],
      ['Inside 95 %', '100.0 %'],
      ['Width 80 %, µg/m³', '28.6'],
      ['Width 95 %, µg/m³', '57.2'],
      ['Points', '12,345'],
      ['Not forecast', '7'],
    ]);
  });

  it('say so where units are mixed, and nothing where there are none', () => {
    expect(metricColumns(['ug/m3', 'mg/m3'], [])[1].label).toBe('MAE, mixed units');
    expect(metricColumns([''], [])[1].label).toBe('MAE');
  });

  it('know the better end: low errors, high skill, coverage nearest to its level', () => {
    const column = (name: string) => {
      const found = metricColumns([''], [80]).find((one) => one.name === name);
      if (!found) throw new Error(name);
      return found;
    };
    expect([...bestRows(column('smape'), [0.5, 0.4, Number.NaN])]).toEqual([1]);
    expect([...bestRows(column('skill'), [0.1, 0.2, 0.2])]).toEqual([1, 2]);
    expect([...bestRows(column('coverage80'), [0.95, 0.78])]).toEqual([1]);
    expect(bestRows(column('points'), [1, 2]).size).toBe(0);
    expect(bestRows(column('mae'), [1, Number.NaN]).size).toBe(0);
  });
});
