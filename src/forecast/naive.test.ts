import { describe, expect, it } from 'vitest';
import { createForecaster } from './registry.ts';
import { panelOf } from './testing/panels.ts';

const naive = createForecaster({ name: 'naive', options: {} });

it('repeats the last reading', () => {
  const { point, start, horizon } = naive.fit(panelOf([[3, 1, 4]])).predict(3);
  expect([...point[0]]).toEqual([4, 4, 4]);
  expect(start).toBe(3 * 3_600_000);
  expect(horizon).toBe(3);
});

it('passes over missing readings at the end', () => {
  const { point } = naive.fit(panelOf([[3, 1, Number.NaN, Number.NaN]])).predict(1);
  expect([...point[0]]).toEqual([1]);
});

it('forecasts from a later history than the fitted one', () => {
  const model = naive.fit(panelOf([[3, 1]]));
  expect([...model.predict(1, panelOf([[3, 1, 9]])).point[0]]).toEqual([9]);
});

describe('awkward input', () => {
  it('has no forecast for a series without a reading, and forecasts the others', () => {
    const { point } = naive
      .fit(
        panelOf([
          [Number.NaN, Number.NaN],
          [1, 2],
        ]),
      )
      .predict(2);
    expect(point.map((values) => [...values])).toEqual([
      [Number.NaN, Number.NaN],
      [2, 2],
    ]);
  });

  it('forecasts from a single reading', () => {
    expect([...naive.fit(panelOf([[7]])).predict(2).point[0]]).toEqual([7, 7]);
  });

  it('forecasts a panel without series as nothing', () => {
    expect(naive.fit(panelOf([], { length: 5 })).predict(2).point).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN])('rejects a horizon of %s', (horizon) => {
    expect(() => naive.fit(panelOf([[1]])).predict(horizon)).toThrow(
      `invalid horizon: ${horizon}; expected a whole number of at least 1`,
    );
  });
});
