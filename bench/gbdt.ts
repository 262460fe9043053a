/**
 * Training and prediction beside native LightGBM and XGBoost on the same data, one thread each, in turns.
 * Times are processor time, all threads counted (compiler and garbage collector too), so that other programs on the
 * machine do not matter much; with several threads they are time by the clock.
 *
 *   pip install lightgbm xgboost
 *   node --import ./scripts/registerTypeScript.mjs bench/gbdt.ts            # 11,000 x 34
 *   node --import ./scripts/registerTypeScript.mjs bench/gbdt.ts large      # 1,000,000 x 28
 *   node --import ./scripts/registerTypeScript.mjs bench/gbdt.ts many       # 131 models on 2 threads
 *   node --import ./scripts/registerTypeScript.mjs bench/gbdt.ts threads    # 1,000,000 x 28 on 1 and 2 threads
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { mapOnWorkers } from '../src/core/workerPool.ts';
import { createDataset, type GbdtParameters, predictRaw, train } from '../src/gbdt/index.ts';
import type { ManyTask } from './gbdtTask.ts';

const sizes = {
  small: { rows: 11_088, features: 34, rounds: 7 },
  large: { rows: 1_000_000, features: 28, rounds: 1 },
};

const mode = process.argv[2] ?? 'small';
if (mode === 'many') await many();
else if (mode === 'threads') await severalThreads();
else if (mode === 'small' || mode === 'large') await besideNative(mode);
else throw new Error(`unknown mode: ${mode}; expected small, large, many or threads`);

interface Times {
  bin: number;
  train: number;
  predict: number;
}

async function besideNative(size: keyof typeof sizes): Promise<void> {
  const { rows, features, rounds } = sizes[size];
  const { values, label } = makeData(rows, features);
  const native = await startNative(values, label, features);
  const engines: [string, () => Promise<Times> | Times][] = [
    ['LightGBM', () => native.ask('lightgbm')],
    ['XGBoost, hist', () => native.ask('xgboost')],
    ['Trainyard', () => ours(values, features, label, {})],
    ['Trainyard, packed', () => ours(values, features, label, { histogram: 'packed' })],
  ];
  const all = new Map<string, Times[]>(engines.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of engines.slice(0, 3)) all.get(name)?.push(await run());
  }
  // By itself: the engine compiles one mode better than two.
  for (let round = 0; round < rounds; round++) all.get('Trainyard, packed')?.push(await engines[3][1]());
  await native.end();

  console.log(
    `\n${rows.toLocaleString('en')} x ${features}, 100 trees of 31 leaves, best of ${rounds} rounds`,
  );
  console.log('| engine | binning | training | over LightGBM | prediction | over LightGBM |');
  console.log('|---|---|---|---|---|---|');
  const lightgbm = best(all.get('LightGBM') ?? []);
  for (const [name, times] of all) {
    const { bin, train: trained, predict } = best(times);
    const ratio = (a: number, b: number) => (a / b).toFixed(2);
    console.log(
      `| ${name} | ${ms(bin)} | ${ms(trained)} | ${ratio(trained, lightgbm.train)} | ${ms(predict)} | ${ratio(predict, lightgbm.predict)} |`,
    );
  }
}

interface Native {
  /** `lightgbm` or `xgboost` for processor time on one thread, `lightgbm 2` for the clock's on two. */
  ask(what: string): Promise<Times>;
  end(): Promise<void>;
}

async function startNative(values: Float64Array, label: Float64Array, features: number): Promise<Native> {
  const folder = await mkdtemp(join(tmpdir(), 'gbdt-bench-'));
  await writeFile(join(folder, 'values'), values);
  await writeFile(join(folder, 'label'), label);
  const script = new URL('./gbdt.py', import.meta.url).pathname;
  const python = spawn('python3', [script, folder, String(features)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    async ask(what) {
      python.stdin.write(`${what}\n`);
      return JSON.parse((await answers.next()).value);
    },
    async end() {
      python.stdin.end();
      await rm(folder, { recursive: true });
    },
  };
}

async function severalThreads(): Promise<void> {
  const { rows, features } = sizes.large;
  const { values, label } = makeData(rows, features);
  const native = await startNative(values, label, features);
  const dataset = createDataset({ values, numFeatures: features, label });
  const times = new Map<string, number[]>();
  const note = (name: string, time: number) => times.set(name, [...(times.get(name) ?? []), time]);
  for (let round = 0; round < 3; round++) {
    for (const threads of [1, 2]) {
      note(`LightGBM | ${threads}`, (await native.ask(`lightgbm ${threads}`)).train);
      const start = performance.now();
      train(dataset, { numIterations: 100, numThreads: threads });
      note(`Trainyard | ${threads}`, performance.now() - start);
    }
  }
  await native.end();
  console.log(`\n${rows.toLocaleString('en')} x ${features}, 100 trees of 31 leaves, best of 3 rounds`);
  console.log('| engine | threads | training | over LightGBM on one |');
  console.log('|---|---|---|---|');
  const one = Math.min(...(times.get('LightGBM | 1') ?? []));
  for (const [name, all] of times) {
    const time = Math.min(...all);
    console.log(`| ${name} | ${ms(time)} | ${(time / one).toFixed(2)} |`);
  }
}

function ours(
  values: Float64Array,
  features: number,
  label: Float64Array,
  parameters: GbdtParameters,
): Times {
  const table = { values, numFeatures: features };
  const start = processorTime();
  const dataset = createDataset({ ...table, label });
  const binned = processorTime();
  const { model } = train(dataset, { numIterations: 100, numThreads: 1, ...parameters });
  const trained = processorTime();
  predictRaw(model, table);
  return { bin: binned - start, train: trained - binned, predict: processorTime() - trained };
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

// One model for each of 131 stations: the same bins, another label.
async function many(): Promise<void> {
  const { values, label } = makeData(sizes.small.rows, sizes.small.features);
  const start = performance.now();
  const dataset = createDataset({ values, numFeatures: sizes.small.features, label });
  const tasks = Array.from({ length: 131 }, (_, model): ManyTask => ({ dataset, model }));
  await mapOnWorkers(new URL('./gbdtTask.ts', import.meta.url), 'trainOne', tasks, { workers: 2 });
  console.log(`131 models on 2 threads: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

// Like hourly readings of stations: skewed, correlated, 8 % missing, some zeros.
function makeData(rows: number, features: number) {
  let state = 12345;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 4294967296;
  };
  const values = new Float64Array(rows * features);
  const label = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const common = (uniform() + uniform() + uniform()) * 20;
    label[row] = common + uniform() * 10;
    for (let j = 0; j < features; j++) {
      const value = common * (0.5 + (j % 5) * 0.2) + (uniform() + uniform() - 1) * 15;
      const isZero = uniform() < 0.02;
      values[row * features + j] = uniform() < 0.077 ? Number.NaN : isZero ? 0 : value;
    }
    label[row] += Number.isNaN(values[row * features]) ? 0 : values[row * features] * 0.3;
  }
  return { values, label };
}

function best(times: readonly Times[]): Times {
  const least = (key: keyof Times) => Math.min(...times.map((t) => t[key]));
  return { bin: least('bin'), train: least('train'), predict: least('predict') };
}

function ms(time: number): string {
  return time < 10_000 ? `${time.toFixed(0)} ms` : `${(time / 1000).toFixed(1)} s`;
}
