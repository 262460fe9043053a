import { fillEachSeries, type ImputeStep, wholeOption, wordOption } from '../step.ts';
import { distanceBetween } from './distance.ts';
import { type Readings, readingsOfPanel } from './neighbourInputs.ts';

/**
 * Straight-line regressions on single stations, combined: each of the `k` best stations that was read at the time gives
 * an estimate, and they are averaged with weights of one over their errors' variances.
 */
export const nearestStations: ImputeStep = {
  name: 'nearestStations',
  summary: 'regressions on the k best-correlated stations in the same hour: nearestStations:5',
  scope: 'panel',
  options: {
    k: wholeOption(5, 1),
    by: wordOption(['correlation', 'distance'], 'correlation'),
    minRows: wholeOption(100, 3),
  },
  fill(panel, options, label) {
    const readings = readingsOfPanel(panel);
    const indexOf = new Map(panel.series.map(({ id }, s) => [id, s]));
    return fillEachSeries(panel, label, (values, { id }) => {
      const series = indexOf.get(id) ?? -1;
      const lines = readings.neighbours[series]
        .map((other) => regression(readings, series, other, Number(options.minRows)))
        .filter((line) => line !== undefined)
        .sort((a, b) => (options.by === 'distance' ? a.distance - b.distance : a.variance - b.variance));
      for (let i = 0; i < values.length; i++) {
        if (!Number.isNaN(values[i])) continue;
        let sum = 0;
        let total = 0;
        let speaking = 0;
        for (const { column, slope, intercept, variance } of lines) {
          if (speaking === options.k) break;
          const reading = column[i];
          if (Number.isNaN(reading)) continue;
          speaking++;
          sum += (intercept + slope * reading) / variance;
          total += 1 / variance;
        }
        if (speaking > 0) values[i] = sum / total;
      }
    });
  },
};

interface Regression {
  readonly column: Float64Array;
  readonly slope: number;
  readonly intercept: number;
  /** Of the errors. */
  readonly variance: number;
  readonly distance: number;
}

/** Least squares of a series on another, over the times when both were read. */
function regression(
  readings: Readings,
  series: number,
  other: number,
  minRows: number,
): Regression | undefined {
  const target = readings.valuesOf(series);
  const column = readings.valuesOf(other);
  let count = 0;
  let meanX = 0;
  let meanY = 0;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  // Running means (Welford 1962): sums of squares of large readings would lose digits.
  for (let i = 0; i < target.length; i++) {
    const x = column[i];
    const y = target[i];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    count++;
    const dx = x - meanX;
    const dy = y - meanY;
    meanX += dx / count;
    meanY += dy / count;
    xx += dx * (x - meanX);
    xy += dx * (y - meanY);
    yy += dy * (y - meanY);
  }
  if (count < minRows) return undefined;
  const slope = xx > 0 ? xy / xx : 0;
  const residual = Math.max(0, yy - slope * xy) / (count - 2);
  return {
    column,
    slope,
    intercept: meanY - slope * meanX,
    // A perfect fit must not silence all others by an infinite weight.
    variance: Math.max(residual, 1e-12 * Math.max(1, yy / count)),
    distance: distanceBetween(readings.panel.series[series], readings.panel.series[other]),
  };
}
