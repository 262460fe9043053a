import type { InferenceSession, TensorConstructor } from 'onnxruntime-node';
import type { DataType } from '../graph/dataType.ts';
import type { Session, Value } from './backend.ts';

/** A session of ONNX Runtime, whichever build: those for Node and for browsers have one interface. */
export function ortSession(session: InferenceSession, Tensor: TensorConstructor): Session {
  const wrap = ({ dtype, data, shape }: Value) =>
    new Tensor(dtype as 'float32', data as Float32Array, shape as number[]);
  return {
    async run(feeds, outputs, into) {
      const given = Object.fromEntries(Array.from(feeds, ([name, value]) => [name, wrap(value)]));
      const wanted = Object.fromEntries(
        outputs.map((name) => {
          const value = into?.get(name);
          return [name, value ? wrap(value) : null];
        }),
      );
      const results = await session.run(given, wanted);
      return new Map(
        outputs.map((name) => {
          const { type, dims, data } = results[name];
          return [
            name,
            into?.get(name) ?? { dtype: type as DataType, shape: dims, data: data as Value['data'] },
          ];
        }),
      );
    },
    release: () => session.release(),
  };
}
