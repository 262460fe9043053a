import { setTimeout as sleep } from 'node:timers/promises';
import { cancelledError, networkError, throwIfCancelled } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';

/** How politely and how stubbornly to ask. */
export interface Politeness {
  /** Requests begun per second. */
  readonly rate: number;
  /** Milliseconds until an answer must be whole. */
  readonly timeout: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Milliseconds before the first retry; doubles at each. */
  readonly backoff: number;
}

/** What comes of a request: its body, or that there is no such file. */
export type Answer = { readonly body: Buffer } | { readonly status: 404 };

/**
 * Makes a function that gets URLs one after another at a limited rate. Failures of the network, timeouts, answers cut
 * short, 429 and 5xx are tried again with exponential backoff and jitter, or after what `Retry-After` says; other
 * answers are final.
 *
 * @throws TrainyardError of kind `network` once the retries are used up.
 */
export function politeFetcher({ rate, timeout, retries, backoff }: Politeness, signal?: AbortSignal) {
  const jitter = randomStream(1, 'backoff');
  let nextStart = 0;

  return async function get(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    fault: (body: Buffer) => string | undefined = () => undefined,
  ): Promise<Answer> {
    let problem = '';
    for (let attempt = 0; attempt <= retries; attempt++) {
      await waitForTurn();
      let wait = backoff * 2 ** attempt * (0.5 + jitter.uniform());
      try {
        const limit = AbortSignal.timeout(timeout);
        const response = await fetch(url, {
          headers: { 'user-agent': 'trainyard (https://www.npmjs.com/package/trainyard)', ...headers },
          signal: signal ? AbortSignal.any([limit, signal]) : limit,
        });
        if (response.status === 404) {
          await response.body?.cancel();
          return { status: 404 };
        }
        const body = Buffer.from(await response.arrayBuffer());
        if (response.ok) {
          const wrong = fault(body);
          if (wrong === undefined) return { body };
          problem = `the answer cannot be used: ${wrong}`;
        } else {
          problem = `HTTP ${response.status}`;
          if (response.status !== 429 && response.status < 500) break;
          wait = retryAfter(response.headers.get('retry-after')) ?? wait;
        }
      } catch (error) {
        if (signal?.aborted) throw cancelledError();
        problem = describe(error, timeout);
      }
      if (attempt < retries) await pause(wait);
    }
    throw networkError(
      `${url}: ${problem}`,
      'try again later: what was fetched is kept; or check the station and the address',
    );
  };

  async function waitForTurn(): Promise<void> {
    throwIfCancelled(signal);
    const now = performance.now();
    const start = Math.max(now, nextStart);
    nextStart = start + 1000 / rate;
    if (start > now) await pause(start - now);
  }

  async function pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => {
      throw cancelledError();
    });
  }
}

function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : 1000 * seconds;
  // A source that asks for hours is better left alone than waited for.
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), 120_000);
}

function describe(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no whole answer within ${timeout / 1000} s`;
  const cause = error.cause instanceof Error ? error.cause : undefined;
  if (error.message === 'terminated') return 'the connection broke before the answer was whole';
  return cause ? `${error.message}: ${cause.message}` : error.message;
}
