// How large a report of 131 series over 16 months is, how long it takes to open in a headless Chromium, and how
// quickly it follows its reader. Prints the table of bench/README.md.
//
//   node scripts/build.mjs --client-only && node --import ./scripts/registerTypeScript.mjs bench/report.ts
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderReport } from '../src/report/renderReport.ts';
import { findBrowser, openReport, startBrowser } from '../src/report/testing/browser.ts';
import { sampleReport } from '../src/report/testing/sampleReport.ts';

const executable = findBrowser();
if (!executable) throw new Error('no Chromium found; set CHROMIUM_PATH');

// What the reader does, as code for the page: the types here know no document.
const switchSeries = `
  const before = document.getElementById('series-position').textContent;
  document.getElementById('series-next').click();
  while (document.getElementById('series-position').textContent === before) await new Promise((done) => setTimeout(done));
`;

const zoomHistory = `
  const key = run % 10 < 5 ? '+' : '-';
  document.querySelector('[data-chart="history"]').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
`;

const earlierStart = `
  document.querySelector('[data-controls="past"] button').click();
`;

const data = sampleReport({ days: 485, cities: { Beijing: 35, London: 13 }, starts: 28 });
const renderTimes: number[] = [];
let html = '';
for (let run = 0; run < 5; run++) {
  const started = performance.now();
  html = renderReport(data);
  renderTimes.push(performance.now() - started);
}
const folder = mkdtempSync(join(tmpdir(), 'trainyard-report-'));
const path = join(folder, 'report.html');
writeFileSync(path, html);

const browser = await startBrowser(executable);
try {
  const openTimes: number[] = [];
  for (let run = 0; run < 5; run++) {
    const { page, readyAfter } = await openReport(browser, path);
    openTimes.push(readyAfter);
    await page.context().close();
  }
  const { page } = await openReport(browser, path);
  await page.locator('[data-chart="history"]').scrollIntoViewIfNeeded();
  await page.waitForSelector('[data-chart="history"][data-drawn]');
  const switchTimes = await page.evaluate<number[]>(timed(40, switchSeries));
  await page.locator('[data-chart="history"]').focus();
  const zoomTimes = await page.evaluate<number[]>(timed(20, zoomHistory));
  await page.locator('[data-chart="past"]').scrollIntoViewIfNeeded();
  const startTimes = await page.evaluate<number[]>(timed(27, earlierStart));

  console.log(
    `| ${data.panel.series.length} series x ${data.panel.length} hours, 3 models x 28 starts x 48 h | median | worst |`,
  );
  console.log('|---|---|---|');
  console.log(`| size of the page, MB | ${(Buffer.byteLength(html) / 1e6).toFixed(2)} | |`);
  for (const [name, times] of [
    ['writing the page, ms', renderTimes],
    ['opening it until it can be used, ms', openTimes],
    ['switching to the next series, until painted, ms', switchTimes],
    ['zooming the history by a key, until painted, ms', zoomTimes],
    ['stepping to an earlier start, until painted, ms', startTimes],
  ] as const) {
    const sorted = [...times].sort((a, b) => a - b);
    console.log(
      `| ${name} | ${Math.round(sorted[sorted.length >> 1])} | ${Math.round(sorted[sorted.length - 1])} |`,
    );
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

// Each act ends when its result has been painted.
function timed(runs: number, act: string): string {
  return `(async () => {
    const times = [];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let run = 0; run < ${runs}; run++) {
      await new Promise((done) => setTimeout(done, 60));
      const started = performance.now();
      ${act}
      await frame();
      await new Promise((done) => setTimeout(done));
      times.push(performance.now() - started);
    }
    return times;
  })()`;
}
