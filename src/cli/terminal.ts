import type { Progress } from '../core/progress.ts';

/** Where a command speaks: data to stdout, everything else to stderr. */
export interface Terminal {
  /** A result a program may read; always printed. */
  data(text: string): void;
  /** A message about what is being done; silent with `--quiet`. */
  info(line: string): void;
  /** Something the user should know and may want to change; printed even with `--quiet`. */
  warn(line: string): void;
  /** What went wrong; always printed. `prefix` replaces `error: `. */
  error(line: string, prefix?: string): void;
  /** Draws a progress bar on a terminal, plain lines now and then elsewhere. */
  progress(progress: Progress): void;
  /** Emphasis that `NO_COLOR` and pipes switch off; for messages on stderr. */
  bold(text: string): string;
}

/** The streams of this process. `NO_COLOR`, `FORCE_COLOR` and pipes are respected. */
export function openTerminal({ quiet = false }: { quiet?: boolean | undefined } = {}): Terminal {
  const stream = process.stderr;
  const live = Boolean(stream.isTTY) && !quiet;
  const color = process.env.NO_COLOR ? false : Boolean(stream.isTTY) || Boolean(process.env.FORCE_COLOR);
  let barShown = false;
  let stage = '';
  let stageStarted = 0;
  let lastPlainLine = 0;

  function bold(text: string): string {
    return color ? `\x1b[1m${text}\x1b[0m` : text;
  }

  function clearBar(): void {
    if (barShown) stream.write('\r\x1b[2K');
    barShown = false;
  }

  function write(line: string): void {
    clearBar();
    stream.write(`${line}\n`);
  }

  function progress({ stage: name, done, total, unit }: Progress): void {
    if (quiet) return;
    const now = performance.now();
    if (name !== stage) {
      stage = name;
      stageStarted = now;
      lastPlainLine = now;
    }
    const finished = done >= total;
    const line = progressLine(name, done, total, unit, (now - stageStarted) / 1000);
    if (live) {
      stream.write(`\r\x1b[2K${bar(done, total)} ${line}`.slice(0, (stream.columns ?? 80) + 4));
      barShown = true;
      if (finished) write(`${bar(done, total)} ${line}`);
      return;
    }
    // Logs get a line now and then for a stage that lasts, and none for one that is over at once.
    if (now - lastPlainLine > 5000 || (finished && now - stageStarted > 2000)) {
      lastPlainLine = now;
      stream.write(`${line}\n`);
    }
  }

  return {
    data: (text) => {
      process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    info: (line) => {
      if (!quiet) write(line);
    },
    warn: (line) => write(`warning: ${line}`),
    error: (line, prefix = `${bold('error:')} `) => write(prefix + line),
    progress,
    bold,
  };
}

function progressLine(stage: string, done: number, total: number, unit: string, seconds: number): string {
  const counted = `${stage}: ${done} of ${total} ${unit}`;
  if (done === 0 || seconds < 0.5) return counted;
  const rate = done / seconds;
  if (done >= total) return `${counted} in ${formatSeconds(seconds)}`;
  return `${counted}, ${rate.toPrecision(3)}/s, ${formatSeconds((total - done) / rate)} left`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${(minutes / 60).toFixed(1)} h`;
}

function bar(done: number, total: number): string {
  const width = 20;
  const filled = total > 0 ? Math.floor((width * Math.min(done, total)) / total) : 0;
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}
