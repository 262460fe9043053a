/** A piece of a page that is markup already; anything else is escaped when it is put into a page. */
export interface Markup {
  readonly markup: string;
}

/** What may stand inside a page: text is escaped, lists are joined, `undefined` and `false` leave nothing. */
export type Content = string | number | Markup | undefined | false | readonly Content[];

/**
 * Template for markup in which every inserted text is escaped.
 *
 * @example
 * html`<td>${'a < b'}</td>`.markup // <td>a &lt; b</td>
 */
export function html(parts: TemplateStringsArray, ...contents: Content[]): Markup {
  let markup = parts[0];
  for (let i = 0; i < contents.length; i++) markup += render(contents[i]) + parts[i + 1];
  return { markup };
}

/** Text that came with the data, kept from turning around what stands beside it when written right to left. */
export function dataText(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** Escapes text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character]);
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if ('markup' in content) return content.markup;
  return content.map(render).join('');
}
