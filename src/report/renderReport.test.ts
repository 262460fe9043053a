import { existsSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf } from '../metrics/forecastTable.ts';
import { createPanel } from '../panel/panel.ts';
import { unpackNumbers } from './packNumbers.ts';
import { renderReport } from './renderReport.ts';
import type { ReportData } from './reportData.ts';
import type { ReportPayload } from './reportPayload.ts';
import { readSeriesChunk } from './seriesChunk.ts';
import { sampleReport } from './testing/sampleReport.ts';

const hostile = `</script><img src=x onerror="alert('1')">`;

describe('a report', () => {
  let data: ReportData;
  let page: string;

  beforeAll(() => {
    if (!existsSync(new URL('../../dist/report/client.js', import.meta.url))) {
      throw new Error('the client is not bundled; run: node scripts/build.mjs --client-only');
    }
    data = sampleReport({
      days: 40,
      cities: { Beijing: 2, London: 2 },
      starts: 4,
      nameStation: (city, i) => `${hostile}${city}${i}`,
    });
    data = { ...data, title: hostile, warnings: [hostile] };
    page = renderReport(data);
  });

  it('has its sections in order', () => {
    const ids = [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(['summary', 'series', 'missing', 'scores', 'quality', 'made']);
    const links = [...page.matchAll(/<li><a href="#(\w+)">/g)].map(([, id]) => id);
    expect(links).toEqual(ids);
    expect(page.indexOf('Simulated data.')).toBeLessThan(page.indexOf('1 warning'));
    expect(page.indexOf('1 warning')).toBeLessThan(page.indexOf('id="summary"'));
  });

  it('escapes every text that came from outside', () => {
    const attacked = renderReport({
      ...data,
      reading: {
        files: [{ path: hostile, layout: hostile, rows: 1 }],
        duplicates: 0,
        negatives: 0,
        series: [],
        warnings: [hostile],
      },
      leakage: { passed: false, cutoffs: 1, compared: 2, different: 1, examples: [hostile] },
      provenance: {
        ...data.provenance,
        command: hostile,
        fingerprint: hostile,
        versions: { [hostile]: hostile },
        settings: { [hostile]: hostile },
      },
    });
    expect(says(attacked, '<img')).toBe(false);
    expect(attacked.match(/<\/script>/g)).toHaveLength(attacked.match(/<script[ >]/g)?.length ?? 0);
    expect(says(attacked, '&lt;img src=x onerror=&quot;')).toBe(true);
    expect(says(attacked, 'The future leaked into the forecasts')).toBe(true);
  });

  it('loads nothing and lets the browser forbid it', () => {
    const markup = withoutCode(page);
    expect(markup.match(/https?:/)?.[0]).toBeUndefined();
    expect(markup.match(/\b(src|srcset|action)=["']?(?!x )/i)?.[0]).toBeUndefined();
    expect(markup.match(/@import|url\(/)?.[0]).toBeUndefined();
    expect([...markup.matchAll(/href="([^"#][^"]*)"/g)].map(([, target]) => target)).toEqual(['data:,']);
    expect(says(page, 'default-src &#39;none&#39;')).toBe(true);
    const code = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(
      code.match(/\bimport\(|importScripts|XMLHttpRequest|\bfetch\(|new WebSocket|sendBeacon/)?.[0],
    ).toBeUndefined();
  });

  it('is the same, byte for byte, for the same data', () => {
    expect(renderReport(data) === page).toBe(true);
  });

  it('holds the parts of the forecasts of models that have some', () => {
    const { components = [] }: ReportPayload = JSON.parse(new TextDecoder().decode(chunkOf(page, 'report')));
    const given = data.components ?? [];
    expect(components.map(({ model }) => model)).toEqual([0]);
    for (const [s, curves] of given[0].series.entries()) {
      const found = components[0].series[s];
      expect(found.map(({ name, period }) => [name, period ?? undefined])).toEqual(
        curves.map(({ name, period }) => [name, period]),
      );
      for (const [c, { at, values }] of curves.entries()) {
        expect(found[c].at).toEqual([...at]);
        for (const [i, value] of found[c].values.entries())
          expect(Math.abs((value ?? Number.NaN) - values[i])).toBeLessThanOrEqual(1e-4 * Math.abs(values[i]));
      }
    }
  });

  it('holds the readings, forecasts and past forecasts of every series', () => {
    const payload: ReportPayload = JSON.parse(new TextDecoder().decode(chunkOf(page, 'report')));
    const { panel, forecasts = [], backtest } = data;
    if (!backtest) throw new Error('the sample has a backtest');
    expect(payload.models).toEqual(['medianOfMedians', 'seasonalNaive', 'naive']);
    for (const [index, series] of panel.series.entries()) {
      const chunk = readSeriesChunk(chunkOf(page, `series-${index}`), [2, 2, 2], [2, 2, 2]);
      expect([...chunk.filledBy]).toEqual([...(series.filledBy ?? [])]);
      series.values.forEach((value, i) => {
        // Readings come back exactly; what a step filled in may be rounded.
        if (chunk.filledBy[i] === 0) expect(chunk.values[i]).toBe(Math.fround(value));
        else expect(Math.abs(chunk.values[i] - value)).toBeLessThan(0.0501);
      });
      for (const [k, { forecast }] of forecasts.entries()) {
        expectClose(chunk.forecasts[k].point, forecast.point[index]);
        expectClose(chunk.forecasts[k].intervals[1].lower, forecast.intervals[1].lower[index]);
      }
      for (let start = 0; start < backtest.starts.length; start++) {
        for (let step = 0; step < backtest.horizon; step += 7) {
          const cell = cellOf(backtest, start, index, step);
          const here = start * backtest.horizon + step;
          expect(chunk.truth[here]).toBe(Math.fround(backtest.truth[cell]));
          expectClose([chunk.past[1].point[here]], [backtest.models[1].point[cell]]);
          expectClose(
            [chunk.past[2].intervals[0].upper[here]],
            [backtest.models[2].intervals[0].upper[cell]],
          );
        }
      }
    }
    let offset = 0;
    const bytes = chunkOf(page, 'missing');
    for (let index = 0; index < panel.series.length; index++) {
      const { values, end } = unpackNumbers(bytes, offset);
      offset = end;
      expect(values.reduce((sum, count) => sum + count)).toBe(panel.length);
    }
  });

  it('leaves out what there is no data for', () => {
    const { panel, provenance } = data;
    const bare = renderReport({ title: 'Bare', panel, provenance: { ...provenance, simulated: false } });
    const ids = [...bare.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(['series', 'missing', 'quality', 'made']);
    const charts = [...bare.matchAll(/data-chart="(\w+)"/g)].map(([, name]) => name);
    expect(charts).toEqual(['history', 'missing']);
    expect(says(bare, 'Simulated data.')).toBe(false);
    expect(says(bare, 'Files read')).toBe(false);
    const empty = createPanel({ start: 0, length: 1, series: [] });
    const nothing = renderReport({ title: 'Nothing', panel: empty, provenance });
    expect([...nothing.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id)).toEqual(['quality', 'made']);
  });

  it('leaves out the map of stations without places and the competition where it was not asked for', () => {
    const { panel, scores } = data;
    const nowhere = panel.series.map((series) => ({
      ...series,
      latitude: Number.NaN,
      longitude: Number.NaN,
    }));
    const plain = renderReport({
      ...data,
      panel: { ...panel, series: nowhere },
      scores: scores && {
        ...scores,
        models: scores.models.map((model) => ({ ...model, kdd2018: undefined })),
      },
    });
    expect(says(plain, 'data-map')).toBe(false);
    expect(says(plain, 'Competition score')).toBe(false);
    expect(says(plain, 'has the best SMAPE')).toBe(true);
    expect(says(page, 'data-map')).toBe(true);
    expect(says(page, 'has the best competition score')).toBe(true);
  });

  it('names the model whose forecasts do not match the panel', () => {
    const [first] = data.forecasts ?? [];
    const short = { ...first.forecast, point: first.forecast.point.slice(1) };
    expect(() => renderReport({ ...data, forecasts: [{ model: 'short', forecast: short }] })).toThrow(
      'forecast of short has 9 series; expected 10, those of the panel',
    );
  });

  it('takes series that were not tested and tested series that are not in the panel', () => {
    const { panel } = data;
    const some = renderReport({
      ...data,
      forecasts: undefined,
      panel: { ...panel, series: [...panel.series.slice(0, 2), { ...panel.series[2], id: 'new' }] },
    });
    const payload: ReportPayload = JSON.parse(new TextDecoder().decode(chunkOf(some, 'report')));
    expect(payload.series.map(({ tested }) => tested)).toEqual([true, true, false]);
    expect(readSeriesChunk(chunkOf(some, 'series-2'), [], []).truth).toHaveLength(0);
    expect(payload.scores?.models[0].bySeries[2]).toBeNull();
  });
});

// Booleans, so that a failure does not print a page of a megabyte.
function says(page: string, text: string): boolean {
  return withoutCode(page).includes(text);
}

function withoutCode(page: string): string {
  return page.replace(/<script>[\s\S]*?<\/script>/, '');
}

function chunkOf(page: string, name: string): Uint8Array {
  const text = new RegExp(`data-chunk="${name}">([^<]*)<`).exec(page)?.[1] ?? '';
  return inflateRawSync(Buffer.from(text, 'base64'));
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (Number.isNaN(expected[i])) expect(actual[i]).toBeNaN();
    else expect(Math.abs(actual[i] - expected[i])).toBeLessThan(0.0501);
  }
}
