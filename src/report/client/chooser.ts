import { percent, plural, stepText, unitText } from '../numberText.ts';
import type { PayloadSeries } from '../reportPayload.ts';
import { choice, showControls } from './controls.ts';
import { byId, dataText, element } from './dom.ts';
import { type Page, seriesName } from './page.ts';

/** The choice of series: a searchable list, previous and next, and the other measures of the station. */
export function startChooser(page: Page): void {
  const found = byId('series-search');
  const list = byId('series-options');
  if (!(found instanceof HTMLInputElement) || !list) return;
  const input = found;
  const { payload } = page;
  const searchable = payload.series.map((series) =>
    fold(`${series.city} ${series.station} ${series.measure} ${series.id}`),
  );
  let matches: number[] = [];
  let active = -1;

  function open(query: string): void {
    const words = fold(query).split(/\s+/).filter(Boolean);
    matches = searchable.flatMap((text, index) =>
      words.every((word) => text.includes(word)) ? [index] : [],
    );
    active = query === '' ? matches.indexOf(page.choices.series) : matches.length > 0 ? 0 : -1;
    list?.replaceChildren(
      ...(matches.length === 0
        ? [
            element(
              'li',
              { class: 'note', role: 'option', 'aria-disabled': 'true' },
              'No series has all these words.',
            ),
          ]
        : matches.map(optionOf)),
    );
    if (list) list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    highlight();
  }

  function close(): void {
    if (list) list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    input.value = seriesLabel(payload.series[page.choices.series]);
  }

  function highlight(): void {
    for (const [place, option] of [...(list?.children ?? [])].entries()) {
      option.setAttribute('aria-selected', String(place === active));
      if (place !== active) continue;
      input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    }
  }

  function take(series: number): void {
    void page.chooseSeries(series).then(close);
  }

  function optionOf(index: number, place: number): HTMLElement {
    const series = payload.series[index];
    const option = element(
      'li',
      { role: 'option', id: `series-option-${place}`, 'aria-selected': 'false' },
      element(
        'span',
        {},
        dataText(series.station || series.id),
        ' ',
        element('b', {}, dataText(series.measure)),
      ),
      element(
        'span',
        { class: 'note' },
        dataText(series.city),
        ' ',
        percent(series.observed / payload.length),
        ' observed',
      ),
    );
    // Before the input loses the focus and the list closes.
    option.addEventListener('pointerdown', (event) => event.preventDefault());
    option.addEventListener('click', () => take(index));
    return option;
  }

  input.addEventListener('focus', () => {
    input.select();
    open('');
  });
  input.addEventListener('click', () => {
    if (list.hidden) open('');
  });
  input.addEventListener('blur', close);
  input.addEventListener('input', () => open(input.value));
  input.addEventListener('keydown', (event) => {
    const last = matches.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: Math.min(last, active + 1),
      ArrowUp: Math.max(0, active - 1),
      PageDown: Math.min(last, active + 8),
      PageUp: Math.max(0, active - 8),
    };
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && active >= 0 && !list.hidden) {
      event.preventDefault();
      take(matches[active]);
      return;
    }
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (list.hidden) open('');
    else active = moves[event.key];
    highlight();
  });

  const step = (by: number) => void page.chooseSeries(page.choices.series + by);
  byId('series-previous')?.addEventListener('click', () => step(-1));
  byId('series-next')?.addEventListener('click', () => step(1));
  byId('series')?.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type === 'text';
    if (typing || event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey)
      return;
    if (event.key === 'n' || event.key === 'N') step(1);
    if (event.key === 'p' || event.key === 'P') step(-1);
  });

  const describe = () => {
    showTitle(page);
    if (list.hidden) input.value = seriesLabel(payload.series[page.choices.series]);
  };
  page.watch(['series'], describe);
  describe();
}

function showTitle(page: Page): void {
  const { payload, choices } = page;
  const series = payload.series[choices.series];
  const missing = payload.length - series.observed - series.filled;
  byId('series-name')?.replaceChildren(dataText(seriesName(payload, choices.series)));
  byId('series-position')?.replaceChildren(`${choices.series + 1} of ${payload.series.length}`);
  byId('series-facts')?.replaceChildren(
    ...(series.city ? [dataText(series.city), ', '] : []),
    ...(series.unit ? [`${unitText(series.unit)}, `] : []),
    `${percent(series.observed / payload.length)} observed, ${percent(series.filled / payload.length)} filled, ` +
      `${plural(missing, stepText(payload.step))} missing`,
  );
  const siblings = payload.series.flatMap(({ city, station, measure }, index) =>
    station !== '' && station === series.station && city === series.city
      ? [{ value: String(index), label: measure }]
      : [],
  );
  showControls('measures', [
    choice({
      label: 'Measure',
      options: siblings,
      value: String(choices.series),
      onChoose: (index) => void page.chooseSeries(Number(index)),
      buttonsAtMost: 8,
    }),
  ]);
}

function seriesLabel({ city, station, measure, id }: PayloadSeries): string {
  return station === '' ? id : [station, measure, city].filter(Boolean).join(' · ');
}

// Letters with and without accents find each other.
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
