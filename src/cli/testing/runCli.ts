import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a run of the command line left behind. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it. */
export interface CliOptions {
  /** Shell commands before it, for instance `ulimit -f 8`. */
  readonly before?: string;
  /** Sends SIGINT once this holds of what stderr has said so far; asked every few milliseconds. */
  readonly interruptWhen?: (stderr: string) => boolean;
  /** How often, a few milliseconds apart. Default once. */
  readonly interrupts?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The built command line. */
export const cliPath = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Runs the built command line (`npm test` builds first) and waits for its end. */
export function runCli(
  args: readonly string[],
  { before = ':', interruptWhen, interrupts = 1, env = {} }: CliOptions = {},
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${before}; exec "$@"`, 'sh', process.execPath, cliPath, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...env },
    });
    let stdout = '';
    let stderr = '';
    let sent = 0;
    const watch = setInterval(() => {
      if (sent === 0 && !interruptWhen?.(stderr)) return;
      child.kill('SIGINT');
      if (++sent === interrupts) clearInterval(watch);
    }, 5);
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve({ code, stdout, stderr });
    });
  });
}
