/**
 * The same batches, each asked for before the one ahead of it is used: while a step runs, the next batch is prepared.
 *
 * @param ahead How many are prepared in advance. Default 1.
 * @example
 * for await (const batch of prefetch(batches)) await step.run(batch);
 */
export async function* prefetch<Batch>(
  batches: AsyncIterable<Batch> | Iterable<Batch | Promise<Batch>>,
  { ahead = 1 }: { readonly ahead?: number } = {},
): AsyncGenerator<Batch, void, undefined> {
  const source =
    Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  const coming: Promise<IteratorResult<Batch | Promise<Batch>>>[] = [];
  const ask = () => {
    const next = Promise.resolve(source.next());
    // A failure is thrown where the batch is due, not before.
    next.catch(() => {});
    coming.push(next);
  };
  try {
    for (let i = 0; i <= ahead; i++) ask();
    for (let next = await coming.shift(); next && !next.done; next = await coming.shift()) {
      const batch = await next.value;
      ask();
      yield batch;
    }
  } finally {
    await source.return?.();
  }
}
