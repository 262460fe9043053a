import { type Content, html, type Markup } from '../html.ts';

/** A part of the page with its heading. */
export function section(id: string, heading: string, content: Content, lead?: Content): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading" tabindex="-1">
    <h2 id="${id}-heading">${heading}</h2>
    ${lead && html`<p class="section-lead">${lead}</p>`}
    ${content}
  </section>`;
}

/** A table that scrolls inside its own frame; numbers stand to the right of `textColumns` columns of text. */
export function table(content: {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly textColumns: number;
  readonly rows: readonly (readonly Content[])[];
  readonly tall?: boolean;
}): Markup {
  const { caption, heads, textColumns, rows, tall = false } = content;
  const kind = (column: number) => (column < textColumns ? 'text' : 'number');
  return html`<div class="table-frame${tall ? ' tall' : ''}" role="region" aria-label="${caption}" tabindex="0"><table>
    <caption>${caption}</caption>
    <thead><tr>${heads.map((head, i) => html`<th scope="col" class="${kind(i)}">${head}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (row) =>
        html`<tr>${row.map((cell, i) =>
          i === 0
            ? html`<th scope="row" class="${kind(i)}">${cell}</th>`
            : html`<td class="${kind(i)}">${cell}</td>`,
        )}</tr>`,
    )}</tbody></table></div>`;
}

/** Where the page's code draws a chart: the chart, what it says in words, and its numbers as a table on request. */
export function chartFigure(name: string, heading: Content, note?: Content): Markup {
  return html`<figure class="chart-figure" id="figure-${name}">
    <figcaption><h3 id="caption-${name}">${heading}</h3>${note && html`<p class="note">${note}</p>`}</figcaption>
    <div class="controls" data-controls="${name}"></div>
    <div class="chart" data-chart="${name}" tabindex="0" role="application" aria-roledescription="chart"
      aria-labelledby="caption-${name}" aria-describedby="words-${name}"></div>
    <p class="visually-hidden" id="words-${name}"></p>
    <p class="readout visually-hidden" data-readout="${name}" aria-live="polite"></p>
    <details class="numbers" data-numbers="${name}"><summary>Show as a table</summary></details>
  </figure>`;
}
