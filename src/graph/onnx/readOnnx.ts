import { fromBinary } from '@bufbuild/protobuf';
import { dataError, usageError } from '../../core/errors.ts';
import type { Graph } from '../graph.ts';
import { graphOfModel } from './graphOfModel.ts';
import { type ModelProto, ModelProtoSchema } from './onnxMessages.ts';
import type { ReadExternal } from './tensorMessage.ts';

/** What {@link readOnnx} takes besides the file. */
export interface ReadOnnxOptions {
  /** Reads files beside the model, for weights that are not in it. Needed only where the model says so. */
  readonly readExternal?: ReadExternal | undefined;
}

/**
 * An ONNX model as a graph: operators of versions 7 to 23 become what version 21 has for them; floating-point
 * initializers become parameters, to be trained or fed; functions of the file become their nodes. Operators that the
 * graph does not know, among them those with subgraphs, are carried as they are: they run and are written back, and
 * only a gradient through them is refused.
 *
 * @param bytes Of the `.onnx` file.
 * @throws TrainyardError of kind `data` for what is no ONNX model, or one that contradicts itself.
 * @example
 * const graph = readOnnx(new Uint8Array(await response.arrayBuffer()));
 * const program = await compile(graph);
 */
export function readOnnx(bytes: Uint8Array, { readExternal = noFiles }: ReadOnnxOptions = {}): Graph {
  const model = decodeModel(bytes);
  if (!model.graph) {
    throw dataError(`not an ONNX model: no graph in ${bytes.length} bytes`, 'name a file that ends in .onnx');
  }
  return graphOfModel(model, model.graph, readExternal);
}

function decodeModel(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw dataError(
      `not an ONNX model, or only a part of one: ${message}, in ${bytes.length} bytes`,
      'check that the file was copied whole, and is no pointer to a file kept elsewhere',
    );
  }
}

function noFiles(location: string): never {
  throw usageError(
    `the weights are in another file, ${location}`,
    'read from a path, loadOnnx(path), or give readExternal',
  );
}
