/**
 * Imputation of the Beijing multi-site data (UCI PRSA) by the protocol of TSI-Bench (Du et al. 2024): 12 stations by 11
 * variables, standardised, days apart, cells hidden in training and test data alike, mean absolute error of what was
 * hidden in the test months. The published data has four years; here are the first three, so the test months are the
 * eight after the same 28 months of training.
 *
 *   node --import ./scripts/registerTypeScript.mjs studies/imputation/prsa.ts ../shared/data/uci_prsa
 *   node --import ./scripts/registerTypeScript.mjs studies/imputation/prsa.ts ../shared/data/uci_prsa validate
 *
 * `validate` trains on 24 months and tests on the four after them: what settings were chosen on.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../../src/core/random.ts';
import { imputePanel, parseSteps, trainImputers } from '../../src/impute/index.ts';
import { type Panel, readPanel, slicePanel } from '../../src/panel/index.ts';

const [folder, mode = 'test'] = process.argv.slice(2);
const variables = ['PM2.5', 'PM10', 'SO2', 'NO2', 'CO', 'O3', 'TEMP', 'PRES', 'DEWP', 'RAIN', 'WSPM'];
const window = 24;
const withinDays = 'line within days';
// Of a block to begin at a variable of a day: what PyGrinder's factor of .0055 comes to. Half of the cells are hidden.
const blockChance = 0.484;

// Days from 2013-03-01 to the end of 24, 28 and 36 months.
const [from, to] = mode === 'validate' ? [730, 852] : [852, 1096];

type Scenario = 'points 10 %' | 'points 50 %' | 'points 90 %' | 'runs of 18' | 'blocks';
const scenarios: readonly Scenario[] = ['points 10 %', 'points 50 %', 'points 90 %', 'runs of 18', 'blocks'];

const chains =
  mode === 'validate'
    ? [
        'linear:any,mean',
        'neighbours:0.999:inputs=own,linear:any,mean',
        'neighbours:0.999:inputs=own+measures,linear:any,mean',
        'neighbours:0.999:inputs=own+measures+hour+month,linear:any,mean',
      ]
    : [
        withinDays,
        'previous,mean',
        'linear:any,mean',
        'neighbours:0.999,linear:any,mean',
        'neighbours:0.999:inputs=own,linear:any,mean',
        'neighbours:0.999:inputs=own+measures+hour,linear:any,mean',
      ];
const asked = process.argv[4] ? process.argv[4].split(';') : chains;

const files = readdirSync(folder).map((name) => join(folder, name));
const { panel: raw } = await readPanel(files, { negatives: 'keep' });
const panel = standardised(inOrder(raw), from * window);
const [train, test] = [slicePanel(panel, 0, from * window), slicePanel(panel, from * window, to * window)];

/** The line of TSI-Bench: within each day alone, its first and last reading held to the day's ends. */
function lineWithinDays(given: Panel): Panel {
  const series = given.series.map((one) => {
    const values = one.values.slice();
    for (let start = 0; start < values.length; start += window) {
      const known: number[] = [];
      for (let i = start; i < start + window; i++) if (!Number.isNaN(values[i])) known.push(i);
      for (let i = start; i < start + window; i++) {
        const after = known.find((at) => at >= i) ?? known.at(-1);
        const before = known.findLast((at) => at <= i) ?? after;
        if (after === undefined || before === undefined) values[i] = 0;
        else if (after > before) {
          const share = (i - before) / (after - before);
          values[i] = values[before] * (1 - share) + values[after] * share;
        } else values[i] = values[before];
      }
    }
    return { ...one, values };
  });
  return { ...given, series };
}

console.log(`${panel.series.length} series, ${from} days of training, ${to - from} of test, seed 1`);
console.log(`| method | ${scenarios.join(' | ')} | seconds for all five |`);
console.log(`|---|${scenarios.map(() => '---').join('|')}|---|`);
for (const chain of asked) {
  const steps = chain === withinDays ? [] : parseSteps(chain);
  const cells: string[] = [];
  const start = performance.now();
  for (const scenario of scenarios) {
    const { panel: gappyTrain } = hide(train, scenario, 'train');
    const { panel: gappyTest, hidden } = hide(test, scenario, 'test');
    const { models } = await trainImputers(withGaps(gappyTrain), steps, {});
    const filled =
      chain === withinDays ? lineWithinDays(gappyTest) : imputePanel(gappyTest, steps, { models });
    cells.push(error(test, filled, hidden).toFixed(3));
  }
  console.log(`| \`${chain}\` | ${cells.join(' | ')} | ${((performance.now() - start) / 1000).toFixed(0)} |`);
}

/** Station by station, variable by variable. */
function inOrder(given: Panel): Panel {
  const stations = [...new Set(given.series.map(({ station }) => station))].sort();
  const place = (station: string, measure: string) =>
    stations.indexOf(station) * variables.length + variables.indexOf(measure);
  const series = given.series.toSorted((a, b) => place(a.station, a.measure) - place(b.station, b.measure));
  return { ...given, series };
}

function standardised(given: Panel, trained: number): Panel {
  return {
    ...given,
    series: given.series.map((one) => {
      const known = one.values.subarray(0, trained).filter(Number.isFinite);
      const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
      const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
      return { ...one, values: one.values.map((value) => (value - mean) / deviation) };
    }),
  };
}

function hide(given: Panel, scenario: Scenario, part: string): { panel: Panel; hidden: Uint8Array[] } {
  const random = randomStream(1, 'prsa', scenario, part);
  const width = given.series.length;
  const hidden = given.series.map(() => new Uint8Array(given.length));
  const windows = given.length / window;
  if (scenario.startsWith('points')) {
    const rate = Number(/\d+/.exec(scenario)?.[0]) / 100;
    for (const mask of hidden)
      for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < rate ? 1 : 0;
  } else if (scenario === 'runs of 18') {
    // Half of all cells: two of three days of a series lose 18 hours.
    for (const mask of hidden) {
      for (let w = 0; w < windows; w++) {
        if (random.uniform() >= 2 / 3) continue;
        const start = w * window + random.integer(window - 18 + 1);
        mask.fill(1, start, start + 18);
      }
    }
  } else {
    // Blocks of 6 hours by 6 variables, which overlap.
    for (let w = 0; w < windows; w++) {
      for (let first = 0; first + 6 < width; first++) {
        if (random.uniform() >= blockChance) continue;
        const start = w * window + random.integer(window - 6);
        for (let s = first; s < first + 6; s++) hidden[s].fill(1, start, start + 6);
      }
    }
  }
  const series = given.series.map((one, s) => {
    const values = one.values.slice();
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) hidden[s][i] = 0;
      else if (hidden[s][i]) values[i] = Number.NaN;
    }
    return { ...one, values };
  });
  return { panel: { ...given, series }, hidden };
}

// Models are made for series that have gaps; a series complete in training may have some in test.
function withGaps(given: Panel): Panel {
  const series = given.series.map((one) => {
    if (one.values.some(Number.isNaN)) return one;
    const values = one.values.slice();
    values[0] = Number.NaN;
    return { ...one, values };
  });
  return { ...given, series };
}

function error(truth: Panel, filled: Panel, hidden: readonly Uint8Array[]): number {
  let sum = 0;
  let count = 0;
  for (const [s, mask] of hidden.entries()) {
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i]) continue;
      const difference = Math.abs(filled.series[s].values[i] - truth.series[s].values[i]);
      if (Number.isNaN(difference)) throw new Error(`cell ${i} of ${truth.series[s].id} was not filled`);
      sum += difference;
      count++;
    }
  }
  return sum / count;
}
