import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
const { metafile } = await build({
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
  // Their licences ask for the notice to travel with the code, which here means with every page.
  banner: {
    js: '/*! Contains Apache ECharts, (c) The Apache Software Foundation, Apache-2.0, and ZRender, (c) Baidu Inc., BSD-3-Clause. */',
  },
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});
writeFileSync('dist/report/client.licences.txt', licencesOf(Object.keys(metafile.inputs)));

// The licence and notice files of every package that was bundled.
function licencesOf(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[0] ?? []),
  );
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const texts = readdirSync(folder)
        .filter((file) => /^(licen[cs]e|notice)/i.test(file) && statSync(`${folder}/${file}`).isFile())
        .map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim());
      return [`${name} ${version}, ${license}`, ...texts].join('\n\n');
    })
    .join('\n\n\n');
}
