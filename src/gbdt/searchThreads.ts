import { availableParallelism } from 'node:os';
import { isMainThread, Worker } from 'node:worker_threads';
import { moduleBeside } from '../core/workerPool.ts';
import type { Dataset } from './dataset.ts';
import type { Slopes } from './histogram.ts';
import type { ResolvedParameters } from './parameters.ts';
import {
  leafFields,
  leafWork,
  order,
  readSplit,
  type SearchMemory,
  sharedSearcher,
  splitFields,
  writeLeaf,
} from './sharedSearch.ts';
import type { Split } from './split.ts';
import { type HistogramLeaf, sourceFeatures } from './splitSource.ts';

/** Threads that search the features of a dataset for splits, each its own share. */
export interface SearchThreads {
  /** Histograms that leaves must use, one for each. */
  readonly histograms: readonly Float64Array[];
  /** Builds the smaller leaf's histogram and searches both leaves, all threads at once, this one among them. */
  search(task: SearchTask): void;
  /** What was found for a feature in the last task; false where nothing was. */
  read(isLarger: boolean, feature: number, split: Split): boolean;
  /** Ends the threads. */
  release(): void;
}

/** Two new leaves, or the root alone. */
export interface SearchTask {
  /** Rows of the smaller leaf, in the shared partition. */
  readonly start: number;
  readonly end: number;
  readonly smaller: HistogramLeaf;
  readonly larger: HistogramLeaf | undefined;
  /** Whether splits are looked for; without, histograms are only completed (the larger leaf's not even that). */
  readonly smallerIsHopeless: boolean;
  readonly largerIsHopeless: boolean;
  /** By feature. */
  readonly wanted: Uint8Array;
  readonly slopes: Slopes;
  readonly classIndex: number;
}

// Cells of a table from which a second thread pays.
const manyCells = 2_000_000;

/** Number of threads for a model. */
export function threadsFor(
  { numRows, usedFeatures }: Dataset,
  { numThreads, histogram }: ResolvedParameters,
): number {
  const most = Math.max(1, usedFeatures.length);
  if (histogram === 'packed' && numThreads < 1) return 1;
  if (numThreads > 0) return Math.min(numThreads, most);
  // Worker threads are there because others work beside them.
  return isMainThread && numRows * most >= manyCells ? Math.min(availableParallelism(), most) : 1;
}

/**
 * Starts threads. Each feature's sums are added in the order of the rows on one thread, so trees do not depend on how
 * many there are.
 *
 * @param slopes Of all rows, class after class; over shared memory.
 * @param rows Of the partition; over shared memory.
 */
export function startSearchThreads(
  dataset: Dataset,
  parameters: ResolvedParameters,
  threads: number,
  slopes: { readonly gradients: Float32Array; readonly hessians: Float32Array },
  rows: Int32Array,
): SearchThreads {
  const { starts } = sourceFeatures(dataset, parameters);
  const numFeatures = dataset.usedFeatures.length;
  const numBins = starts[numFeatures];
  const memory: SearchMemory = {
    dataset: { ...dataset, initModel: undefined, initScore: undefined },
    parameters,
    shares: Array.from({ length: threads + 1 }, (_, t) => Math.round((t * numFeatures) / threads)),
    ...slopes,
    rows,
    wanted: new Uint8Array(new SharedArrayBuffer(numFeatures)),
    histograms: Array.from({ length: parameters.numLeaves }, () => sharedDoubles(2 * numBins)),
    control: new Int32Array(new SharedArrayBuffer(4 * Object.keys(order).length)),
    numbers: sharedDoubles(1 + 2 * leafFields),
    found: sharedDoubles(2 * numFeatures * splitFields),
    categories: new Int32Array(new SharedArrayBuffer(4 * 2 * numBins)),
  };
  const { control, numbers } = memory;
  const failure = new Uint8Array(new SharedArrayBuffer(1000));
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const worker = new Worker(moduleBeside(import.meta.url, './searchThreads.worker'), {
      workerData: { memory, thread: i + 1, failure },
    });
    worker.unref();
    return worker;
  });
  const searchOwn = sharedSearcher(memory, 0);

  function finish(): void {
    for (let busy = Atomics.load(control, order.busy); busy > 0; busy = Atomics.load(control, order.busy)) {
      if (Atomics.wait(control, order.busy, busy, patience) !== 'timed-out') continue;
      if (Atomics.load(control, order.busy) < busy) continue;
      throw new Error(
        `${busy} of ${threads} training threads did not answer within ${patience / 60_000} minutes`,
      );
    }
    if (Atomics.load(control, order.failed)) {
      throw new Error(new TextDecoder().decode(failure.slice(0, failure.indexOf(0))));
    }
  }

  return {
    histograms: memory.histograms,
    search(task) {
      const { smaller, larger } = task;
      const hopelessLarger = task.largerIsHopeless ? leafWork.none : leafWork.find;
      memory.wanted.set(task.wanted);
      numbers[0] = task.slopes.constantHessian;
      writeLeaf(numbers, 1, smaller);
      if (larger) writeLeaf(numbers, 1 + leafFields, larger);
      control[order.start] = task.start;
      control[order.end] = task.end;
      control[order.smaller] = memory.histograms.indexOf(smaller.histogram);
      control[order.larger] = larger ? memory.histograms.indexOf(larger.histogram) : -1;
      control[order.smallerWork] = task.smallerIsHopeless ? leafWork.complete : leafWork.find;
      control[order.largerWork] = larger ? hopelessLarger : leafWork.none;
      control[order.classIndex] = task.classIndex;
      control[order.hasHessians] = task.slopes.hessians ? 1 : 0;
      Atomics.store(control, order.busy, threads - 1);
      Atomics.add(control, order.task, 1);
      Atomics.notify(control, order.task);
      searchOwn();
      finish();
    },
    read(isLarger, feature, split) {
      const which = isLarger ? 1 : 0;
      const at = (which * numFeatures + feature) * splitFields;
      return readSplit(memory, at, which * numBins + starts[feature], split);
    },
    release() {
      Atomics.store(control, order.stop, 1);
      Atomics.add(control, order.task, 1);
      Atomics.notify(control, order.task);
      for (const worker of workers) worker.unref();
    },
  };
}

// A task takes less than a second on any data that fits into memory; a thread that is silent this long is dead.
const patience = 600_000;

function sharedDoubles(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}
