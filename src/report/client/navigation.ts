import { byId, element } from './dom.ts';

/** Marks the section that shows in the navigation, and lets the copy buttons copy. */
export function startNavigation(): void {
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>('nav.sections a')].map((link) => [
      link.hash.slice(1),
      link,
    ]),
  );
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) mark(target.id);
    },
    // The line a third down the window is where a reader looks.
    { rootMargin: '-33% 0px -66% 0px' },
  );
  for (const id of links.keys()) {
    const section = byId(id);
    if (section) observer.observe(section);
  }

  function mark(id: string): void {
    for (const [other, link] of links) {
      if (other !== id) link.removeAttribute('aria-current');
      else if (!link.hasAttribute('aria-current')) {
        link.setAttribute('aria-current', 'true');
        const row = link.closest('ul');
        if (row) row.scrollLeft = link.offsetLeft - row.offsetLeft - 40;
      }
    }
  }

  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    button.addEventListener('click', () => void copy(button));
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = byId(button.dataset.copy ?? '');
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text.textContent ?? '');
    button.textContent = 'Copied';
  } catch {
    // Without the right to the clipboard the text is at least selected.
    getSelection()?.selectAllChildren(text);
    button.textContent = 'Selected';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2000);
}

/** Says in the page why it could not be drawn. */
export function showFailure(cause: unknown): void {
  const place = byId('failure');
  if (!place) return;
  place.hidden = false;
  place.replaceChildren(
    element('strong', {}, 'The charts could not be drawn.'),
    ` ${cause instanceof Error ? cause.message : String(cause)}. The tables are complete; a browser of 2024 or later draws the charts.`,
  );
}
