import { byId, type Child } from './dom.ts';

/** Shows the page's one small label beside a point of the window. */
export function showHint(x: number, y: number, ...content: Child[]): void {
  const hint = byId('hint');
  if (!hint) return;
  hint.replaceChildren(...content.filter((child) => child !== undefined && child !== false));
  hint.hidden = false;
  const { width, height } = hint.getBoundingClientRect();
  const left = x + 14 + width > innerWidth - 8 ? x - width - 14 : x + 14;
  hint.style.left = `${Math.max(8, left)}px`;
  hint.style.top = `${Math.max(8, Math.min(y + 14, innerHeight - height - 8))}px`;
}

/** Hides it. */
export function hideHint(): void {
  const hint = byId('hint');
  if (hint) hint.hidden = true;
}
