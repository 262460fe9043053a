import { byData, type Child, element } from './dom.ts';

/** A chart's numbers: column heads and rows, the first column being text. */
export interface NumberTable {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly Child[])[];
}

/** Fills the "Show as a table" part of a chart, only while it is open. Returns a function that brings it up to date. */
export function numbersPart(name: string, build: () => NumberTable): () => void {
  const details = byData('numbers', name);
  if (!(details instanceof HTMLDetailsElement)) return () => {};
  const refresh = () => {
    details.querySelector('.table-frame')?.remove();
    if (details.open) details.append(tableOf(build()));
  };
  details.addEventListener('toggle', refresh);
  return refresh;
}

function tableOf({ caption, heads, rows }: NumberTable): HTMLElement {
  const kind = (column: number) => (column === 0 ? 'text' : 'number');
  const head = heads.map((text, i) => element('th', { scope: 'col', class: kind(i) }, text));
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...row.map((cell, i) =>
        i === 0
          ? element('th', { scope: 'row', class: kind(i) }, cell)
          : element('td', { class: kind(i) }, cell),
      ),
    ),
  );
  return element(
    'div',
    { class: 'table-frame tall', role: 'region', 'aria-label': caption, tabindex: 0 },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  );
}
