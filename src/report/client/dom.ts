/** What an element is given: attributes, with `true` for a bare one and `undefined` or `false` for none. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
export type Child = Node | string | undefined | false;

/** Makes an element; text is text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return furnish(document.createElement(tag), attributes, children);
}

/** Makes an SVG element. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  return furnish(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** The element with an id, `undefined` when the page has no such part. */
export function byId(id: string): HTMLElement | undefined {
  return document.getElementById(id) ?? undefined;
}

/** The element that carries `data-<name>="<value>"`, `undefined` when the page has no such part. */
export function byData(name: string, value?: string): HTMLElement | undefined {
  const selector = value === undefined ? `[data-${name}]` : `[data-${name}="${value}"]`;
  return document.querySelector<HTMLElement>(selector) ?? undefined;
}

/** Text that came with the data, whatever its direction. */
export function dataText(text: string): HTMLElement {
  return element('bdi', {}, text);
}

function furnish<Made extends Element>(made: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined && child !== false) made.append(child);
  return made;
}
