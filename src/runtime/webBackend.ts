import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-node';
import type { Backend, Device } from './backend.ts';
import { ortError, ortSession } from './ortSession.ts';

/** What is used of the package onnxruntime-web. */
export interface OrtWeb {
  readonly InferenceSession: Pick<InferenceSessionFactory, 'create'>;
  readonly Tensor: TensorConstructor;
  readonly env: { readonly wasm: { numThreads?: number } };
}

/**
 * ONNX Runtime as browsers run it: WebAssembly, or WebGPU where the page has imported a build that has it. The package
 * onnxruntime-web is the page's own to install and import.
 *
 * Threads need a page that is cross-origin isolated, and are the same for all sessions: the first one's count stays.
 *
 * @example
 * import * as ort from 'onnxruntime-web';
 * const program = await compile(graph, { backend: webBackend(ort) });
 */
export function webBackend(ort: OrtWeb): Backend {
  return {
    name: 'onnxruntime-web',
    async createSession(model, { threads = 0, devices = ['cpu'] }) {
      if (threads > 0) ort.env.wasm.numThreads = threads;
      const session: InferenceSession = await ort.InferenceSession.create(model, {
        executionProviders: devices.map((device) => providers[device]),
        graphOptimizationLevel: 'all',
        enableMemPattern: false,
        logSeverityLevel: 3,
      }).catch((cause) => {
        throw ortError(`ONNX Runtime cannot prepare the graph for ${devices.join(', ')}`, cause);
      });
      return ortSession(session, ort.Tensor, { writesInto: false });
    },
  };
}

const providers: Readonly<Record<Device, string>> = { cpu: 'wasm', webgpu: 'webgpu', cuda: 'cuda' };
