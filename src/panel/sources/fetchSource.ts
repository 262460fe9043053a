import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TrainyardError, usageError } from '../../core/errors.ts';
import { makeFolder, writeFileAtomically } from '../../core/outputFiles.ts';
import type { ProgressCallback } from '../../core/progress.ts';
import { beijingAir } from './beijingAir.ts';
import { londonAir } from './londonAir.ts';
import { openaq } from './openaq.ts';
import { type Politeness, politeFetcher } from './politeFetch.ts';
import type { Source, SourceRequest } from './source.ts';
import { uciPrsa } from './uciPrsa.ts';

/** Every source, by name. */
export const sources: readonly Source[] = [londonAir, beijingAir, openaq, uciPrsa];

/** What to fetch and how. */
export interface FetchOptions {
  /** First and last day, milliseconds since 1970 UTC at midnight. */
  readonly from: number;
  readonly to: number;
  readonly stations?: readonly string[] | undefined;
  /** Folder of the cache; the files of a source lie in a folder of its name. */
  readonly directory: string;
  readonly baseUrl?: string | undefined;
  /** Default 2 requests a second, 60 s, 4 retries from 1 s. */
  readonly politeness?: Partial<Politeness> | undefined;
  /** Requests under way at once. Default 2. */
  readonly concurrency?: number | undefined;
  /** Present moment, milliseconds since 1970 UTC. Default now. */
  readonly now?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** What came of it. */
export interface FetchResult {
  /** Every file that is there now, in order. */
  readonly files: readonly string[];
  readonly fetched: number;
  /** Files that were there already. */
  readonly kept: number;
  /** Requests for which the source has no readings. */
  readonly empty: number;
  /** What could not be got, a line a station. */
  readonly failures: readonly {
    readonly station: string;
    readonly requests: number;
    readonly reason: string;
  }[];
}

/**
 * Fetches the files of a source for a range of days into a folder. Each file appears whole or not at all, and what is
 * there is not fetched again, so that an interrupted run goes on where it stopped. A station that fails does not keep
 * the others from being fetched.
 *
 * @throws TrainyardError of kind `usage` for a source or range that makes no sense, `cancelled` when stopped.
 */
export async function fetchSource(name: string, options: FetchOptions): Promise<FetchResult> {
  const source = sourceNamed(name);
  const { from, to, stations = [], directory, signal, onProgress, concurrency = 2 } = options;
  if (from > to) throw usageError('--from is after --to', 'swap them');
  if (source.stations !== undefined && stations.length === 0) {
    throw usageError(`${name} needs --stations`, `give ${source.stations}`);
  }
  const politeness = { rate: 2, timeout: 60_000, retries: 4, backoff: 1000, ...options.politeness };
  const get = politeFetcher(politeness, signal);
  const range = {
    from,
    to,
    stations,
    baseUrl: options.baseUrl ?? source.baseUrl,
    now: options.now ?? Date.now(),
  };
  const requests = source.requests(range);
  const files = new Map<SourceRequest, string[]>();
  const failures = new Map<string, { station: string; requests: number; reason: string }>();
  let [fetched, kept, empty, done] = [0, 0, 0, 0];
  const report = () =>
    onProgress?.({ stage: `fetching ${name}`, done, total: requests.length, unit: 'files' });

  async function fetchOne(request: SourceRequest): Promise<void> {
    const path = join(directory, source.name, request.file);
    if (!request.growing && (await isFile(path))) {
      kept++;
      files.set(request, [path]);
      return;
    }
    const failed = failures.get(request.station);
    if (failed && failed.requests >= mostFailures) {
      addFailure(request, failed.reason);
      return;
    }
    try {
      const answer = await get(request.url, request.headers, (body) => source.fault(body, request));
      if ('status' in answer) {
        if (source.missingIsEmpty) empty++;
        else addFailure(request, `${request.url}: HTTP 404, no such file`);
        return;
      }
      await makeFolder(dirname(path));
      for (const { file, content } of source.unpack?.(answer.body, request) ?? []) {
        await writeFileAtomically(join(dirname(path), file), (temporary) => writeFile(temporary, content));
      }
      await writeFileAtomically(path, (temporary) => writeFile(temporary, answer.body));
      fetched++;
      files.set(request, [path]);
    } catch (error) {
      if (!(error instanceof TrainyardError) || error.kind !== 'network') throw error;
      addFailure(request, error.message);
    }
  }

  function addFailure({ station, label }: SourceRequest, reason: string): void {
    const earlier = failures.get(station);
    failures.set(station, {
      station,
      requests: (earlier?.requests ?? 0) + 1,
      reason: earlier?.reason ?? `${label}: ${reason}`,
    });
  }

  report();
  const queue = requests.values();
  await Promise.all(
    Array.from({ length: Math.max(1, concurrency) }, async () => {
      for (const request of queue) {
        await fetchOne(request);
        done++;
        report();
      }
    }),
  );
  return {
    files: requests.flatMap((request) => files.get(request) ?? []),
    fetched,
    kept,
    empty,
    failures: [...failures.values()],
  };
}

// A station that failed this often, each time after all retries, is not asked again in this run.
const mostFailures = 3;

function sourceNamed(name: string): Source {
  const source = sources.find((candidate) => candidate.name === name);
  if (source) return source;
  throw usageError(`unknown source: ${name}`, `known are ${sources.map((one) => one.name).join(', ')}`);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}
