import { dataError, TrainyardError } from '../../core/errors.ts';
import { dataTypeOfCode, numbersOf, type TensorData, tensorData } from '../dataType.ts';
import type { Graph, ModelDetails } from '../graph.ts';
import type { OperatorRule } from '../operator.ts';
import { operatorTable } from '../operatorTable.ts';
import {
  type AttributeValue,
  constantOperator,
  createNode,
  inputOperator,
  type Tensor,
  type TensorType,
} from '../tensor.ts';
import { attributeValue } from './attributeValue.ts';
import { capturedNames, changed, mapGraphs, subgraphNames, subgraphsOf } from './editMessages.ts';
import { readInitializers } from './initializers.ts';
import { inlineFunctions, type NodeInOpsets, type Opsets, opsetsOf } from './inlineFunctions.ts';
import { nodeLabel, nodesInOrder } from './nodesInOrder.ts';
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TypeProto } from './onnxMessages.ts';
import { type ReadExternal, tensorOfMessage, withInlineData } from './tensorMessage.ts';
import { readableOpsets, type UpgradeContext, upgradeNode } from './upgradeNode.ts';
import { opset } from './writeOnnx.ts';

/**
 * The graph that a model's messages describe.
 *
 * @internal
 */
export function graphOfModel(model: ModelProto, readExternal: ReadExternal): Graph {
  const message = model.graph as GraphProto;
  const opsets = readableVersions(opsetsOf(model.opsetImport), message.node);
  const fresh = freshNames(message);
  const nodes = inlineFunctions(model, opsets, fresh);
  const initializers = readInitializers(message, nodes, readExternal);
  const sizes = sizeNames();
  const tensors = new Map<string, Tensor>();
  const fed: Tensor[] = [];
  const overridable: string[] = [];
  const declared = new Set<string>();

  for (const { name, type } of message.input) {
    if (name === '' || declared.has(name))
      throw dataError(`an input has ${name === '' ? 'no name' : `the name of another, ${name}`}`);
    declared.add(name);
    const initializer = initializers.get(name);
    if (initializer) {
      // Until version 4 of the format all initializers had to be inputs, and it meant nothing.
      if (model.irVersion < 4n) continue;
      overridable.push(name);
      const { value } = initializer;
      if (!value) continue;
      tensors.set(
        name,
        createNode({ operator: inputOperator, name, value, types: [value], place }).outputs[0],
      );
    } else {
      const known = typeOfMessage(type, (size, axis) => sizes.nameOf(size, name, axis));
      tensors.set(name, createNode({ operator: inputOperator, name, types: [known], place }).outputs[0]);
    }
    fed.push(tensors.get(name) as Tensor);
  }
  for (const [name, { value, trained, node }] of initializers) {
    if (tensors.has(name)) continue;
    if (!value) nodes.unshift({ node, opsets });
    else {
      const operator = trained ? inputOperator : constantOperator;
      tensors.set(name, createNode({ operator, name, value, types: [value], place }).outputs[0]);
    }
  }

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
  for (const { node, opsets: own } of nodesInOrder(nodes, new Set(tensors.keys()))) {
    for (const one of upgradeNode(node, own[''] ?? opset, context)) {
      const results = addNode({ node: one, opsets: own }, tensors, types, sizes, readExternal);
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

// Files do not tell where in anyone's code a node was made.
const place = {};

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

interface SizeNames {
  /** Our name for a size of the file's, or for one that the file leaves open. */
  nameOf(size: string, tensor: string, axis: number): string;
  /** The file's names by ours, where they differ. */
  readonly originals: Record<string, string>;
}

function sizeNames(): SizeNames {
  const ours = new Map<string, string>();
  const used = new Set<string>();
  const originals: Record<string, string> = {};
  const unused = (text: string) => {
    const stem = text.replace(/\W+/g, '_').replace(/^(?=\d)|^$/, '_');
    let name = stem;
    for (let i = 2; used.has(name); i++) name = `${stem}_${i}`;
    used.add(name);
    return name;
  };
  return {
    nameOf(size, tensor, axis) {
      if (size === '') return unused(`${tensor}_${axis}`);
      const known = ours.get(size);
      if (known !== undefined) return known;
      const name = unused(size);
      ours.set(size, name);
      if (name !== size) originals[name] = size;
      return name;
    },
    originals,
  };
}

function typeOfMessage(
  type: TypeProto | undefined,
  nameOf: (size: string, axis: number) => string,
): TensorType {
  const unknown: TensorType = { dtype: 'float32', shape: [], foreign: { type } };
  if (type?.value.case !== 'tensorType') return unknown;
  const { elemType, shape } = type.value.value;
  const dtype = dataTypeOfCode(elemType);
  if (!dtype || !shape) return unknown;
  return {
    dtype,
    shape: shape.dim.map(({ value }, axis) => {
      if (value.case === 'dimValue' && value.value >= 0n) return Number(value.value);
      return nameOf(value.case === 'dimParam' ? value.value : '', axis);
    }),
  };
}

/** The tensors that a node gives: by the graph's own operator where there is one that fits, else carried as it is. */
function addNode(
  { node, opsets }: NodeInOpsets,
  tensors: ReadonlyMap<string, Tensor>,
  types: ReadonlyMap<string, TypeProto | undefined>,
  sizes: SizeNames,
  readExternal: ReadExternal,
): readonly Tensor[] {
  const tensorOf = (name: string): Tensor => {
    const tensor = tensors.get(name);
    if (!tensor) throw dataError(`${nodeLabel(node)} takes ${name}, which nothing gives`);
    return tensor;
  };
  const given = node.input.map((name) => (name === '' ? undefined : tensorOf(name)));
  const inputs = given.slice(0, 1 + given.findLastIndex((tensor) => tensor !== undefined));
  const name = node.output.find((one) => one !== '');
  const standard = node.domain === '' || node.domain === 'ai.onnx';
  if (standard && node.opType === constantOperator) {
    const value = constantValue(node, readExternal);
    if (value) return createNode({ operator: constantOperator, name, value, types: [value], place }).outputs;
  }
  const known = standard
    ? nativeNode(node, inputs, readExternal)
    : { reason: `operator ${node.opType} of ${node.domain} is not known` };
  if ('rule' in known) {
    const { rule, attributes, types: inferred } = known;
    return createNode({ operator: rule.name, inputs, attributes, types: inferred, name, place }).outputs;
  }
  const captured = capturedNames(node);
  return createNode({
    // Under a name that no rule has.
    operator: `${standard ? 'ai.onnx' : node.domain}::${node.opType}`,
    inputs: [...given, ...captured.map(tensorOf)],
    types: node.output.map((output) =>
      typeOfMessage(types.get(output), (size, axis) => sizes.nameOf(size, output, axis)),
    ),
    name,
    foreign: {
      message: changed(node, {
        domain: standard ? '' : node.domain,
        attribute: node.attribute.map((one) => withoutFiles(one, nodeLabel(node), readExternal)),
      }),
      captured,
      opsets: usedOpsets(node, opsets),
      reason: known.reason,
    },
    place,
  }).outputs;
}

interface NativeNode {
  readonly rule: OperatorRule;
  readonly attributes: Record<string, AttributeValue>;
  readonly types: readonly TensorType[];
}

function nativeNode(
  node: NodeProto,
  inputs: readonly (Tensor | undefined)[],
  readExternal: ReadExternal,
): NativeNode | { readonly reason: string } {
  const rule = operatorTable[node.opType];
  if (!rule || !Object.hasOwn(operatorTable, node.opType))
    return { reason: `operator ${node.opType} is not known` };
  const untold = inputs.findIndex((tensor) => tensor?.foreign);
  if (untold >= 0) {
    return { reason: `${node.opType} takes ${node.input[untold]}, whose type the file does not tell` };
  }
  const attributes: Record<string, AttributeValue> = {};
  for (const attribute of node.attribute) {
    const found = attributeValue(attribute, readExternal);
    if (!found || rule.attributes[attribute.name] !== found.kind) {
      return { reason: `attribute ${attribute.name} of ${node.opType} is not known` };
    }
    attributes[attribute.name] = found.value;
  }
  const [least, most] = rule.inputs;
  if (inputs.length > most || inputs.length < least || inputs.slice(0, least).includes(undefined)) {
    return { reason: `${node.opType} has ${inputs.length} inputs` };
  }
  if (node.opType === 'Dropout' && inputs[2] && !isFalse(inputs[2])) {
    return { reason: 'Dropout that drops when it runs is not known' };
  }
  try {
    const types = rule.infer({ operator: rule.name, inputs, attributes });
    const wrong = types
      .flatMap(({ shape }) => shape)
      .find((size) => Number(size) < 0 || Number(size) > 2 ** 53);
    if (wrong !== undefined) return { reason: `${node.opType} gives an axis of ${wrong} elements` };
    const fits = types.length >= node.output.length;
    return fits
      ? { rule, attributes, types }
      : { reason: `${node.opType} has ${node.output.length} outputs` };
  } catch (cause) {
    // What is wrong with the file is told by the runtime too; what is only unknown to us must not stop it.
    const message = cause instanceof TrainyardError ? cause.message : `${node.opType}: ${cause}`;
    // The line that called the reader has nothing to do with it.
    return { reason: message.replace(/, at [^ ]+:\d+:\d+$/, '') };
  }
}

function isFalse({ node }: Tensor): boolean {
  return node.value !== undefined && node.operator === constantOperator && numbersOf(node.value)[0] === 0;
}

function constantValue({ attribute }: NodeProto, readExternal: ReadExternal): TensorData | undefined {
  const [one] = attribute;
  if (attribute.length !== 1) return undefined;
  switch (one.name) {
    case 'value':
      return one.t && tensorOfMessage(one.t, 'constant', readExternal);
    case 'value_float':
      return tensorData('float32', [one.f], []);
    case 'value_floats':
      return tensorData('float32', one.floats);
    case 'value_int':
      return { dtype: 'int64', shape: [], data: BigInt64Array.of(one.i) };
    case 'value_ints':
      return { dtype: 'int64', shape: [one.ints.length], data: BigInt64Array.from(one.ints) };
    default:
      return undefined;
  }
}

function withoutFiles(attribute: AttributeProto, where: string, readExternal: ReadExternal): AttributeProto {
  const inline = (tensor: Parameters<typeof withInlineData>[0]) =>
    withInlineData(tensor, where, readExternal);
  const own = attribute.t ? changed(attribute, { t: inline(attribute.t) }) : attribute;
  return mapGraphs(changed(own, { tensors: own.tensors.map(inline) }), (graph) =>
    changed(graph, {
      initializer: graph.initializer.map(inline),
      node: graph.node.map((node) =>
        changed(node, { attribute: node.attribute.map((one) => withoutFiles(one, where, readExternal)) }),
      ),
    }),
  );
}

/** The operator sets that a node and its subgraphs come from, the standard one as the upgrade left it. */
function usedOpsets(node: NodeProto, opsets: Opsets): Opsets {
  const used: Record<string, number> = {};
  const visit = (one: NodeProto) => {
    const domain = one.domain === 'ai.onnx' ? '' : one.domain;
    used[domain] = domain === '' ? Math.max(opset, opsets[''] ?? opset) : (opsets[domain] ?? 1);
    for (const graph of subgraphsOf(one)) graph.node.forEach(visit);
  };
  visit(node);
  return used;
}
