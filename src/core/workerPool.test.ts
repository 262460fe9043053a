import { describe, expect, it } from 'vitest';
import { TrainyardError } from './errors.ts';
import type { Progress } from './progress.ts';
import { mapOnWorkers, moduleBeside } from './workerPool.ts';

const tasks = moduleBeside(import.meta.url, './testing/tasks');

describe('mapOnWorkers', () => {
  it.each([0, 1, 2, 5])('returns results in the order of the tasks with %i workers', async (workers) => {
    expect(await mapOnWorkers(tasks, 'square', [3, 1, 2, 5], { workers })).toEqual([9, 1, 4, 25]);
  });

  it('does nothing for no tasks', async () => {
    expect(await mapOnWorkers(tasks, 'square', [])).toEqual([]);
  });

  it.each([0, 2])('hands a typed error over whole with %i workers', async (workers) => {
    const failure = await mapOnWorkers(tasks, 'failOn', [1, 2, 3], { workers }).catch((error) => error);
    expect(failure).toBeInstanceOf(TrainyardError);
    expect(failure).toMatchObject({ kind: 'data', message: 'row 2 is bad', remedy: 'mend row 2' });
  });

  it('shares arrays over a SharedArrayBuffer instead of copying them', async () => {
    const shared = new Float64Array(new SharedArrayBuffer(8));
    await mapOnWorkers(tasks, 'addOne', [shared], { workers: 1 });
    expect(shared[0]).toBe(1);
  });

  it('reports progress from 0 to the number of tasks', async () => {
    const seen: Progress[] = [];
    await mapOnWorkers(tasks, 'square', [1, 2], {
      workers: 1,
      stage: 'squaring',
      onProgress: (p) => seen.push(p),
    });
    expect(seen.map((p) => p.done)).toEqual([0, 1, 2]);
    expect(seen[0]).toMatchObject({ stage: 'squaring', total: 2 });
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    const work = mapOnWorkers(tasks, 'sleepForever', [1, 2], { workers: 2, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('rejects a negative number of workers', async () => {
    await expect(mapOnWorkers(tasks, 'square', [1], { workers: -1 })).rejects.toThrow('invalid workers: -1');
  });
});
