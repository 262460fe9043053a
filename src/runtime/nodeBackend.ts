import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Backend } from './backend.ts';
import { ortSession } from './ortSession.ts';

/** ONNX Runtime as Node runs it: native code, with the processor's own instructions. */
export const nodeBackend: Backend = {
  name: 'onnxruntime-node',
  async createSession(model, { threads = 0, devices = ['cpu'] }) {
    const session = await InferenceSession.create(model, {
      executionProviders: [...devices],
      intraOpNumThreads: threads || availableParallelism(),
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // The arena keeps freed blocks and a pattern reserves all at once: both cost memory on training graphs.
      enableMemPattern: false,
      logSeverityLevel: 3,
    });
    return ortSession(session, Tensor);
  },
};
