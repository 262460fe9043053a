import type { InferenceSession, TensorConstructor } from 'onnxruntime-node';
import { type TrainyardError, usageError } from '../core/errors.ts';
import type { DataType, TensorArray } from '../graph/dataType.ts';
import type { Session, Value } from './backend.ts';

/**
 * A session of ONNX Runtime, whichever build: those for Node and for browsers have one interface.
 *
 * @param writesInto Whether the build writes outputs into arrays that it is given; else they are copied.
 */
export function ortSession(
  session: InferenceSession,
  Tensor: TensorConstructor,
  { writesInto }: { readonly writesInto: boolean },
): Session {
  const wrap = ({ dtype, data, shape }: Value) =>
    new Tensor(dtype as 'float32', data as Float32Array, shape as number[]);
  return {
    async run(feeds, outputs, into) {
      const given = Object.fromEntries(Array.from(feeds, ([name, value]) => [name, wrap(value)]));
      const wanted = Object.fromEntries(
        outputs.map((name) => {
          const value = writesInto ? into?.get(name) : undefined;
          return [name, value ? wrap(value) : null];
        }),
      );
      const results = await session.run(given, wanted).catch((cause) => {
        throw ortError('the graph cannot run', cause);
      });
      return new Map(
        outputs.map((name) => {
          const { type, dims, data } = results[name];
          const target = into?.get(name);
          if (target && !writesInto) copyInto(target.data, data as TensorArray);
          return [name, target ?? { dtype: type as DataType, shape: dims, data: data as Value['data'] }];
        }),
      );
    },
    release: () => session.release(),
  };
}

/** What ONNX Runtime reports, in our terms. */
export function ortError(doing: string, cause: unknown): TrainyardError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const remedy = /bad_alloc|out of memory|failed to allocate|allocation failed/i.test(message)
    ? 'memory is used up: take smaller batches, or rematerialise parts of the model'
    : undefined;
  return usageError(`${doing}: ${message}`, remedy);
}

function copyInto(target: TensorArray, source: TensorArray): void {
  if (Array.isArray(target)) target.splice(0, target.length, ...(source as string[]));
  else (target as Float32Array).set(source as Float32Array);
}
