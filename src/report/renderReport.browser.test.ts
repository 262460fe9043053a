import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPanel } from '../panel/panel.ts';
import { renderReport } from './renderReport.ts';
import { findBrowser, openReport, startBrowser } from './testing/browser.ts';
import { sampleReport } from './testing/sampleReport.ts';

const executable = findBrowser();
if (!executable && process.env.TRAINYARD_REQUIRE_BROWSER === '1') {
  throw new Error(
    'no Chromium found; set CHROMIUM_PATH, or unset TRAINYARD_REQUIRE_BROWSER to skip these tests',
  );
}

const hostile = ['</script><img src=x onerror=alert(1)>', 'محطة الرصد', '北京东四环', `"'><b>&amp;`];

describe.skipIf(!executable)(
  'the report in a browser (skipped without a Chromium; set CHROMIUM_PATH)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-report-'));
    const path = join(folder, 'report.html');
    let browser: Browser;

    beforeAll(async () => {
      writeFileSync(
        path,
        renderReport(
          sampleReport({
            days: 60,
            cities: { Beijing: 4, London: 3 },
            starts: 5,
            timeZone: 'Europe/London',
            nameStation: (city, number) => (city === 'Beijing' ? hostile[number] : `london-${number}`),
          }),
        ),
      );
      browser = await startBrowser(executable ?? '');
    });
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('opens from a file without a network, a request or a word on the console, and draws every chart', async () => {
      const { page, complaints } = await openReport(browser, path);
      const names = await page.locator('[data-chart]').evaluateAll(dataset('chart'));
      expect(names).toEqual(['history', 'forecast', 'components', 'past', 'missing', 'days', 'steps']);
      for (const name of names) {
        await showChart(page, name);
        expect(await coloursOf(page, name), name).toBeGreaterThan(8);
      }
      expect(await page.locator('.city').count()).toBe(2);
      expect(await page.locator('.station').count()).toBe(7);
      expect(complaints).toEqual([]);
    });

    it('shows hostile station names as the text they are', async () => {
      const { page } = await openReport(browser, path);
      await page.locator('#series-search').click();
      const options = await page.locator('#series-options li').allTextContents();
      for (const name of hostile) expect(options.some((text) => text.includes(name))).toBe(true);
      await page.locator('#quality summary').click();
      expect(await page.locator('#quality').textContent()).toContain(hostile[0]);
      expect(await page.locator('img, td b:not(.best), li b b').count()).toBe(0);
    });

    it('goes to other series by key, by button, by measure and by search', async () => {
      const { page, complaints } = await openReport(browser, path);
      await showChart(page, 'history');
      const before = await picture(page, 'history');
      await page.locator('#series').focus();
      await page.keyboard.press('n');
      await atSeries(page, 2);
      expect(await page.locator('#series-name').textContent()).toContain('PM10');
      expect(await picture(page, 'history')).not.toBe(before);
      await page.keyboard.press('p');
      await page.keyboard.press('p');
      await atSeries(page, 18);
      await page.locator('#series-next').click();
      await page.locator('[data-controls="measures"] label', { hasText: 'O3' }).click();
      await atSeries(page, 3);
      await page.locator('#series-search').focus();
      await page.keyboard.type('LONDON-2 pm');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.locator('#series-name', { hasText: /^london-2 · PM10$/ }).waitFor();
      await page.keyboard.type('no such station');
      expect(await page.locator('#series-options').textContent()).toBe('No series has all these words.');
      await page.keyboard.press('Escape');
      expect(await page.locator('#series-search').inputValue()).toBe('london-2 · PM10 · London');
      expect(complaints).toEqual([]);
    });

    it('reads and zooms charts by keyboard', async () => {
      const { page, complaints } = await openReport(browser, path);
      await showChart(page, 'history');
      const before = await picture(page, 'history');
      await page.locator('[data-chart="history"]').focus();
      await page.keyboard.press('+');
      expect(await picture(page, 'history')).not.toBe(before);
      await page.keyboard.press('-');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      const values = await page.locator('[data-readout="history"]').textContent();
      expect(values).toMatch(/^Sun 1 Jan 2017, 01:00: [\d.]+ µg\/m³$/);
      await page.locator('[data-chart="steps"]').focus();
      await page.keyboard.press('End');
      expect(await page.locator('[data-readout="steps"]').textContent()).toMatch(
        /^Hour 48: medianOfMedians 0\.\d{4}, /,
      );
      await page.locator('[data-chart="missing"]').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      expect(await page.locator('[data-readout="missing"]').textContent()).toMatch(
        /· PM10, Mon 2 Jan 2017: /,
      );
      expect(await page.locator('#hint').isVisible()).toBe(true);
      await page.keyboard.press('Enter');
      await atSeries(page, 2);
      expect(complaints).toEqual([]);
    });

    it('walks the stations of a map by arrow keys and opens one', async () => {
      const { page } = await openReport(browser, path);
      const map = page.locator('.city', { hasText: 'London' });
      await map.locator('.station[tabindex="0"]').focus();
      await page.keyboard.press('ArrowRight');
      expect(await page.locator('.station:focus').getAttribute('aria-label')).toMatch(
        /^london-\d: SMAPE .* 0\.\d{4}$/,
      );
      await page.keyboard.press('Enter');
      await page.locator('#series-name', { hasText: /^london-/ }).waitFor();
    });

    it('steps through past starts and models', async () => {
      const { page, complaints } = await openReport(browser, path);
      await showChart(page, 'past');
      const last = await picture(page, 'past');
      const controls = page.locator('[data-controls="past"]');
      const score = await controls.locator('.score').textContent();
      await controls.getByRole('button', { name: 'Earlier start' }).click();
      expect(await picture(page, 'past')).not.toBe(last);
      expect(await controls.locator('.score').textContent()).not.toBe(score);
      await controls.getByRole('button', { name: 'Later start' }).click();
      expect(await picture(page, 'past')).toBe(last);
      await controls.locator('label', { hasText: 'seasonalNaive' }).click();
      expect(await picture(page, 'past')).not.toBe(last);
      const chosen = page.locator('[data-controls="forecast"] input:checked');
      expect(await chosen.getAttribute('value')).toBe('1');
      await chosen.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      expect(await chosen.getAttribute('value')).toBe('0');
      expect(await page.locator('[data-controls="forecast"] input:focus').getAttribute('value')).toBe('0');
      expect(complaints).toEqual([]);
    });

    it('gives every chart as a table', async () => {
      const { page } = await openReport(browser, path);
      for (const summary of await page.locator('.numbers > summary').all()) await summary.click();
      const rows = async (name: string) => page.locator(`[data-numbers="${name}"] tbody tr`).count();
      expect(await rows('history')).toBe(60);
      expect(await rows('forecast')).toBe(48);
      expect(await rows('past')).toBe(48);
      expect(await rows('missing')).toBe(18);
      expect(await rows('days')).toBe(5);
      expect(await rows('map')).toBe(7);
      expect(await rows('steps')).toBe(48);
    });

    it('follows the system into the dark and can be switched', async () => {
      const { page, complaints } = await openReport(browser, path, { colorScheme: 'dark' });
      const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const dark = await background();
      expect(brightness(dark)).toBeLessThan(60);
      await showChart(page, 'history');
      const before = await picture(page, 'history');
      await page.getByRole('button', { name: 'Switch to the light theme' }).click();
      expect(brightness(await background())).toBeGreaterThan(220);
      expect(await picture(page, 'history')).not.toBe(before);
      await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
      expect(await background()).toBe(dark);
      expect(complaints).toEqual([]);
    });

    it('fits a phone without scrolling sideways, tables and lists open', async () => {
      const { page, complaints } = await openReport(browser, path, {
        viewport: { width: 360, height: 740 },
        hasTouch: true,
        isMobile: true,
      });
      for (const summary of await page.locator('details > summary').all()) await summary.click();
      await page.locator('#series-search').tap();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      await page.locator('.station').first().tap();
      expect(await page.locator('#hint').isVisible()).toBe(true);
      expect(complaints).toEqual([]);
    });

    it('prints in light colours with every chart drawn', async () => {
      const { page, complaints } = await openReport(browser, path, { colorScheme: 'dark' });
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      expect(await page.locator('[data-chart][data-drawn]').count()).toBe(7);
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('light');
      expect((await page.pdf()).length).toBeGreaterThan(20_000);
      await page.evaluate('dispatchEvent(new Event("afterprint"))');
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBeUndefined();
      expect(complaints).toEqual([]);
    });

    it('says so in the page when its data cannot be read, the tables still standing', async () => {
      const broken = join(folder, 'broken.html');
      const report = sampleReport({ days: 5, cities: { A: 1 }, starts: 1, horizon: 2 });
      writeFileSync(broken, renderReport(report).replace(/(data-chunk="report">)[^<]{40}/, '$1'));
      const page = await browser.newPage();
      await page.goto(`file://${broken}`);
      await page.locator('#failure', { hasText: 'The charts could not be drawn.' }).waitFor();
      expect(await page.locator('#summary table').first().isVisible()).toBe(true);
    });

    it('opens with nothing but a panel, be it one missing reading', async () => {
      const bare = join(folder, 'bare.html');
      const { provenance } = sampleReport({ days: 2, cities: { A: 1 }, starts: 1, horizon: 2 });
      for (const length of [1, 30]) {
        const panel = createPanel({ start: 0, length, series: [{ id: 'a' }] });
        writeFileSync(bare, renderReport({ title: '', panel, provenance }));
        const { page, complaints } = await openReport(browser, bare);
        await showChart(page, 'history');
        await showChart(page, 'missing');
        await page.locator('[data-chart="history"]').focus();
        await page.keyboard.press('ArrowLeft');
        expect(await page.locator('[data-readout="history"]').textContent()).toContain('missing');
        expect(complaints).toEqual([]);
      }
    });
  },
);

// A function for the browser, as text: the types here know no document.
function dataset(name: string): (elements: unknown[]) => string[] {
  return new Function('elements', `return elements.map((element) => element.dataset.${name})`) as (
    elements: unknown[],
  ) => string[];
}

async function showChart(page: Page, name: string): Promise<void> {
  await page.locator(`[data-chart="${name}"]`).scrollIntoViewIfNeeded();
  await page.waitForSelector(`[data-chart="${name}"][data-drawn] canvas`);
  await settled(page);
}

async function atSeries(page: Page, position: number): Promise<void> {
  await page.locator('#series-position', { hasText: new RegExp(`^${position} of `) }).waitFor();
}

async function picture(page: Page, name: string): Promise<string> {
  await settled(page);
  return page.evaluate<string>(`document.querySelector('[data-chart="${name}"] canvas').toDataURL()`);
}

// Charts paint in the next frame.
async function settled(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.waitForTimeout(60);
}

function coloursOf(page: Page, name: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('[data-chart="${name}"] canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
}

function brightness(colour: string): number {
  const [red, green, blue] = (colour.match(/\d+/g) ?? []).map(Number);
  return (red + green + blue) / 3;
}
