import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { cancelledError, TrainyardError, throwIfCancelled, usageError } from './errors.ts';
import type { ProgressCallback } from './progress.ts';
import type { TaskAnswer, TaskCall } from './workerPool.worker.ts';

/** How tasks are spread over threads. */
export interface WorkerPoolOptions<Result = unknown> {
  /** Worker threads; 0 runs every task on the calling thread. Default: one per core, at most one per task. */
  workers?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ProgressCallback | undefined;
  /** What progress calls this work and its tasks. Default `working`, `tasks`. */
  stage?: string | undefined;
  unit?: string | undefined;
  /** Called on the calling thread as each task ends, in the order of ending. */
  onResult?: ((result: Result, index: number) => void | Promise<void>) | undefined;
}

/**
 * Runs the function `exportName` of a module once per task on worker threads and returns the results in the
 * order of the tasks. Tasks and results are structured clones; arrays over a `SharedArrayBuffer` are shared.
 * A {@link TrainyardError} thrown by a task arrives here as itself, and the first failure stops the rest.
 *
 * @example
 * const squares = await mapOnWorkers(moduleBeside(import.meta.url, './square'), 'square', [1, 2, 3]);
 */
export async function mapOnWorkers<Task, Result>(
  moduleUrl: URL,
  exportName: string,
  tasks: readonly Task[],
  options: WorkerPoolOptions<Result> = {},
): Promise<Result[]> {
  const { signal, onProgress, onResult, stage = 'working', unit = 'tasks' } = options;
  const workers = resolveWorkers(options.workers, tasks.length);
  throwIfCancelled(signal);
  const results = new Array<Result>(tasks.length);
  let done = 0;

  async function finish(index: number, result: Result): Promise<void> {
    results[index] = result;
    await onResult?.(result, index);
    onProgress?.({ stage, done: ++done, total: tasks.length, unit });
  }

  onProgress?.({ stage, done, total: tasks.length, unit });
  if (workers === 0) {
    const run = (await import(moduleUrl.href))[exportName] as (task: Task) => Result | Promise<Result>;
    for (const [index, task] of tasks.entries()) {
      await finish(index, await run(task));
      // Lets signals and timers in: tasks may be synchronous.
      await new Promise((resolve) => setImmediate(resolve));
      throwIfCancelled(signal);
    }
    return results;
  }

  const pool = new Piscina({
    filename: moduleBeside(import.meta.url, './workerPool.worker').href,
    name: 'answer',
    minThreads: workers,
    maxThreads: workers,
  });
  const stop = new AbortController();
  // Every task listens.
  setMaxListeners(0, stop.signal);
  let poolError: unknown;
  // A worker that is being ended may still answer, which the pool takes for a fault of its own: by then the work has
  // failed or been cancelled, and that is what the caller must hear of.
  pool.on('error', (error: unknown) => {
    if (stop.signal.aborted) return;
    poolError = error;
    stop.abort();
  });
  const forward = () => stop.abort();
  signal?.addEventListener('abort', forward, { once: true });
  try {
    await Promise.all(
      tasks.map(async (task, index) => {
        const call: TaskCall = { module: moduleUrl.href, exportName, task };
        const answer: TaskAnswer = await pool.run(call, { signal: stop.signal });
        if ('error' in answer) throw revive(answer.error);
        await finish(index, answer.result as Result);
      }),
    );
    return results;
  } catch (error) {
    stop.abort();
    throw signal?.aborted ? cancelledError() : (poolError ?? error);
  } finally {
    signal?.removeEventListener('abort', forward);
    await pool.destroy();
  }
}

/**
 * The URL of a module next to the calling one, in whichever form this code runs: `.ts` sources or built `.js`.
 *
 * @example
 * moduleBeside(import.meta.url, './foldTask')
 */
export function moduleBeside(importMetaUrl: string, path: string): URL {
  return new URL(path + (importMetaUrl.endsWith('.ts') ? '.ts' : '.js'), importMetaUrl);
}

function resolveWorkers(workers: number | undefined, tasks: number): number {
  const wanted = workers ?? availableParallelism();
  if (!Number.isInteger(wanted) || wanted < 0) {
    throw usageError(
      `invalid workers: ${workers}; expected an integer of at least 0`,
      'pass 0 to run without threads',
    );
  }
  return Math.min(wanted, tasks);
}

function revive(error: Extract<TaskAnswer, { error: unknown }>['error']): Error {
  const revived = error.kind
    ? new TrainyardError(error.kind, error.message, error.remedy)
    : Object.assign(new Error(error.message), { name: error.name });
  if (error.stack) revived.stack = error.stack;
  return revived;
}
