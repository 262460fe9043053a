import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isKddTarget, kddScoredStations, kddTargets } from './kddTargets.ts';
import { createPanel } from './panel.ts';

const sample = new URL('../../../shared/data/kddcup2018/sample_submission.csv', import.meta.url);

it.skipIf(!existsSync(sample))("lists the stations of the competition's sample in its order", () => {
  const stations = readFileSync(sample, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('#')[0]);
  expect(kddScoredStations).toEqual([...new Set(stations)]);
});

it('takes three measures in Beijing, two in London, and none of the stations given out but not scored', () => {
  const ids = [
    'dongsi_aq#PM2.5',
    'dongsi_aq#O3',
    'dongsi_aq#CO',
    'BL0#PM10',
    'BL0#NO2',
    'BX9#PM2.5',
    'CR8#PM10',
  ];
  const panel = createPanel({
    start: 0,
    length: 1,
    series: ids.map((id) => {
      const [station, measure] = id.split('#');
      return { id, station, measure, city: station.endsWith('_aq') ? 'Beijing' : 'London' };
    }),
  });
  expect(kddTargets(panel).series.map(({ id }) => id)).toEqual([
    'dongsi_aq#PM2.5',
    'dongsi_aq#O3',
    'BL0#PM10',
  ]);
});

it('scores stations that the competition did not know by the measures of their city', () => {
  expect(isKddTarget({ city: 'Tianjin', station: 'new_aq', measure: 'O3' })).toBe(true);
  expect(isKddTarget({ city: 'London', station: 'NEW', measure: 'O3' })).toBe(false);
});
