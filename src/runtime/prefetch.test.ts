import { describe, expect, it } from 'vitest';
import { prefetch } from './prefetch.ts';

describe('prefetching', () => {
  const collect = async <T>(batches: AsyncIterable<T>) => {
    const all: T[] = [];
    for await (const batch of batches) all.push(batch);
    return all;
  };

  it('gives the same batches in order, however many are ahead', async () => {
    for (const ahead of [0, 1, 3, 100]) {
      expect(await collect(prefetch([1, Promise.resolve(2), 3], { ahead }))).toEqual([1, 2, 3]);
    }
    expect(await collect(prefetch([]))).toEqual([]);
  });

  it('asks for the next batch before the last one is used', async () => {
    const asked: number[] = [];
    async function* source() {
      for (let i = 0; i < 4; i++) {
        asked.push(i);
        yield i;
      }
    }
    const batches = prefetch(source());
    await batches.next();
    await new Promise(setImmediate);
    expect(asked).toEqual([0, 1, 2]);
    await batches.return();
    expect(asked).toEqual([0, 1, 2]);
  });

  it('fails where the failing batch is due, and closes its source', async () => {
    let closed = false;
    async function* source() {
      try {
        yield 1;
        throw new Error('disk');
      } finally {
        closed = true;
      }
    }
    const batches = prefetch(source(), { ahead: 2 });
    expect((await batches.next()).value).toBe(1);
    await expect(batches.next()).rejects.toThrow('disk');
    expect(closed).toBe(true);
  });
});
