import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countPresent, fingerprint, selectSeries } from './panel.ts';
import { readPanel } from './readPanel.ts';
import { simulatedCity, simulatePanel, writeSimulation } from './simulate.ts';

function correlation(a: Float64Array, b: Float64Array): number {
  const pairs = Array.from(a, (value, i) => [value, b[i]]).filter(([x, y]) => !Number.isNaN(x + y));
  const mean = (k: number) => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length;
  const [meanA, meanB] = [mean(0), mean(1)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [x, y] of pairs) {
    ab += (x - meanA) * (y - meanB);
    aa += (x - meanA) ** 2;
    bb += (y - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

const { panel, truth, mess } = simulatePanel({
  stations: 24,
  days: 200,
  measures: ['PM2.5', 'PM10', 'NO2', 'O3'],
});
const valuesOf = (id: string) =>
  truth.series.find((series) => series.id === id)?.values ?? new Float64Array();

describe('simulatePanel', () => {
  it('is the same for the same seed, and a station does not depend on how many there are', () => {
    const small = simulatePanel({ stations: 3, days: 200, measures: ['PM2.5', 'PM10', 'NO2', 'O3'] });
    const part = selectSeries(panel, ({ station }) => ['sim01', 'sim02', 'sim03'].includes(station));
    expect(fingerprint(small.panel)).toBe(fingerprint(part));
    expect(fingerprint(simulatePanel({ seed: 2, stations: 3, days: 200 }).panel)).not.toBe(
      fingerprint(small.panel),
    );
  });

  it('says in every series that it is simulated', () => {
    expect(panel.series.every(({ city }) => city === simulatedCity && /simulated/i.test(city))).toBe(true);
  });

  it('has days that resemble each other and stations that resemble their neighbours more than distant ones', () => {
    const fine = valuesOf('sim05#PM2.5');
    expect(correlation(fine.subarray(24), fine.subarray(0, -24))).toBeGreaterThan(0.25);
    const ozone = valuesOf('sim05#O3');
    expect(correlation(ozone.subarray(24), ozone.subarray(0, -24))).toBeGreaterThan(0.5);
    const places = panel.series.filter(({ measure }) => measure === 'PM2.5');
    const near: number[] = [];
    const far: number[] = [];
    for (const [k, a] of places.entries()) {
      for (const b of places.slice(k + 1)) {
        const distance = Math.hypot(111 * (a.latitude - b.latitude), 85 * (a.longitude - b.longitude));
        if (distance < 10) near.push(correlation(valuesOf(a.id), valuesOf(b.id)));
        if (distance > 35) far.push(correlation(valuesOf(a.id), valuesOf(b.id)));
      }
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(near)).toBeGreaterThan(mean(far) + 0.05);
    expect(mean(far)).toBeGreaterThan(0.2);
  });

  it('couples measures as air does', () => {
    const [fine, coarse, nitrogen, ozone] = ['PM2.5', 'PM10', 'NO2', 'O3'].map((measure) =>
      valuesOf(`sim01#${measure}`),
    );
    expect(fine.every((value, i) => coarse[i] >= value)).toBe(true);
    expect(correlation(fine, coarse)).toBeGreaterThan(0.7);
    expect(correlation(nitrogen, ozone)).toBeLessThan(-0.1);
    const average = fine.reduce((sum, value) => sum + value, 0) / fine.length;
    expect(average).toBeGreaterThan(10);
    expect(average).toBeLessThan(120);
  });

  it('has gaps of every length, readings below zero, repeated rows and a station that dies', () => {
    const share =
      panel.series.reduce((sum, { values }) => sum + countPresent(values), 0) /
      (panel.series.length * panel.length);
    expect(share).toBeGreaterThan(0.75);
    expect(share).toBeLessThan(0.97);
    expect(mess.some(({ negative }) => negative !== undefined && negative < 0)).toBe(true);
    expect(mess.some(({ repeated }) => repeated)).toBe(true);
    const dead = panel.series.find(({ station }) => station === 'sim12')?.values ?? new Float64Array();
    expect(countPresent(dead.subarray(-1000))).toBe(0);
    expect(truth.series.every(({ values }) => countPresent(values) === truth.length)).toBe(true);
  });

  it('comes back from the file it writes, its mess cleaned and counted', async () => {
    const small = simulatePanel({ stations: 4, days: 30 });
    const path = join(mkdtempSync(join(tmpdir(), 'trainyard-')), 'simulated.csv.gz');
    await writeSimulation(small, path);
    const { panel: read, report } = await readPanel([path]);
    expect(fingerprint(read)).toBe(fingerprint(small.panel));
    expect(report.duplicates).toBe(small.mess.filter(({ repeated }) => repeated).length);
    // A negative reading that was sent twice is found twice.
    const negatives = small.mess.reduce(
      (sum, { negative, repeated }) => sum + (negative === undefined ? 0 : repeated ? 2 : 1),
      0,
    );
    expect(report.negatives).toBe(negatives);
  });

  it.each([
    [{ stations: 0 }, 'invalid stations: 0'],
    [{ days: 1.5 }, 'invalid days: 1.5'],
    [{ measures: ['gold'] }, 'cannot simulate gold'],
    [{ measures: [] }, 'cannot simulate no measure'],
  ])('rejects %j', (options, message) => {
    expect(() => simulatePanel(options)).toThrow(message);
  });
});
