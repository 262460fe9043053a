import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { imputePanel, parseSteps } from '../impute/chain.ts';
import { cellOf } from '../metrics/forecastTable.ts';
import { createPanel, day, hour, type Panel, slicePanel } from '../panel/panel.ts';
import { parseModels } from './registry.ts';
import { planFolds, type RollingOptions, rollingForecast } from './rollingForecast.ts';

const start = Date.UTC(2024, 0, 1);

function noisyPanel(days: number, seriesCount = 5): Panel {
  const measures = ['PM2.5', 'PM10'];
  const panel = createPanel({
    start,
    length: days * 24,
    series: Array.from({ length: seriesCount }, (_, s) => ({
      id: `station${s}`,
      city: 'Test',
      station: `station${s}`,
      measure: measures[s % 2],
    })),
  });
  for (const [s, { values }] of panel.series.entries()) {
    const random = randomStream(5, s);
    for (let i = 0; i < values.length; i++) {
      const value = 30 + 10 * Math.sin((2 * Math.PI * i) / 24) + 6 * random.normal();
      values[i] = random.uniform() < 0.15 ? Number.NaN : Math.max(0, value);
    }
  }
  return panel;
}

const options: RollingOptions = {
  models: parseModels('medianOfMedians:windows=3/5,seasonalNaive,naive'),
  starts: [20, 21, 22].map((offset) => start + offset * day),
  every: day,
  horizon: 48,
  steps: parseSteps('linear:3,mean:hour'),
  calibration: 10,
  workers: 0,
};

