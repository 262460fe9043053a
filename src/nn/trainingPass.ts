import { philox, randomStream } from '../core/random.ts';
import { numbersOf, type TensorData } from '../graph/dataType.ts';
import type { Tensor } from '../graph/tensor.ts';

/** What layers need that do something else in training than in use. Without it, they do what a trained model does. */
export interface TrainingPass {
  /** A key for each sample, int64 `[batch]`, fed: see {@link sampleKeys}. Needed by dropout. */
  readonly keys: Tensor | undefined;
  /**
   * Statistics of the batch, by the name of the running statistic they go into. Filled while the model is built; have
   * the training step watch them, and hand what it met to {@link moveStatistics}.
   */
  readonly statistics: Record<string, Tensor>;
}

/**
 * Opens a training pass, to be given to layers while the loss is built.
 *
 * @example
 * const training = trainingPass({ keys: input('keys', 'int64', ['batch']) });
 * const y = mlp(parameters, x, { dropout: 0.5, training });
 */
export function trainingPass({ keys }: { keys?: Tensor } = {}): TrainingPass {
  return { keys, statistics: {} };
}

/**
 * Random keys of samples, to feed to a training pass. What a sample receives is a function of the seed, the epoch and
 * its own number, not of its batch: dropout is the same however samples are batched, split or ordered.
 *
 * @param samples Numbers of the samples, whole, at least 0.
 * @returns int64 `[batch]`
 */
export function sampleKeys(seed: number, epoch: number, samples: ArrayLike<number>): TensorData {
  const stream = randomStream(seed, 'sampleKeys');
  const [key0, key1] = [stream.integer(2 ** 32), stream.integer(2 ** 32)];
  const counter = new Uint32Array(4);
  const block = new Uint32Array(4);
  const data = new BigInt64Array(samples.length);
  const words = new Uint32Array(data.buffer);
  for (let i = 0; i < samples.length; i++) {
    counter.set([samples[i] >>> 0, Math.floor(samples[i] / 2 ** 32), epoch >>> 0, 0]);
    philox(counter, key0, key1, block);
    words[2 * i] = block[0];
    words[2 * i + 1] = block[1];
  }
  return { dtype: 'int64', shape: [samples.length], data };
}

/**
 * Moves running statistics towards those of a batch: `running += momentum (batch - running)`. Changes `running`.
 *
 * @param options `momentum` is PyTorch's, 1 minus that of Keras. Default 0.1.
 */
export function moveStatistics(
  running: Readonly<Record<string, TensorData>>,
  batch: Readonly<Record<string, TensorData>>,
  { momentum = 0.1 }: { momentum?: number } = {},
): void {
  for (const [name, { data }] of Object.entries(running)) {
    const met = batch[name] && numbersOf(batch[name]);
    if (!met || !(data instanceof Float32Array)) continue;
    for (let i = 0; i < data.length; i++) data[i] += momentum * (met[i] - data[i]);
  }
}
