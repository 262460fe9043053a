import { open, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { openOutputFolder, writeFileAtomically, writingFailed } from '../core/outputFiles.ts';
import { type Graph, nodesOf } from '../graph/graph.ts';
import { ModelProtoSchema } from '../graph/onnx/onnxMessages.ts';
import type { ExternalData } from '../graph/onnx/tensorMessage.ts';
import { onnxModel, type WriteOnnxOptions } from '../graph/onnx/writeOnnx.ts';

/** What {@link saveOnnx} takes besides the graph. */
export interface SaveOnnxOptions extends WriteOnnxOptions {
  /**
   * Bytes of parameters and constants beyond which they go into a file beside the model, called like it with `.data`
   * behind. The format allows 2 GiB a file. Default 1.9e9.
   */
  readonly inlineLimit?: number | undefined;
}

/**
 * Writes a graph as an ONNX file: a trained model, or a training step. Nothing appears at `path` before all is written.
 *
 * @returns Paths of what was written: the model, and the file of its weights if there is one.
 * @throws TrainyardError of kind `file` where nothing can be written.
 * @example
 * await saveOnnx('model.onnx', graphOf({ y }), { values: step.parameters() });
 */
export async function saveOnnx(
  path: string,
  graph: Graph,
  { inlineLimit = 1.9e9, ...options }: SaveOnnxOptions = {},
): Promise<string[]> {
  if (valueBytes(graph, options) <= inlineLimit) {
    const bytes = toBinary(ModelProtoSchema, onnxModel(graph, options));
    await writeFileAtomically(path, (temporary) => writeFile(temporary, bytes));
    return [path];
  }
  const name = basename(path);
  const external: ExternalData = { location: `${name}.data`, threshold: 1024, parts: [] };
  const bytes = toBinary(ModelProtoSchema, onnxModel(graph, options, external));
  const folder = await openOutputFolder(dirname(path));
  try {
    await writeParts(folder.pathFor(external.location), external);
    await writeFile(folder.pathFor(name), bytes);
    return await folder.commit();
  } catch (cause) {
    await folder.discard();
    throw writingFailed(path, cause);
  }
}

function valueBytes({ inputs, outputs }: Graph, { parameterValues = true }: WriteOnnxOptions): number {
  const parameters = parameterValues ? inputs.map(({ node }) => node) : [];
  const nodes = new Set([
    ...parameters,
    ...nodesOf(outputs.values()).filter((one) => !inputs.includes(one.outputs[0])),
  ]);
  let bytes = 0;
  for (const { value } of nodes) {
    if (value && !Array.isArray(value.data)) bytes += value.data.byteLength;
  }
  return bytes;
}

async function writeParts(path: string, { parts }: ExternalData): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const { offset, bytes } of parts) {
      // One call writes 2 GiB at most.
      for (let start = 0; start < bytes.length; start += chunk) {
        const part = bytes.subarray(start, start + chunk);
        let written = 0;
        while (written < part.length) {
          written += (await file.write(part, written, part.length - written, offset + start + written))
            .bytesWritten;
        }
      }
    }
  } finally {
    await file.close();
  }
}

const chunk = 2 ** 30;
