import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Where a Chromium is, `undefined` on machines without one. */
export function findBrowser(): string | undefined {
  const places = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return places.find((place) => place !== undefined && place !== '' && existsSync(place));
}

/** Starts a headless Chromium that talks to nobody. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
}

/** A page opened from a file, and everything it should not have done. */
export interface OpenedPage {
  readonly page: Page;
  /** Errors, console messages and requests other than the file itself. */
  readonly complaints: string[];
  /** Milliseconds from the start of loading until the first charts can be used. */
  readonly readyAfter: number;
}

/** Opens a report with the network switched off and waits until it is ready. */
export async function openReport(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  const complaints: string[] = [];
  const address = `file://${path}`;
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== address && request.url() !== 'data:,') complaints.push(`request: ${request.url()}`);
  });
  const started = performance.now();
  await page.goto(address);
  await page.waitForSelector('html[data-ready]', { timeout: 30_000, state: 'attached' });
  return { page, complaints, readyAfter: performance.now() - started };
}
