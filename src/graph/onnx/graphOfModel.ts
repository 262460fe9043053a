import { dataError } from '../../core/errors.ts';
import type { TensorData } from '../dataType.ts';
import type { Graph, ModelDetails } from '../graph.ts';
import { constantOperator, createNode, inputOperator, type Tensor, type TensorType } from '../tensor.ts';
import { capturedNames, subgraphNames } from './editMessages.ts';
import { type Initializer, readInitializers } from './initializers.ts';
import { inlineFunctions, type Opsets, opsetsOf } from './inlineFunctions.ts';
import { nodeLabel, nodesInOrder } from './nodesInOrder.ts';
import type { GraphProto, ModelProto, NodeProto } from './onnxMessages.ts';
import { place, readNode } from './readNode.ts';
import type { ReadExternal } from './tensorMessage.ts';
import { type SizeNames, sizeNames, typeOfMessage } from './typeOfMessage.ts';
import { readableOpsets, type UpgradeContext, upgradeNode } from './upgradeNode.ts';
import { opset } from './writeOnnx.ts';

/**
 * The graph that a model's messages describe.
 *
 * @internal
 * @param message The model's own graph.
 */
export function graphOfModel(model: ModelProto, message: GraphProto, readExternal: ReadExternal): Graph {
  const opsets = readableVersions(opsetsOf(model.opsetImport), message.node);
  const fresh = freshNames(message);
  const nodes = inlineFunctions(model, opsets, fresh);
  const initializers = readInitializers(message, nodes, readExternal);
  const sizes = sizeNames();
  const { fed, overridable, tensors, carried } = readInputs(model, initializers, sizes);
  for (const node of carried) nodes.unshift({ node, opsets });
  const types = new Map(
    [...message.valueInfo, ...message.output].map(({ name, type }) => [name, type] as const),
  );
  const read = new Set([
    ...nodes.flatMap(({ node }) => [...node.input, ...capturedNames(node)]),
    ...message.output.map(({ name }) => name),
  ]);
  const context: UpgradeContext = {
    fresh,
    typeOf: (name) => {
      const tensor = tensors.get(name);
      return tensor && !tensor.foreign ? { dtype: tensor.dtype, rank: tensor.shape.length } : undefined;
    },
    constantOf: (name) => tensors.get(name)?.node.value,
    isRead: (name) => read.has(name),
  };
  const surroundings = { tensors, types, sizes, readExternal };
  for (const { node, opsets: own } of nodesInOrder(nodes, new Set(tensors.keys()))) {
    for (const one of upgradeNode(node, own[''] ?? opset, context)) {
      const results = readNode({ node: one, opsets: own }, surroundings);
      for (const [i, name] of one.output.entries()) if (name !== '') tensors.set(name, results[i]);
    }
  }

  const outputs = new Map<string, Tensor>();
  for (const { name } of message.output) {
    const tensor = tensors.get(name);
    if (!tensor) throw dataError(`nothing gives the output ${name}`);
    if (outputs.has(name)) throw dataError(`two outputs are called ${name}`);
    outputs.set(name, tensor);
  }
  if (outputs.size === 0) throw dataError('the graph has no outputs');
  const parameters = [...initializers.keys()].flatMap((name) => {
    const tensor = tensors.get(name);
    return tensor?.node.operator === inputOperator && read.has(name) ? [tensor] : [];
  });
  return {
    name: message.name,
    inputs: [...new Set([...fed, ...parameters])],
    outputs,
    details: detailsOf(model, overridable, sizes.originals),
  };
}

/** The tensors that are there before any node runs. */
function readInputs(
  { graph, irVersion }: ModelProto,
  initializers: ReadonlyMap<string, Initializer>,
  sizes: SizeNames,
) {
  const tensors = new Map<string, Tensor>();
  const fed: Tensor[] = [];
  const overridable: string[] = [];
  const add = (operator: string, name: string, type: TensorType, value?: TensorData): Tensor => {
    const [tensor] = createNode({ operator, name, value, types: [type], place }).outputs;
    tensors.set(name, tensor);
    return tensor;
  };
  const declared = new Set<string>();
  for (const { name, type } of graph?.input ?? []) {
    if (name === '') throw dataError('an input has no name');
    if (declared.has(name)) throw dataError(`an input has the name of another, ${name}`);
    declared.add(name);
    const initializer = initializers.get(name);
    if (!initializer) {
      const known = typeOfMessage(type, (size, axis) => sizes.nameOf(size, name, axis));
      fed.push(add(inputOperator, name, known));
    } else if (initializer.value && irVersion >= 4n) {
      // Until version 4 of the format all initializers had to be inputs, and it meant nothing.
      fed.push(add(inputOperator, name, initializer.value, initializer.value));
      overridable.push(name);
    }
  }
  const carried: NodeProto[] = [];
  for (const [name, { value, trained, node }] of initializers) {
    if (tensors.has(name)) continue;
    if (value) add(trained ? inputOperator : constantOperator, name, value, value);
    else carried.push(node);
  }
  return { tensors, fed, overridable, carried };
}

function detailsOf(
  model: ModelProto,
  overridable: readonly string[],
  originals: Readonly<Record<string, string>>,
): ModelDetails {
  return {
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    domain: model.domain,
    modelVersion: model.modelVersion,
    description: model.docString,
    graphDescription: model.graph?.docString,
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    overridable,
    sizeNames: originals,
  };
}

function readableVersions(opsets: Record<string, number>, nodes: readonly NodeProto[]): Opsets {
  const { least, most } = readableOpsets;
  const version = opsets[''];
  if (version === undefined) {
    const standard = nodes.find(({ domain }) => domain === '' || domain === 'ai.onnx');
    if (standard) throw dataError(`the file does not tell from which operator set ${nodeLabel(standard)} is`);
    return { ...opsets, '': opset };
  }
  if (version >= least && version <= most) return opsets;
  throw dataError(
    `the file is of operator set ${version}; ${least} to ${most} can be read`,
    'convert it in Python: onnx.version_converter.convert_version(model, 21)',
  );
}

/** Makes names that a graph does not use. */
function freshNames(message: GraphProto): (stem: string) => string {
  const used = new Set([
    ...message.input.map(({ name }) => name),
    ...message.initializer.map(({ name }) => name),
    ...message.node.flatMap((node) => [...node.output, ...subgraphNames(node)]),
  ]);
  const counts = new Map<string, number>();
  return (stem) => {
    let name = stem;
    while (used.has(name)) {
      const count = (counts.get(stem) ?? 1) + 1;
      counts.set(stem, count);
      name = `${stem}_${count}`;
    }
    used.add(name);
    return name;
  };
}
