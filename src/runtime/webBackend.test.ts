import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { findBrowser, startBrowser } from '../report/testing/browser.ts';
import { nodeBackend } from './nodeBackend.ts';
import { type BrowserTraining, trainQuadrants } from './testing/browserTraining.ts';

const runtime = fileURLToPath(new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url));
const browser = findBrowser();

describe('in a browser', () => {
  it.skipIf(!browser || !existsSync(runtime))('trains a model, writes it, reads it and runs it', async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('testing/browserTraining.ts', import.meta.url))],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      logLevel: 'error',
      // Imported only where no backend is given; the package's own `browser` field leaves it out.
      external: ['*/nodeBackend.ts'],
    });
    const started = await startBrowser(browser ?? '');
    try {
      const page = await started.newPage();
      const types = {
        html: 'text/html',
        mjs: 'text/javascript',
        js: 'text/javascript',
        wasm: 'application/wasm',
      };
      await page.route('http://localhost/**', (route) => {
        const name = new URL(route.request().url()).pathname.slice(1);
        const contentType = types[name.split('.').at(-1) as keyof typeof types] ?? types.html;
        if (name === '') return route.fulfill({ contentType, body: '<!doctype html>' });
        if (name === 'training.js') return route.fulfill({ contentType, body: outputFiles[0].text });
        return route.fulfill({ contentType, body: readFileSync(runtime + name) });
      });
      await page.goto('http://localhost/');
      const found: BrowserTraining = await page.evaluate(`(async () => {
        const ort = await import('/ort.wasm.bundle.min.mjs');
        ort.env.wasm.numThreads = 1;
        const { trainInPage } = await import('/training.js');
        return trainInPage(ort);
      })()`);
      const expected = await trainQuadrants(nodeBackend);
      expect(expected.losses[0]).toBeGreaterThan(1);
      expect(expected.losses.at(-1)).toBeLessThan(0.1);
      // The page sums in another order: a few roundings of float32 a step, which steps of training spread.
      for (const [i, loss] of expected.losses.entries()) expect(found.losses[i]).toBeCloseTo(loss, 4);
      for (const [i, answer] of expected.answers.entries()) expect(found.answers[i]).toBeCloseTo(answer, 2);
    } finally {
      await started.close();
    }
  });
});
