import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { fileError } from '../core/errors.ts';
import { zoneOffset } from '../panel/localTime.ts';
import { countPresent, timeAt } from '../panel/panel.ts';
import { formatTime } from '../panel/timeText.ts';
import { buildPayload, countFilled, seriesArrays } from './buildPayload.ts';
import { dataText, html, type Markup } from './html.ts';
import { missingCells } from './missingCells.ts';
import { percent, plural } from './numberText.ts';
import { joinPacked, packNumbers } from './packNumbers.ts';
import type { ReportData } from './reportData.ts';
import { missingSection, scoresSection, seriesSection } from './sections/charts.ts';
import { provenanceSection } from './sections/provenance.ts';
import { qualitySection } from './sections/quality.ts';
import { summarySection } from './sections/summary.ts';
import { writeSeriesChunk } from './seriesChunk.ts';

/**
 * Renders one self-contained HTML page: styles, code and data inside, nothing loaded from anywhere. The same data
 * gives the same bytes. Sections without data are left out.
 *
 * @throws TrainyardError of kind `usage` when forecasts do not match the panel, `file` when the package was not built.
 * @example
 * await writeFile('report.html', renderReport({ title: 'Air quality', panel, provenance, scores }));
 */
export function renderReport(data: ReportData): string {
  const sections = [
    { id: 'summary', name: 'Summary', content: summarySection(data) },
    { id: 'series', name: 'Series', content: seriesSection(data) },
    { id: 'missing', name: 'Missing data', content: missingSection(data) },
    { id: 'scores', name: 'Scores', content: scoresSection(data) },
    { id: 'quality', name: 'Data quality', content: qualitySection(data) },
    { id: 'made', name: 'How it was made', content: provenanceSection(data) },
  ].filter(({ content }) => content !== undefined);
  const style = readClientFile('client.css');
  const code = readClientFile('client.js');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(code)}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Trainyard">
<link rel="icon" href="data:,">
<title>${data.title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${pageHeader(data)}
<nav class="sections" aria-label="Sections"><ul>${sections.map(
    ({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`,
  )}</ul><button type="button" id="theme" hidden></button></nav>
<main id="content" tabindex="-1">
<noscript><p class="notice">The charts need JavaScript; the tables are complete without it.</p></noscript>
<p class="notice bad" id="failure" role="alert" hidden></p>
${sections.map(({ content }) => content)}
</main>
<footer><p>Made by Trainyard. This page loads nothing from the network.</p></footer>
<div id="hint" role="presentation" hidden></div>
${dataChunks(data)}
<script>${{ markup: code }}</script>
</body>
</html>
`;
  return page.markup;
}

function pageHeader({ title, panel, provenance, warnings = [] }: ReportData): Markup {
  const cells = panel.series.length * panel.length;
  const filled = panel.series.reduce((sum, series) => sum + countFilled(series), 0);
  const present = panel.series.reduce((sum, series) => sum + countPresent(series.values), 0);
  const moment = (index: number) => {
    const time = timeAt(panel, index);
    return formatTime(time + zoneOffset(panel.timeZone, time)).slice(0, 16);
  };
  const cities = [...new Set(panel.series.map(({ city }) => city).filter((city) => city !== ''))];
  const stations = new Set(panel.series.map(({ city, station }) => JSON.stringify([city, station]))).size;
  return html`<header>
  <h1>${dataText(title)}</h1>
  <ul class="key-facts">
    <li>${plural(panel.series.length, 'series', 'series')} at ${plural(stations, 'station')}${
      cities.length > 0 &&
      html` in ${cities.length <= 4 ? cities.map((city, i) => html`${i > 0 && ', '}${dataText(city)}`) : plural(cities.length, 'city', 'cities')}`
    }</li>
    <li>${moment(0)} to ${moment(panel.length - 1)} (${dataText(panel.timeZone)})</li>
    ${cells > 0 && html`<li>${percent((present - filled) / cells)} observed, ${percent(filled / cells)} filled</li>`}
  </ul>
  ${
    provenance.simulated &&
    html`<div class="notice simulated" role="note"><strong>Simulated data.</strong>
    These readings come from a simulator with seed ${String(provenance.seed)}, not from instruments. They show what a
    report looks like and say nothing about any real place.</div>`
  }
  ${
    warnings.length > 0 &&
    html`<div class="notice" role="note"><strong>${plural(warnings.length, 'warning')}</strong>
    <ul>${warnings.map((line) => html`<li>${dataText(line)}</li>`)}</ul></div>`
  }
</header>`;
}

// Each chunk is deflated and base64, so nothing in the data can end the script element that holds it.
function dataChunks(data: ReportData): Markup[] {
  const missing = data.panel.series.length > 0 ? missingCells(data.panel) : undefined;
  const json = new TextEncoder().encode(JSON.stringify(buildPayload(data, missing)));
  return [
    chunk('report', json),
    ...(missing ? [chunk('missing', joinPacked(missing.counts.map(packNumbers)))] : []),
    ...seriesArrays(data).map((series, index) => chunk(`series-${index}`, writeSeriesChunk(series))),
  ];
}

function chunk(name: string, bytes: Uint8Array): Markup {
  const packed = deflateRawSync(bytes, { level: 6 }).toString('base64');
  return html`<script type="text/plain" data-chunk="${name}">${{ markup: packed }}</script>\n`;
}

// The browser itself keeps the page from loading anything: no source of any kind is allowed but what is inside.
function contentPolicy(code: string): string {
  const hash = createHash('sha256').update(code).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

const clientFiles = new Map<string, string>();

function readClientFile(name: string): string {
  let text = clientFiles.get(name);
  if (text === undefined) {
    try {
      // From src/report as from dist/report, two folders up is the package.
      text = readFileSync(new URL(`../../dist/report/${name}`, import.meta.url), 'utf8').trim();
    } catch (cause) {
      throw fileError(`cannot read the report's ${name}`, 'build the package first: npm run build', cause);
    }
    clientFiles.set(name, text);
  }
  return text;
}
