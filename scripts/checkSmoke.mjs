// Packs the package, installs the tarball in an empty folder and uses it as a newcomer would:
// the demo from the command line, and every subpath export from a TypeScript file that type-checks and runs.
//
//   node scripts/checkSmoke.mjs EMPTY_FOLDER
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? '');
const root = resolve(import.meta.dirname, '..');
const { name, exports, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const run = (command, args, cwd) => {
  console.log(`$ ${command} ${args.join(' ')}`);
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
};

const [{ filename, size }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], root));
console.log(`${filename}: ${Math.round(size / 1024)} KiB`);

writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
writeFileSync(join(folder, '.npmrc'), 'ignore-scripts=true\n');
const typescript = ['typescript', '@types/node'].map((tool) => `${tool}@${devDependencies[tool]}`);
run('npm', ['install', '--no-audit', '--no-fund', `./${filename}`, ...typescript], folder);

const subpaths = Object.keys(exports).filter((path) => path !== './package.json');
const modules = subpaths.map((path, index) => ({
  specifier: path.replace(/^\./, name),
  alias: `entry${index}`,
}));
const source = [
  ...modules.map(({ specifier, alias }) => `import * as ${alias} from '${specifier}';`),
  `const entries: Record<string, object> = {`,
  ...modules.map(({ specifier, alias }) => `  '${specifier}': ${alias},`),
  '};',
  'for (const [specifier, entry] of Object.entries(entries)) {',
  '  const names = Object.keys(entry);',
  "  if (names.length === 0) throw new Error(specifier + ' exports nothing');",
  "  console.log(specifier + ': ' + names.length + ' exports');",
  '}',
].join('\n');
writeFileSync(join(folder, 'everything.ts'), `${source}\n`);
const strict = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
run('npx', ['tsc', ...strict, 'everything.ts'], folder);
console.log(run('node', ['everything.js'], folder).trim());

run('npx', ['--no-install', name, 'demo', '--out', 'result', '--quiet'], folder);
const report = statSync(join(folder, 'result', 'report.html'));
console.log(`demo report: ${Math.round(report.size / 1024)} KiB`);
