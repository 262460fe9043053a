import { dataError, TrainyardError } from '../../core/errors.ts';
import { numbersOf, type TensorData, tensorData } from '../dataType.ts';
import type { OperatorRule } from '../operator.ts';
import { operatorTable } from '../operatorTable.ts';
import {
  type AttributeValue,
  constantOperator,
  createNode,
  type Tensor,
  type TensorType,
} from '../tensor.ts';
import { attributeValue } from './attributeValue.ts';
import { capturedNames, changed, mapGraphs, subgraphsOf } from './editMessages.ts';
import type { NodeInOpsets, Opsets } from './inlineFunctions.ts';
import { nodeLabel } from './nodesInOrder.ts';
import type { AttributeProto, NodeProto, TypeProto } from './onnxMessages.ts';
import { type ReadExternal, tensorOfMessage, withInlineData } from './tensorMessage.ts';
import { type SizeNames, typeOfMessage } from './typeOfMessage.ts';
import { opset } from './writeOnnx.ts';

/** Files do not tell where in anyone's code a node was made. */
export const place = {};

/** What is known when a node is read. */
export interface NodeSurroundings {
  /** By name, what comes before the node. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** By name, types that the file tells. */
  readonly types: ReadonlyMap<string, TypeProto | undefined>;
  readonly sizes: SizeNames;
  readonly readExternal: ReadExternal;
}

/** The tensors that a node gives: by the graph's own operator where there is one that fits, else carried as it is. */
export function readNode(
  { node, opsets }: NodeInOpsets,
  { tensors, types, sizes, readExternal }: NodeSurroundings,
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
