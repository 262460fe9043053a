import { dataError } from '../../core/errors.ts';
import type { Panel } from '../../panel/panel.ts';
import { fillEachSeries, type ImputeStep, numberOption, wholeOption } from '../step.ts';
import { distanceWeight } from './distance.ts';
import { readingsOfPanel } from './neighbourInputs.ts';

/**
 * The mean of the other stations' readings of the same measure at the same time, each weighted by its distance to the
 * power of `-power` (Shepard 1968).
 */
export const inverseDistance: ImputeStep = {
  name: 'inverseDistance',
  summary: 'mean of the other stations in the same hour, weighted by distance: inverseDistance:2',
  scope: 'panel',
  options: { power: numberOption(2, 0, 10), minStations: wholeOption(1, 1) },
  fill(panel, options, label) {
    const readings = readingsOfPanel(panel);
    const indexOf = new Map(panel.series.map(({ id }, s) => [id, s]));
    return fillEachSeries(panel, label, (values, { id }) => {
      const series = indexOf.get(id) ?? -1;
      const others = readings.neighbours[series];
      if (others.length === 0) return;
      const weights = others.map((other) => weightOf(panel, series, other, Number(options.power)));
      const columns = others.map((other) => readings.valuesOf(other));
      for (let i = 0; i < values.length; i++) {
        if (!Number.isNaN(values[i])) continue;
        let sum = 0;
        let total = 0;
        let speaking = 0;
        for (let k = 0; k < columns.length; k++) {
          const reading = columns[k][i];
          if (Number.isNaN(reading)) continue;
          speaking++;
          sum += weights[k] * reading;
          total += weights[k];
        }
        if (speaking >= Number(options.minStations)) values[i] = sum / total;
      }
    });
  },
};

function weightOf(panel: Panel, series: number, other: number, power: number): number {
  const [here, there] = [panel.series[series], panel.series[other]];
  const weight = distanceWeight(here, there, power);
  if (!Number.isNaN(weight)) return weight;
  const unplaced = [here, there].find(({ latitude, longitude }) => Number.isNaN(latitude + longitude));
  throw dataError(
    `no coordinates of ${unplaced?.id}; inverseDistance needs those of every station`,
    'pass a table of stations with --stations, or leave the step out',
  );
}
