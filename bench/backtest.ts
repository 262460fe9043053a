/**
 * A 28-day backtest of three models on both files of KDD Cup 2018 beside the same work in pandas, in one run: reading,
 * imputation inside each fold, medians of medians over nine windows, seasonal naive, naive, and SMAPE. Trainyard is
 * also timed as people use it, with intervals and all result files.
 *
 *     npm run build && node --import ./scripts/registerTypeScript.mjs bench/backtest.ts [DATA_FOLDER]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const data = process.argv[2] ?? join(root, '../shared/data/kddcup2018');
const files = ['beijing_aq_20170101_20180430.csv.gz', 'london_aq_20170101_20180430.csv.gz'].map((name) =>
  join(data, name),
);
const rounds = 3;
const models = 'medianOfMedians:windows=fibonacci,seasonalNaive,naive';
const range = [
  '--from',
  '2018-04-01',
  '--to',
  '2018-04-28',
  '--horizon',
  '48',
  '--steps',
  'linear:3,mean:hour',
];

function time(command: string, args: string[]): { seconds: number; output: string } {
  const started = performance.now();
  const output = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return { seconds: (performance.now() - started) / 1000, output };
}

function trainyard(...extra: string[]): { seconds: number; output: string } {
  const out = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  const command = [join(root, 'dist/cli/main.js'), 'backtest', ...files, ...range, '--models', models];
  return time(process.execPath, [...command, '--json', '--out', out, ...extra]);
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];
const [whole, alone, pandas]: number[][] = [[], [], []];
let [ours, theirs] = ['', ''];
for (let round = 0; round < rounds; round++) {
  whole.push(trainyard().seconds);
  const run = trainyard('--levels', 'none', '--workers', '1');
  alone.push(run.seconds);
  ours = run.output;
  const peer = time('python3', [join(root, 'bench/backtest.py'), ...files]);
  pandas.push(peer.seconds);
  theirs = peer.output;
}

const scores = JSON.parse(ours).scores.models.map(
  (model: { kdd2018: { mean: number } }) => model.kdd2018.mean,
);
const peerScores: number[] = JSON.parse(theirs);
const difference = Math.max(...scores.map((score: number, k: number) => Math.abs(score - peerScores[k])));
const rows: [string, number][] = [
  ['trainyard, intervals and all files, 2 workers', median(whole)],
  ['trainyard, no intervals, 1 worker, all files', median(alone)],
  ['pandas and numpy, scores only, 1 thread', median(pandas)],
];
console.log('| 28 days x 3 models x 131 series x 48 h | median s | over pandas |\n|---|---|---|');
for (const [name, seconds] of rows)
  console.log(`| ${name} | ${seconds.toFixed(2)} | ${(seconds / median(pandas)).toFixed(2)} |`);
console.log(`\nScores of the three models agree to ${difference.toExponential(1)}.`);
