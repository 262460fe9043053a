// Medians of 131 series x 9 windows x 48 hours, beside pandas on the same numbers in the same run.
//
//   node --import ./scripts/registerTypeScript.mjs bench/medians.ts [PYTHON]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../src/core/random.ts';
import type { Forecast } from '../src/forecast/forecaster.ts';
import { createForecaster } from '../src/forecast/registry.ts';
import { windowSets } from '../src/forecast/windows.ts';
import { createPanel, type Panel } from '../src/panel/panel.ts';

const python = process.argv[2] ?? 'python3';
const task = { series: 131, length: 485 * 24, start: Date.UTC(2017, 0, 1), horizon: 48, runs: 7 };
const windows = windowSets.fibonacci;

const history = makeHistory();
const seconds: number[] = [];
let forecast: Forecast | undefined;
for (let run = 0; run < task.runs; run++) {
  const started = performance.now();
  forecast = createForecaster({ name: 'medianOfMedians', options: { windows } })
    .fit(history)
    .predict(task.horizon);
  seconds.push((performance.now() - started) / 1000);
}

const pandas = runPandas();
const rows = [
  ['Trainyard', ...columnsOf(seconds), pandas ? ratio(pandas.seconds, seconds) : ''],
  ...(pandas ? [['pandas', ...columnsOf(pandas.seconds), '1']] : []),
];
console.log(`${task.series} series of ${task.length} hours, 15 % missing, ${windows.length} windows`);
console.log(`(${windows.join(', ')} days), ${task.horizon} hours; ${task.runs} runs in one process each\n`);
console.log('| | first run, ms | median run, ms | times faster than pandas (median) |\n|---|---|---|---|');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
const versions = { node: process.versions.node, ...pandas?.versions };
console.log(
  `\n${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}`,
);
if (pandas && forecast)
  console.log(`largest difference of a forecast: ${largestDifference(forecast, pandas.forecast)}`);

function makeHistory(): Panel {
  const panel = createPanel({
    start: task.start,
    length: task.length,
    series: Array.from({ length: task.series }, (_, index) => ({ id: `s${index}` })),
  });
  for (const [index, { values }] of panel.series.entries()) {
    const random = randomStream(1, 'bench medians', index);
    for (let i = 0; i < values.length; i++) {
      // Whole numbers, as most networks publish them.
      const reading = Math.round(Math.exp(3.5 + 0.5 * Math.sin((i / 12) * Math.PI) + 0.7 * random.normal()));
      values[i] = random.uniform() < 0.15 ? Number.NaN : reading;
    }
  }
  return panel;
}

function runPandas() {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-medians-'));
  try {
    writeFileSync(join(folder, 'task.json'), JSON.stringify({ ...task, windows }));
    writeFileSync(
      join(folder, 'history.f64'),
      Buffer.concat(history.series.map(({ values }) => Buffer.from(values.slice().buffer))),
    );
    const answer = execFileSync(python, [join(import.meta.dirname, 'medians.py'), folder], {
      encoding: 'utf8',
    });
    const bytes = readFileSync(join(folder, 'forecast.f64'));
    const { seconds: taken, versions } = JSON.parse(answer) as {
      seconds: number[];
      versions: Record<string, string>;
    };
    return { seconds: taken, versions, forecast: new Float64Array(Uint8Array.from(bytes).buffer) };
  } catch (error) {
    console.error(`no comparison: ${python} with pandas does not run here (${(error as Error).message})`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function largestDifference({ point }: Forecast, other: Float64Array): number {
  let largest = 0;
  for (const [s, values] of point.entries()) {
    for (let step = 0; step < task.horizon; step++) {
      const difference = Math.abs(values[step] - other[s * task.horizon + step]);
      // NaN on one side only is as different as can be.
      if (!(difference <= largest))
        largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    }
  }
  return largest;
}

function columnsOf(taken: readonly number[]): string[] {
  return [taken[0], middle(taken)].map((second) => (1000 * second).toFixed(1));
}

function ratio(slow: readonly number[], fast: readonly number[]): string {
  return (middle(slow) / middle(fast)).toFixed(1);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
