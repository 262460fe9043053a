import { availableParallelism } from 'node:os';
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { usageError } from '../core/errors.ts';
import type { Backend } from './backend.ts';
import { ortError, ortSession } from './ortSession.ts';

/** ONNX Runtime as Node runs it: native code, with the processor's own instructions. */
export const nodeBackend: Backend = {
  name: 'onnxruntime-node',
  async createSession(model, { threads = 0, devices = ['cpu'] }) {
    const there = listSupportedBackends().map(({ name }) => name);
    const missing = devices.find((device) => !there.includes(device));
    if (missing !== undefined) {
      throw usageError(
        `ONNX Runtime was not built for ${missing} on this platform; it runs on ${there.join(', ')}`,
        "leave it out of devices, as in devices: ['cpu']",
      );
    }
    const session = await InferenceSession.create(model, {
      executionProviders: [...devices],
      intraOpNumThreads: threads || availableParallelism(),
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // The arena keeps freed blocks and a pattern reserves all at once: both cost memory on training graphs.
      enableMemPattern: false,
      logSeverityLevel: 3,
    }).catch((cause) => {
      throw ortError(`ONNX Runtime cannot prepare the graph for ${devices.join(', ')}`, cause);
    });
    return ortSession(session, Tensor, { writesInto: true });
  },
};
