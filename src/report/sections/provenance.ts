import { dataText, html, type Markup } from '../html.ts';
import type { ReportData } from '../reportData.ts';
import { section, table } from './layout.ts';

/** What is needed to make the same page again. */
export function provenanceSection({ provenance }: ReportData): Markup {
  const { command, seed, fingerprint, versions, settings } = provenance;
  const pairs = (caption: string, heads: readonly string[], entries: Readonly<Record<string, string>>) =>
    Object.keys(entries).length > 0 &&
    table({
      caption,
      heads,
      textColumns: 2,
      rows: Object.entries(entries).map(([name, value]) => [dataText(name), dataText(value)]),
    });
  return section('made', 'How it was made', [
    html`<div class="command"><pre tabindex="0" aria-label="Command"><code id="command">${command}</code></pre>
      <button type="button" data-copy="command">Copy</button></div>`,
    html`<dl class="facts"><div><dt>Seed</dt><dd>${String(seed)}</dd></div>
      <div><dt>Data fingerprint, SHA-256</dt><dd><code>${fingerprint}</code></dd></div></dl>`,
    html`<div class="side-by-side">${pairs('Settings', ['Setting', 'Value'], settings)}
      ${pairs('Versions', ['Package', 'Version'], versions)}</div>`,
  ]);
}
