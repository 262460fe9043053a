import { describe, expect, it } from 'vitest';
import { createPanel, day, hour, slicePanel } from '../panel/panel.ts';
import { forecastPanel, type PanelForecastOptions } from './forecastPanel.ts';
import { parseModels } from './registry.ts';
import { rollingForecast } from './rollingForecast.ts';

const start = Date.UTC(2024, 0, 1);
const panel = createPanel({ start, length: 30 * 24, series: [{ id: 'a' }, { id: 'b' }] });
for (const [s, { values }] of panel.series.entries())
  for (let i = 0; i < values.length; i++) values[i] = s + (i % 24) + Math.floor(i / 24);

const options: PanelForecastOptions = {
  models: parseModels('medianOfMedians:windows=7/14,naive'),
  horizon: 48,
  calibration: 5,
  workers: 0,
};

describe('forecastPanel', () => {
  it('forecasts the hours after the panel, without a truth and without past starts unless asked', async () => {
    const { history, future, past } = await forecastPanel(panel, options);
    expect(history).toBe(panel);
    expect(future.starts).toEqual([start + 30 * day]);
    expect(future.models[1].point.subarray(0, 48)).toEqual(new Float64Array(48).fill(23 + 29));
    expect(future.truth.every(Number.isNaN)).toBe(true);
    expect(past).toBeUndefined();
  });

  it('forecasts from an earlier moment as if the panel ended there', async () => {
    const at = start + 25 * day + 5 * hour;
    const early = await forecastPanel(panel, { ...options, at, past: 2 });
    const cut = await forecastPanel(slicePanel(panel, 0, 25 * 24 + 5), { ...options, past: 2 });
    expect(early.history.length).toBe(25 * 24 + 5);
    expect(early.future).toEqual(cut.future);
    expect(early.past).toEqual(cut.past);
  });

  it('scores as many earlier starts as asked for, whose outcome is known', async () => {
    const { past } = await forecastPanel(panel, { ...options, past: 4 });
    expect(past?.starts).toEqual([25, 26, 27, 28].map((offset) => start + offset * day));
    expect(past?.truth.some(Number.isNaN)).toBe(false);
  });

  it('leaves out earlier starts whose history is shorter than a window, rather than fail on them', async () => {
    const { future, past } = await forecastPanel(panel, {
      ...options,
      models: parseModels('medianOfMedians:windows=27'),
      past: 14,
    });
    expect(future.starts).toHaveLength(1);
    expect(past?.starts).toEqual([27, 28].map((offset) => start + offset * day));
  });

  it('fits anew for the forecast itself, however seldom models are refitted', async () => {
    const seldom = await forecastPanel(panel, { ...options, past: 3, refit: 100 });
    const alone = await rollingForecast(panel, { ...options, starts: [start + 30 * day], every: day });
    expect(seldom.future.models[0].point).toEqual(alone.models[0].point);
  });

  it.each([
    [{ at: start + 31 * day }, 'forecast start 2024-02-01 00:00:00 is outside the data'],
    [{ at: start }, 'forecast start 2024-01-01 00:00:00 is outside the data'],
    [{ at: start + day + 60_000 }, 'lies between two steps'],
    [{ every: 0 }, 'invalid every: 0 minutes'],
    [{ horizon: 0, past: 3 }, 'invalid horizon: 0'],
    [{ delay: -hour }, 'invalid delay: -60 minutes'],
    [
      { models: parseModels('medianOfMedians:windows=60'), past: 3 },
      'window of 60 days is longer than the history of 30',
    ],
  ])('rejects %j', async (wrong, message) => {
    await expect(forecastPanel(panel, { ...options, ...wrong })).rejects.toThrow(message);
  });
});
