// Both files of KDD Cup 2018 into one panel, beside pandas on the same files in the same run.
//
//   node --import ./scripts/registerTypeScript.mjs bench/readPanel.ts FOLDER [PYTHON]
//
// FOLDER holds beijing_aq_20170101_20180430.csv.gz and london_aq_20170101_20180430.csv.gz. Every reading opens and
// closes a DuckDB of its own; the first one also loads our modules (from TypeScript) and the native library.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Panel } from '../src/panel/panel.ts';

const [folder, python = 'python3'] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder of the files');
const files = ['beijing', 'london'].map((city) => join(folder, `${city}_aq_20170101_20180430.csv.gz`));
const runs = 7;

const seconds: number[] = [];
let panel: Panel | undefined;
let started = performance.now();
for (let run = 0; run < runs; run++) {
  const { readPanel } = await import('../src/panel/readPanel.ts');
  panel = (await readPanel(files)).panel;
  seconds.push((performance.now() - started) / 1000);
  started = performance.now();
}

const pandas = runPandas();
const rows = [
  ['Trainyard', ...columnsOf(seconds), pandas ? ratio(pandas.seconds, seconds) : ''],
  ...(pandas ? [['pandas', ...columnsOf(pandas.seconds), '1']] : []),
];
console.log(`528,697 rows of two gzip files into ${panel?.series.length} series of ${panel?.length} hours;`);
console.log(`${runs} readings in one process each\n`);
console.log(
  '| | first, with loading, ms | median, ms | times faster than pandas (median) |\n|---|---|---|---|',
);
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
const versions = { node: process.versions.node, ...pandas?.versions };
console.log(
  `\n${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}`,
);
if (pandas && panel) console.log(`cells that differ: ${differingCells(panel, pandas)}`);

function runPandas() {
  const temporary = mkdtempSync(join(tmpdir(), 'trainyard-reading-'));
  const out = join(temporary, 'panel.f64');
  try {
    const script = join(import.meta.dirname, 'readPanel.py');
    const answer = execFileSync(python, [script, String(runs), out, ...files], { encoding: 'utf8' });
    const told = JSON.parse(answer) as {
      seconds: number[];
      ids: string[];
      versions: Record<string, string>;
    };
    return { ...told, cells: new Float64Array(Uint8Array.from(readFileSync(out)).buffer) };
  } catch (error) {
    console.error(`no comparison: ${python} with pandas does not run here (${(error as Error).message})`);
    return undefined;
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function differingCells({ series, length }: Panel, { ids, cells }: { ids: string[]; cells: Float64Array }) {
  let differing = Math.abs(ids.length - series.length) * length;
  for (const { id, values } of series) {
    const index = ids.indexOf(id);
    for (let hour = 0; hour < length; hour++) {
      const other = index < 0 ? Number.POSITIVE_INFINITY : cells[index * length + hour];
      if (!Object.is(values[hour], other) && !(values[hour] === other)) differing++;
    }
  }
  return differing;
}

function columnsOf(taken: readonly number[]): string[] {
  return [taken[0], middle(taken)].map((second) => (1000 * second).toFixed(0));
}

function ratio(slow: readonly number[], fast: readonly number[]): string {
  return (middle(slow) / middle(fast)).toFixed(2);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
