// Runs the examples of README.md and docs/*.md: every `sh` and `ts` block, page by page, in a fresh folder a page.
// A block fenced as `sh no-run` or `ts no-run` is shown only (it needs the network, or hours). Examples that need
// data in ../shared are fenced `sh shared-data` and run where that folder exists.
//
//   node --import ./scripts/registerTypeScript.mjs scripts/checkDocs.ts [PAGE.md ...]
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';

interface Block {
  page: string;
  line: number;
  language: 'sh' | 'ts';
  flags: string[];
  code: string;
}

const root = resolve(import.meta.dirname, '..');
const sharedData = resolve(root, '../shared');
// Inside the package, so that `import 'trainyard/panel'` resolves to the build through its own exports.
const workspace = join(root, 'out', 'docs');
const pages = process.argv.length > 2 ? process.argv.slice(2) : ['README.md', ...docsPages()];

rmSync(workspace, { recursive: true, force: true });
const bin = join(workspace, 'bin');
mkdirSync(bin, { recursive: true });
writeFileSync(
  join(bin, 'trainyard'),
  `#!/bin/sh\nexec "${process.execPath}" "${root}/dist/cli/main.js" "$@"\n`,
);
writeFileSync(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n');
for (const command of ['trainyard', 'npx']) chmodSync(join(bin, command), 0o755);

let ran = 0;
let failed = 0;
for (const page of pages) {
  const folder = join(workspace, basename(page, '.md'));
  mkdirSync(folder, { recursive: true });
  if (existsSync(sharedData)) symlinkSync(sharedData, join(workspace, 'shared'), 'dir');
  for (const block of blocksOf(page)) {
    if (!isRunnable(block)) continue;
    const started = performance.now();
    const error = run(block, folder);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${error ? 'FAIL' : 'ok'} ${block.page}:${block.line} (${block.language}, ${seconds} s)`);
    if (error) console.log(error);
    ran++;
    if (error) failed++;
  }
  rmSync(join(workspace, 'shared'), { force: true });
}
console.log(`${ran - failed} examples passed, ${failed} failed`);
if (failed > 0 || ran === 0) process.exitCode = 1;

function docsPages(): string[] {
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => `docs/${name}`);
}

function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(sh|ts)\b(.*)$/.exec(lines[i]);
    if (!fence) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`${page}:${i + 1}: unclosed code block`);
    const code = lines.slice(i + 1, end).join('\n');
    blocks.push({
      page,
      line: i + 1,
      language: fence[1] as Block['language'],
      flags: fence[2].trim().split(/\s+/),
      code,
    });
    i = end;
  }
  return blocks;
}

function isRunnable({ flags }: Block): boolean {
  return !flags.includes('no-run') && (!flags.includes('shared-data') || existsSync(sharedData));
}

function run({ language, line, code }: Block, folder: string): string | undefined {
  const path = join(folder, `line${line}.${language}`);
  writeFileSync(path, `${code}\n`);
  try {
    if (language === 'ts') {
      const strict = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
        '--skipLibCheck',
      ];
      execFileSync(
        'node',
        [join(root, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', ...strict, path],
        options(folder),
      );
      execFileSync('node', ['--import', join(root, 'scripts/registerTypeScript.mjs'), path], options(folder));
    } else {
      execFileSync('bash', ['-euo', 'pipefail', path], options(folder));
    }
    return undefined;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return [stdout, stderr].join('\n').trim() || String(error);
  }
}

function options(cwd: string) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NO_COLOR: '1' };
  return { cwd, env, encoding: 'utf8' as const, stdio: 'pipe' as const, timeout: 300_000 };
}