describe('rollingForecast', () => {
  it('lays forecasts beside what came true, whole hours and cutoffs where they belong', async () => {
    const panel = noisyPanel(24);
    const table = await rollingForecast(panel, options);
    expect(table.starts).toEqual(options.starts);
    expect(table.cutoffs).toEqual(options.starts.map((one) => one - hour));
    expect(table.models.map(({ model }) => model)).toEqual([
      'medianOfMedians:windows=3/5',
      'seasonalNaive',
      'naive',
    ]);
    for (const [k, one] of table.starts.entries()) {
      for (let step = 0; step < 48; step++) {
        const index = (one - start) / hour + step;
        expect(table.truth[cellOf(table, k, 2, step)]).toBe(
          index < panel.length ? panel.series[2].values[index] : Number.NaN,
        );
      }
    }
  });

  it('takes cells that another run filled in for missing, as those fills knew the future', async () => {
    const panel = noisyPanel(24);
    const filled = imputePanel(panel, parseSteps('mean'));
    const [plain, again] = [await rollingForecast(panel, options), await rollingForecast(filled, options)];
    expect(again.truth).toEqual(plain.truth);
    expect(again.models).toEqual(plain.models);
  });

  it('forecasts what the model gives on the history alone', async () => {
    const panel = noisyPanel(24);
    for (const { values } of panel.series) values.fill(12, 0, 20 * 24);
    const table = await rollingForecast(panel, options);
    for (const { point } of table.models) expect(point[cellOf(table, 0, 1, 30)]).toBe(12);
  });

  it.each([1, 2, 3])('gives the same bits with %i workers as with none', async (workers) => {
    const panel = noisyPanel(24);
    const [alone, spread] = [
      await rollingForecast(panel, options),
      await rollingForecast(panel, { ...options, workers }),
    ];
    for (const [m, { point, intervals }] of alone.models.entries()) {
      expect(spread.models[m].point).toEqual(point);
      expect(spread.models[m].intervals).toEqual(intervals);
    }
  });

  it('does not change when the panel ends at the last cutoff, but for the truth', async () => {
    const panel = noisyPanel(24);
    const whole = await rollingForecast(panel, options);
    const cut = await rollingForecast(slicePanel(panel, 0, 22 * 24), options);
    for (const [m, { point, intervals }] of whole.models.entries()) {
      expect(cut.models[m].point).toEqual(point);
      expect(cut.models[m].intervals).toEqual(intervals);
    }
  });

  it('holds back the last hours with a delay and still forecasts the same hours', async () => {
    const panel = noisyPanel(24);
    const late = await rollingForecast(panel, {
      ...options,
      models: parseModels('naive'),
      steps: [],
      delay: 5 * hour,
    });
    expect(late.cutoffs).toEqual(options.starts.map((one) => one - 6 * hour));
    const { values } = panel.series[0];
    let last = 20 * 24 - 6;
    while (Number.isNaN(values[last])) last--;
    expect(late.models[0].point[cellOf(late, 0, 0, 0)]).toBe(values[last]);
    expect(late.truth[cellOf(late, 0, 0, 7)]).toBe(values[20 * 24 + 7]);
  });

  it('refits only at every n-th start but lets models see newer history in between', async () => {
    const panel = noisyPanel(24);
    const often = await rollingForecast(panel, { ...options, levels: [] });
    const seldom = await rollingForecast(panel, { ...options, levels: [], refit: 3 });
    // These models learn nothing that a newer history does not replace.
    for (const [m, { point }] of often.models.entries()) expect(seldom.models[m].point).toEqual(point);
  });

  it.each([
    ['the first start', undefined, [20, 20, 22, 22]],
    // With a fold before the first start, that start shares its fit.
    ['the start named', 21, undefined],
  ])('refits at %s, whatever came before only to calibrate', (_, named, expected) => {
    const days = [20, 21, 22, 23];
    const fitAt = named === undefined ? undefined : start + named * day;
    for (const calibration of [0, 1, 2, 5]) {
      const plan = planFolds(noisyPanel(25), {
        ...options,
        starts: days.map((offset) => start + offset * day),
        refit: 2,
        fitAt,
        calibration,
      });
      const scored = plan.folds.slice(plan.calibrationFolds);
      const fittedOn = scored.map((fold) => {
        const first = plan.groups.find((group) => group.includes(fold))?.at(0);
        return ((first?.cutoff ?? Number.NaN) + 1) / 24;
      });
      expect(fittedOn).toEqual(expected ?? [calibration > 0 ? 19 : 20, 21, 21, 23]);
      expect(plan.groups.flat()).toEqual(plan.folds);
    }
  });

  it('calibrates intervals on earlier forecasts, or gives none without history for them', async () => {
    const panel = noisyPanel(24);
    const table = await rollingForecast(panel, options);
    const { lower, upper } = table.models[0].intervals[0];
    expect(lower.every((low, cell) => low <= upper[cell])).toBe(true);
    expect(lower.every((low) => low >= 0)).toBe(true);
    const first = await rollingForecast(panel, {
      ...options,
      models: parseModels('naive'),
      starts: [start + day],
    });
    expect(first.models[0].intervals[0].lower.every(Number.isNaN)).toBe(true);
  });

  it('forecasts the hours after the end of the data', async () => {
    const panel = noisyPanel(10);
    const table = await rollingForecast(panel, { ...options, starts: [start + 10 * day], calibration: 3 });
    expect(table.truth.every(Number.isNaN)).toBe(true);
    expect(table.models[0].point.some(Number.isNaN)).toBe(false);
  });

  it.each([
    [{ horizon: 0 }, 'invalid horizon: 0'],
    [{ horizon: 1.5 }, 'invalid horizon: 1.5'],
    [{ horizon: -48 }, 'invalid horizon: -48'],
    [{ refit: 0 }, 'invalid refit: 0'],
    [{ every: 90 * 60_000 }, 'invalid every: 90 minutes'],
    [{ delay: -hour }, 'invalid delay: -60 minutes'],
    [{ levels: [100] }, 'invalid level: 100'],
    [{ starts: [] }, 'no forecast starts'],
    [{ fitAt: start }, 'invalid fitAt: 2024-01-01 00:00:00'],
    [{ models: [] }, 'no models'],
    [{ starts: [start + 25 * day] }, 'forecast start 2024-01-26 00:00:00 is outside the data'],
    [{ starts: [start] }, 'forecast start 2024-01-01 00:00:00 is outside the data'],
    [{ starts: [start + 20 * day + 1] }, 'lies between two steps'],
    [
      { models: parseModels('medianOfMedians:windows=30') },
      'window of 30 days for Test is longer than the history of 20 days',
    ],
  ])('rejects %j', async (wrong, message) => {
    await expect(rollingForecast(noisyPanel(24), { ...options, ...wrong })).rejects.toThrow(message);
  });
});
