import { byData, dataText, element } from './dom.ts';

/** One choice of a control. */
export interface Option {
  readonly value: string;
  readonly label: string;
}

/**
 * A choice among a few: radio buttons drawn as one bar, so that arrow keys move through it; a select when there are
 * more than `buttonsAtMost`. A single option needs no control and gives none.
 */
export function choice(content: {
  readonly label: string;
  readonly options: readonly Option[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly buttonsAtMost?: number;
  /** Colour of a mark beside each option. */
  readonly mark?: (value: string) => string;
}): HTMLElement | undefined {
  const { label, options, value, onChoose, buttonsAtMost = 5, mark } = content;
  if (options.length < 2) return undefined;
  if (options.length > buttonsAtMost) {
    const select = element(
      'select',
      {},
      ...options.map((option) =>
        element('option', { value: option.value, selected: option.value === value }, option.label),
      ),
    );
    select.addEventListener('change', () => onChoose(select.value));
    return element('label', { class: 'select' }, element('span', { class: 'control-label' }, label), select);
  }
  const name = `choice-${++choices}`;
  const bar = element('div', { class: 'bar' });
  for (const option of options) {
    const input = element('input', {
      type: 'radio',
      name,
      value: option.value,
      checked: option.value === value,
    });
    input.addEventListener('change', () => onChoose(option.value));
    const swatch = mark && element('span', { class: 'swatch', 'aria-hidden': 'true' });
    if (swatch && mark) swatch.style.background = mark(option.value);
    bar.append(element('label', {}, input, element('span', {}, swatch, dataText(option.label))));
  }
  return element('fieldset', { class: 'choice' }, element('legend', { class: 'control-label' }, label), bar);
}

/**
 * Fills the place for controls of that name. The focus stays on the same control when it is drawn again, so that a
 * choice made by keyboard can be followed by the next.
 */
export function showControls(name: string, controls: readonly (HTMLElement | undefined)[]): void {
  const place = byData('controls', name);
  if (!place) return;
  const focusable = 'input, select, button';
  const focused = [...place.querySelectorAll<HTMLElement>(focusable)].indexOf(
    document.activeElement as HTMLElement,
  );
  const wasRadio = (document.activeElement as HTMLInputElement | null)?.value;
  place.replaceChildren(...controls.filter((control) => control !== undefined));
  if (focused < 0) return;
  const all = [...place.querySelectorAll<HTMLInputElement>(focusable)];
  (
    all.find(({ type, value, checked }) => type === 'radio' && checked && value === wasRadio) ?? all[focused]
  )?.focus();
}

let choices = 0;
