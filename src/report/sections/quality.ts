import { countPresent, type Panel } from '../../panel/panel.ts';
import { countFilled } from '../buildPayload.ts';
import { type GapCount, gapCounts, longestGap } from '../gaps.ts';
import { type Content, dataText, html, type Markup } from '../html.ts';
import { count, noNumber, percent, plural, stepText } from '../numberText.ts';
import type { ReportData } from '../reportData.ts';
import { section, table } from './layout.ts';

/** What was read and cleaned, how long the gaps are, and the same series by series. */
export function qualitySection({ panel, reading }: ReportData): Markup {
  const content: Content[] = [];
  if (reading) {
    content.push(
      html`<p>Found while reading: ${orNo(reading.duplicates, 'duplicate row')} and
        ${orNo(reading.negatives, 'reading')} below zero.</p>`,
      reading.warnings.length > 0 &&
        html`<ul class="warnings">${reading.warnings.map((line) => html`<li>${dataText(line)}</li>`)}</ul>`,
      table({
        caption: 'Files read',
        heads: ['File', 'Layout', 'Rows'],
        textColumns: 2,
        rows: reading.files.map(({ path, layout, rows }) => [dataText(path), dataText(layout), count(rows)]),
      }),
    );
  }
  content.push(gapTable(panel), seriesTable(panel, reading));
  return section('quality', 'Data quality', content);
}

function orNo(value: number, name: string): string {
  return value === 0 ? `no ${name}s` : plural(value, name);
}

function gapTable(panel: Panel): Content {
  const counts = gapCounts(panel);
  const missing = counts.reduce((sum, { steps }) => sum + steps, 0);
  if (missing === 0) return html`<p>Every ${stepText(panel.step)} of every series was observed.</p>`;
  const label = ({ from, to }: GapCount) =>
    to === Number.POSITIVE_INFINITY
      ? `over ${count(from - 1)}`
      : from === to
        ? count(from)
        : `${count(from)} to ${count(to)}`;
  return table({
    caption: `Gaps before filling, by length in ${stepText(panel.step)}s`,
    heads: ['Length', 'Gaps', `Missing ${stepText(panel.step)}s`, 'Share of all missing'],
    textColumns: 1,
    rows: counts.map((gap) => [label(gap), count(gap.gaps), count(gap.steps), percent(gap.steps / missing)]),
  });
}

function seriesTable(panel: Panel, reading: ReportData['reading']): Content {
  const found = new Map(reading?.series.map((series) => [series.id, series]));
  const steps = `${stepText(panel.step)}s`;
  return html`<details><summary>Quality series by series</summary>${table({
    caption: 'Series by series',
    heads: [
      'Series',
      'City',
      'Observed',
      `Filled ${steps}`,
      `Still missing ${steps}`,
      `Longest gap, ${steps}`,
      ...(reading ? [`${steps} without a row`, 'Duplicates', 'Below zero'] : []),
    ],
    textColumns: 2,
    tall: true,
    rows: panel.series.map((series) => {
      const filled = countFilled(series);
      const present = countPresent(series.values);
      const read = found.get(series.id);
      return [
        dataText(series.id),
        dataText(series.city || noNumber),
        percent((present - filled) / panel.length),
        count(filled),
        count(panel.length - present),
        count(longestGap(series)),
        ...(reading
          ? [read?.withoutRow, read?.duplicates, read?.negatives].map((value) =>
              value === undefined ? noNumber : count(value),
            )
          : []),
      ];
    }),
  })}</details>`;
}
