import { byId, element } from './dom.ts';

/** Colours of the page as the charts need them, resolved for the theme that shows. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
  readonly observed: string;
  readonly missing: string;
  readonly models: readonly string[];
  readonly fills: readonly string[];
  /** From low to high. */
  readonly ramp: readonly string[];
}

/** The palette of the current theme. */
export function palette(): Palette {
  current ??= readPalette();
  return current;
}

/** Runs `react` whenever the theme changes, printing included, which is always light. */
export function onThemeChange(react: () => void): void {
  reactions.push(react);
}

/** Sets up the button that switches between light and dark, beginning with what the system prefers. */
export function startTheme(): void {
  const button = byId('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  let chosen = remembered();
  const isDark = () => (chosen ? chosen === 'dark' : system.matches);

  function apply(forced?: string): void {
    const theme = forced ?? chosen;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    if (button) button.textContent = isDark() ? '☀ Light' : '☾ Dark';
    button?.setAttribute('aria-label', `Switch to the ${isDark() ? 'light' : 'dark'} theme`);
    current = undefined;
    for (const react of reactions) react();
  }

  if (button) button.hidden = false;
  button?.addEventListener('click', () => {
    chosen = isDark() ? 'light' : 'dark';
    remember(chosen);
    apply();
  });
  system.addEventListener('change', () => apply());
  addEventListener('beforeprint', () => apply('light'));
  addEventListener('afterprint', () => apply());
  apply();
}

let current: Palette | undefined;
const reactions: (() => void)[] = [];
const storageKey = 'trainyard-theme';

function readPalette(): Palette {
  const probe = element('span');
  document.body.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const several = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => colour(`${name}-${i + 1}`));
  const read: Palette = {
    ink: colour('ink'),
    muted: colour('muted'),
    line: colour('line'),
    surface: colour('surface'),
    accent: colour('accent'),
    observed: colour('observed'),
    missing: colour('missing'),
    models: several('model', 6),
    fills: several('fill', 6),
    ramp: several('ramp', 5),
  };
  probe.remove();
  return read;
}

// Storage may be forbidden for files; the theme is then chosen anew each time.
function remembered(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(storageKey, theme);
  } catch {}
}
