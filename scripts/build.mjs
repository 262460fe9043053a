import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

// `--client-only` bundles the report's page code and leaves the rest of dist/ as it is.
if (!process.argv.includes('--client-only')) {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
  chmodSync('dist/cli/main.js', 0o755);
}

// Code, charts and styles of the report travel inside each page, so they are bundled once here.
await build({
  entryPoints: [
    { in: 'src/report/client/main.ts', out: 'client' },
    { in: 'src/report/client/style.css', out: 'client' },
  ],
  outdir: 'dist/report',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
});
