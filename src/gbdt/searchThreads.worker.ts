import { workerData } from 'node:worker_threads';
import { order, type SearchMemory, sharedSearcher } from './sharedSearch.ts';

const { memory, thread, failure } = workerData as {
  memory: SearchMemory;
  thread: number;
  failure: Uint8Array;
};
const { control } = memory;
const search = sharedSearcher(memory, thread);

// Tasks are counted, so none is missed that was given before this thread ran.
for (let task = 0; ; ) {
  Atomics.wait(control, order.task, task);
  task = Atomics.load(control, order.task);
  if (Atomics.load(control, order.stop)) break;
  try {
    search();
  } catch (error) {
    new TextEncoder().encodeInto(error instanceof Error ? error.message : String(error), failure);
    Atomics.store(control, order.failed, 1);
  }
  if (Atomics.sub(control, order.busy, 1) === 1) Atomics.notify(control, order.busy);
}
