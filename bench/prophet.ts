// Prophet on 131 series of 475 days of hours, beside Python's Prophet and augurs on some of the series in the same run.
//
//   node --import ./scripts/registerTypeScript.mjs bench/prophet.ts [DATA_FOLDER] [PYTHON] [AUGURS_FOLDER]
//
// DATA_FOLDER holds the two files of KDD Cup 2018 (simulated series without them), PYTHON has prophet, and
// AUGURS_FOLDER is one in which `npm i @bsull/augurs @bsull/augurs-prophet-wasmstan` was run. Peers that are absent are
// left out of the table.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { forecastPanel } from '../src/forecast/forecastPanel.ts';
import { createForecaster, parseModels } from '../src/forecast/registry.ts';
import { defaultSteps, imputePanel } from '../src/impute/chain.ts';
import { kddTargets } from '../src/panel/kddTargets.ts';
import { type Panel, slicePanel, timeAt } from '../src/panel/panel.ts';
import { readPanel } from '../src/panel/readPanel.ts';
import { simulatePanel } from '../src/panel/simulate.ts';

const [
  data = join(import.meta.dirname, '../../shared/data/kddcup2018'),
  python = 'python3',
  augurs = join(tmpdir(), 'augurs'),
] = process.argv.slice(2);
const task = { days: 475, horizon: 48, changepoints: 67, sampled: 8, rounds: 5 };
const model = 'prophet:changepoints=67:changepointPriorScale=0.003:changepointPriorScale.London=0.001';

const raw = await readHistory();
const filled = imputePanel(raw, defaultSteps);
const [spec] = parseModels(model);
const scaleOf = (city: string) => (city === 'London' ? 0.001 : 0.003);
const sample = filled.series.filter((_, s) => s % Math.ceil(filled.series.length / task.sampled) === 3);

const alone: number[] = [];
const gappy: number[] = [];
const parallel: number[] = [];
let points = new Map<string, Float64Array>();
for (let round = 0; round < task.rounds; round++) {
  alone.push(
    seconds(() => {
      const { point } = createForecaster(spec).fit(filled).predict(task.horizon);
      points = new Map(filled.series.map(({ id }, s) => [id, point[s]]));
    }),
  );
  gappy.push(seconds(() => createForecaster(spec).fit(raw).predict(task.horizon)));
  const started = performance.now();
  await forecastPanel(filled, {
    models: [spec],
    horizon: task.horizon,
    workers: 2,
    calibration: 0,
    steps: [],
  });
  parallel.push((performance.now() - started) / 1000);
}
const peers = [runPython(), await runAugurs()].flatMap((peer) => peer ?? []);

const count = filled.series.length;
console.log(
  `${count} series of ${filled.length} hours, ${task.horizon} hours ahead; ${task.rounds} rounds, median\n`,
);
console.log('| | a series, ms | all, s | times slower than Trainyard |\n|---|---|---|---|');
const rows: [string, number, string][] = [
  ['Trainyard, no missing hours, 1 thread', median(alone) / count, ''],
  ['Trainyard, missing hours left missing, 1 thread', median(gappy) / count, ''],
  ['Trainyard, no missing hours, 2 workers, their start included', median(parallel) / count, ''],
  ...peers.map(({ name, each }): [string, number, string] => [
    `${name}, ${sample.length} series measured, all extrapolated`,
    median(each),
    ((median(each) * count) / median(alone)).toFixed(0),
  ]),
];
for (const [name, each, ratio] of rows)
  console.log(`| ${name} | ${(1000 * each).toFixed(2)} | ${(each * count).toFixed(2)} | ${ratio} |`);
console.log(`\nfirst round, with compiling: ${alone[0].toFixed(2)} s; node ${process.versions.node}`);
for (const { name, yhat } of peers) console.log(`${name}: ${agreement(yhat)}`);

async function readHistory(): Promise<Panel> {
  const files = ['beijing', 'london'].map((city) => join(data, `${city}_aq_20170101_20180430.csv.gz`));
  const panel = files.every((file) => existsSync(file))
    ? kddTargets((await readPanel(files)).panel)
    : simulatePanel({ stations: 44, days: task.days }).panel;
  const { series } = panel;
  return slicePanel(
    { ...panel, series: series.slice(0, 131) },
    Math.max(0, panel.length - task.days * 24),
    panel.length,
  );
}

function runPython() {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-prophet-'));
  try {
    const series = sample.map(({ city }) => ({ changepointPriorScale: scaleOf(city) }));
    const { start, length } = filled;
    writeFileSync(join(folder, 'task.json'), JSON.stringify({ ...task, start, length, series }));
    writeFileSync(
      join(folder, 'history.f64'),
      Buffer.concat(sample.map(({ values }) => Buffer.from(Float64Array.from(values).buffer))),
    );
    const script = join(import.meta.dirname, 'prophetPeer.py');
    const answer = execFileSync(python, [script, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { answers, version } = JSON.parse(answer) as {
      answers: { seconds: number; yhat: number[] }[];
      version: string;
    };
    return {
      name: `Prophet ${version}`,
      each: answers.map((one) => one.seconds),
      yhat: answers.map((one) => one.yhat),
    };
  } catch (error) {
    console.error(`no comparison: ${python} with prophet does not run here (${(error as Error).message})`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runAugurs() {
  const modules = resolve(augurs, 'node_modules/@bsull');
  if (!existsSync(modules)) {
    console.error(`no comparison: ${augurs} has no augurs`);
    return undefined;
  }
  const load = (path: string) => import(pathToFileURL(join(modules, path)).href);
  const { default: init, Prophet } = await load('augurs/prophet.js');
  const { optimizer } = await load('augurs-prophet-wasmstan/prophet-wasmstan.js');
  await init({ module_or_path: readFileSync(join(modules, 'augurs/prophet_bg.wasm')) });
  const ds = Array.from({ length: filled.length + task.horizon }, (_, i) => timeAt(filled, i) / 1000);
  const each: number[] = [];
  const yhat: number[][] = [];
  for (const { city, values } of sample) {
    const started = performance.now();
    const prophet = new Prophet({
      optimizer,
      nChangepoints: task.changepoints,
      changepointPriorScale: scaleOf(city),
      uncertaintySamples: 0,
    });
    prophet.fit({ ds: ds.slice(0, filled.length), y: [...values] });
    const forecast = prophet.predict({ ds: ds.slice(filled.length) }) as { yhat: { point: number[] } };
    each.push((performance.now() - started) / 1000);
    yhat.push(forecast.yhat.point);
  }
  return { name: 'augurs', each, yhat };
}

function agreement(yhat: readonly (readonly number[])[]): string {
  const shares = sample.map(({ id, values }, s) => {
    const ours = points.get(id) ?? new Float64Array(0);
    const range = Math.max(...values) - Math.min(...values);
    return Math.max(...yhat[s].map((value, i) => Math.abs(value - ours[i]))) / range;
  });
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return `largest difference of a forecast, in shares of the range: ${percent(median(shares))} median, ${percent(Math.max(...shares))} at most`;
}

function seconds(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
