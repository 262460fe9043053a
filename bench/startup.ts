/**
 * How long the command line takes to say something, beside bare Node and a Python that imports pandas.
 *
 *     npm run build && node --import ./scripts/registerTypeScript.mjs bench/startup.ts
 */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const main = join(root, 'dist/cli/main.js');
const commands: [string, string, string[]][] = [
  ['node, nothing', process.execPath, ['-e', '0']],
  ['trainyard --help', process.execPath, [main, '--help']],
  ['trainyard forecast --help', process.execPath, [main, 'forecast', '--help']],
  ['python3 -c "import pandas"', 'python3', ['-c', 'import pandas']],
];
const rounds = 15;
const times = commands.map(() => [] as number[]);
for (let round = 0; round < rounds; round++) {
  for (const [index, [, command, args]] of commands.entries()) {
    const started = performance.now();
    execFileSync(command, args, { stdio: 'ignore' });
    times[index].push(performance.now() - started);
  }
}
const medians = times.map((all) => [...all].sort((a, b) => a - b)[rounds >> 1]);
console.log('| command | median ms | over bare node |\n|---|---|---|');
for (const [index, [name]] of commands.entries()) {
  console.log(`| \`${name}\` | ${medians[index].toFixed(0)} | ${(medians[index] / medians[0]).toFixed(1)} |`);
}
