/**
 * A grid of 432 settings x 5 folds for one model, as used to fill missing PM2.5 of a station from the same hour at the
 * other stations: the whole grid, successive halving and random search; and a slice of it beside scikit-learn.
 *
 *   pip install lightgbm scikit-learn
 *   node --import ./scripts/registerTypeScript.mjs bench/gbdtSearch.ts grid [FOLDER]    # as written: subsample does nothing
 *   node --import ./scripts/registerTypeScript.mjs bench/gbdtSearch.ts bagged [FOLDER]  # with baggingFreq 1
 *   node --import ./scripts/registerTypeScript.mjs bench/gbdtSearch.ts slice [FOLDER]   # beside scikit-learn
 *
 * FOLDER holds beijing_aq_20170101_20180430.csv.gz (default ../shared/data/kddcup2018); without it the air is simulated.
 * Processor time counts all threads, compiler and garbage collector too; other programs hardly change it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  kFolds,
  type SearchOptions,
  type SearchResult,
  type SearchSpace,
  searchParameters,
} from '../src/gbdt/index.ts';
import { readPanel, type Series, simulatePanel } from '../src/panel/index.ts';

const [mode = 'grid', folder = '../shared/data/kddcup2018'] = process.argv.slice(2);

const wholeGrid = {
  learningRate: [0.05, 0.1, 0.2],
  numLeaves: [27, 31, 35],
  numIterations: [80, 100],
  baggingFraction: [0.3, 0.5, 0.7],
  featureFraction: [0.3, 0.5, 0.7],
  lambdaL1: [0, 0.2],
  lambdaL2: [0, 0.2],
};
const slice = { ...wholeGrid, learningRate: [0.1], numLeaves: [31], lambdaL2: [0] };

const { columns, label, name } = await readStation();
const folds = kFolds(label.length, { folds: 5 });
console.log(`${name}: ${label.length} rows x ${columns.length}, 5 folds of neighbouring hours, MAE\n`);
if (mode === 'grid') await searchWays(0);
else if (mode === 'bagged') await searchWays(1);
else if (mode === 'slice') await besideScikit();
else throw new Error(`unknown mode: ${mode}; expected grid, bagged or slice`);

interface Timed {
  result: SearchResult;
  seconds: number;
  processor: number;
}

async function searchWays(baggingFreq: number): Promise<void> {
  const ways: [string, SearchOptions][] = [
    ['grid, 1 thread', { workers: 1 }],
    ['grid, 2 threads', { workers: 2 }],
    ['halving, 2 threads', { workers: 2, halving: true }],
    ['halving, factor 2, 2 threads', { workers: 2, halving: { factor: 2 } }],
    ['48 at random, 2 threads', { workers: 2, strategy: 'random', trials: 48 }],
  ];
  console.log(`432 settings, baggingFreq ${baggingFreq}\n`);
  console.log('| search | models | time, s | processor time, s | MAE of its best | over the grid, % |');
  console.log('|---|---|---|---|---|---|');
  let gridBest = Number.NaN;
  for (const [way, options] of ways) {
    const { result, seconds, processor } = await search(wholeGrid, baggingFreq, options);
    const [{ score }] = result.trials;
    if (Number.isNaN(gridBest)) gridBest = score;
    const above = (100 * (score / gridBest - 1)).toFixed(2);
    const cells = [way, result.models, seconds.toFixed(0), processor.toFixed(0), score.toFixed(3), above];
    console.log(`| ${cells.join(' | ')} |`);
    console.error(way, result.best, result.warnings, spread(result));
  }
}

// How much the choice matters: the grid's best, middle and worst.
function spread({ trials }: SearchResult) {
  const at = (share: number) => trials[Math.round(share * (trials.length - 1))].score;
  return { best: at(0), median: at(0.5), worst: at(1), std: trials[0].std };
}

async function besideScikit(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'gbdt-search-'));
  const values = new Float64Array(label.length * columns.length);
  for (const [j, column] of columns.entries()) {
    for (const [i, value] of column.entries()) values[i * columns.length + j] = value;
  }
  await writeFile(join(scratch, 'values'), values);
  await writeFile(join(scratch, 'label'), label);
  console.log('| 36 settings x 5 folds, 1 thread | models | processor time, s | over scikit-learn |');
  console.log('|---|---|---|---|');
  for (const baggingFreq of [0, 1]) {
    const script = new URL('./gbdtSearch.py', import.meta.url).pathname;
    const given = [script, scratch, String(columns.length), String(baggingFreq), JSON.stringify(slice)];
    const peer: { seconds: number; scores: number[] } = JSON.parse(
      execFileSync('python3', given, { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1' } }),
    );
    const once = await search(slice, baggingFreq, { workers: 1 });
    // GridSearchCV sees each fold's training rows alone.
    const alike = await search(slice, baggingFreq, { workers: 1, binning: 'perFold' });
    const row = (cells: unknown[]) => console.log(`| ${cells.join(' | ')} |`);
    const ratio = (seconds: number) => (seconds / peer.seconds).toFixed(2);
    row([`GridSearchCV, LightGBM, subsample_freq ${baggingFreq}`, 180, peer.seconds.toFixed(1), '1.00']);
    row([
      `searchParameters, baggingFreq ${baggingFreq}`,
      once.result.models,
      once.processor.toFixed(1),
      ratio(once.processor),
    ]);
    const ours = [...alike.result.trials].map(({ score }) => score).sort((a, b) => a - b);
    const largest = Math.max(
      ...peer.scores.sort((a, b) => a - b).map((score, i) => Math.abs(score - ours[i])),
    );
    console.error(`baggingFreq ${baggingFreq}: scores binned per fold differ by at most ${largest}`);
    console.error(`GridSearchCV: ${new Set(peer.scores).size} different scores of ${peer.scores.length}`);
  }
  await rm(scratch, { recursive: true });
}

async function search(space: SearchSpace, baggingFreq: number, options: SearchOptions): Promise<Timed> {
  const started = performance.now();
  const before = processorTime();
  const result = await searchParameters({ columns, label }, space, {
    parameters: { objective: 'regression', baggingFreq },
    metric: 'l1',
    folds,
    ...options,
  });
  return {
    result,
    seconds: (performance.now() - started) / 1000,
    processor: processorTime() - before,
  };
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

// The station with the most readings, its hours with one, and what the others read then.
async function readStation() {
  const file = join(folder, 'beijing_aq_20170101_20180430.csv.gz');
  const { panel } = existsSync(file)
    ? await readPanel([file])
    : simulatePanel({ stations: 35, measures: ['PM2.5'], days: 485 });
  const series = panel.series.filter(({ measure }) => measure === 'PM2.5');
  const readings = ({ values }: Series) => values.filter((value) => !Number.isNaN(value)).length;
  const target = series.reduce((most, other) => (readings(other) > readings(most) ? other : most));
  const hours = Array.from(target.values.keys())
    .filter((hour) => !Number.isNaN(target.values[hour]))
    .slice(0, 11_000);
  const take = ({ values }: Series) => Float64Array.from(hours, (hour) => values[hour]);
  return {
    columns: series.filter((other) => other !== target).map(take),
    label: take(target),
    name: target.id,
  };
}
