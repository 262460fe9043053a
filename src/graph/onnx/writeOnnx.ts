import { create, toBinary } from '@bufbuild/protobuf';
import { dataTypes, type TensorData } from '../dataType.ts';
import { type Graph, isOperation, nodesOf } from '../graph.ts';
import type { AttributeKind } from '../operator.ts';
import { operatorTable } from '../operatorTable.ts';
import { type AttributeValue, constantOperator, type Node, type Tensor, type TensorType } from '../tensor.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnxMessages.ts';
import { tensorBytes } from './tensorBytes.ts';

/** The version of ONNX's operators that graphs are made of. */
export const opset = 21;

/** What {@link writeOnnx} takes besides the graph. */
export interface WriteOnnxOptions {
  /**
   * Whether parameters are written with their values. Without, they are plain inputs, to be fed. Default true.
   */
  readonly parameterValues?: boolean | undefined;
}

/**
 * The graph as an ONNX model of standard operators, as bytes of an `.onnx` file.
 *
 * @example
 * writeFileSync('model.onnx', writeOnnx(graph));
 */
export function writeOnnx(graph: Graph, options: WriteOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, onnxModel(graph, options)) as Uint8Array<ArrayBuffer>;
}

/**
 * The graph as a message, for those who add to it before writing.
 *
 * @internal
 */
export function onnxModel(graph: Graph, { parameterValues = true }: WriteOnnxOptions = {}): ModelProto {
  const nodes = runningOrder(nodesOf([...graph.outputs.values()]));
  const nameOf = tensorNames(graph, nodes);
  const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.values()]);
  const withValue = graph.inputs.filter(({ node }) => parameterValues && node.value);
  const constants = nodes.filter(({ operator }) => operator === constantOperator);
  // An output that is an input or a constant, or one tensor under two names, goes through a node of its own.
  const copies = [...graph.outputs].filter(([name, tensor]) => nameOf(tensor) !== name);
  return create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: 'trainyard',
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: [
        ...nodes.filter(isOperation).map((node) => nodeMessage(node, nameOf, read)),
        ...copies.map(([name, tensor]) =>
          create(NodeProtoSchema, { opType: 'Identity', name, input: [nameOf(tensor)], output: [name] }),
        ),
      ],
      initializer: [...withValue.map(({ node }) => node), ...constants].flatMap((node) =>
        node.value ? [tensorMessage(node.value, nameOf(node.outputs[0]))] : [],
      ),
      input: graph.inputs
        .filter((tensor) => !withValue.includes(tensor))
        .map((tensor) => typeMessage(nameOf(tensor), tensor)),
      output: [...graph.outputs].map(([name, tensor]) => typeMessage(name, tensor)),
    }),
  });
}

/**
 * ONNX Runtime walks back from the nodes that nothing else needs, the last one in the file first. Those that can run
 * first are put last: gradients of the last layers, which then free what they need.
 *
 * @internal
 */
export function runningOrder(nodes: readonly Node[]): Node[] {
  const needed = new Set(nodes.flatMap(({ inputs }) => inputs.map((tensor) => tensor?.node)));
  const readyAfter = ({ inputs }: Node) =>
    inputs.reduce(
      (last, tensor) => (tensor && isOperation(tensor.node) ? Math.max(last, tensor.node.id) : last),
      -1,
    );
  const ends = nodes.filter((node) => !needed.has(node));
  ends.sort((a, b) => readyAfter(b) - readyAfter(a));
  return [...nodes.filter((node) => needed.has(node)), ...ends];
}

/** A name for every tensor: those of inputs and outputs as given, the rest after their operators. */
function tensorNames({ inputs, outputs }: Graph, nodes: readonly Node[]): (tensor: Tensor) => string {
  const names = new Map<Tensor, string>();
  const used = new Set(outputs.keys());
  const counts = new Map<string, number>();
  for (const tensor of inputs) {
    const name = tensor.node.name ?? 'input';
    names.set(tensor, used.has(name) ? unused(name) : name);
    used.add(name);
  }
  for (const [name, tensor] of outputs) {
    if (!names.has(tensor) && isOperation(tensor.node)) names.set(tensor, name);
  }
  for (const node of nodes) {
    for (const tensor of node.outputs) {
      if (names.has(tensor)) continue;
      const name = unused(node.name ?? node.operator.toLowerCase());
      names.set(tensor, name);
      used.add(name);
    }
  }
  return (tensor) => names.get(tensor) ?? '';

  function unused(stem: string): string {
    if (!used.has(stem)) return stem;
    const count = (counts.get(stem) ?? 1) + 1;
    counts.set(stem, count);
    return used.has(`${stem}_${count}`) ? unused(stem) : `${stem}_${count}`;
  }
}

function nodeMessage(
  node: Node,
  nameOf: (tensor: Tensor) => string,
  read: ReadonlySet<Tensor | undefined>,
): NodeProto {
  const { attributes: kinds = {}, leastOutputs = node.outputs.length } = operatorTable[node.operator] ?? {};
  const needed = Math.max(leastOutputs, 1 + node.outputs.findLastIndex((tensor) => read.has(tensor)));
  const given = Object.entries(node.attributes).filter(([, value]) => value !== undefined);
  return create(NodeProtoSchema, {
    opType: node.operator,
    name: nameOf(node.outputs[0]),
    input: node.inputs.map((tensor) => (tensor ? nameOf(tensor) : '')),
    output: node.outputs.slice(0, needed).map(nameOf),
    attribute: given.map(([name, value]) => attributeMessage(name, value as AttributeValue, kinds[name])),
  });
}

function attributeMessage(name: string, value: AttributeValue, kind: AttributeKind): AttributeProto {
  const text = new TextEncoder();
  const fields = {
    float: () => ({ type: 1, f: value as number }),
    int: () => ({ type: 2, i: BigInt(value as number) }),
    string: () => ({ type: 3, s: text.encode(value as string) }),
    tensor: () => ({ type: 4, t: tensorMessage(value as TensorData, '') }),
    floats: () => ({ type: 6, floats: [...(value as readonly number[])] }),
    ints: () => ({ type: 7, ints: (value as readonly number[]).map(BigInt) }),
    strings: () => ({ type: 8, strings: (value as readonly string[]).map((one) => text.encode(one)) }),
  } satisfies Record<AttributeKind, () => object>;
  return create(AttributeProtoSchema, { name, ...fields[kind]() });
}

function tensorMessage(value: TensorData, name: string): TensorProto {
  const { dtype, shape, data } = value;
  const common = { name, dims: shape.map(BigInt), dataType: dataTypes[dtype].code };
  if (Array.isArray(data)) {
    return create(TensorProtoSchema, {
      ...common,
      stringData: data.map((one) => new TextEncoder().encode(one)),
    });
  }
  return create(TensorProtoSchema, { ...common, rawData: tensorBytes(value) });
}

function typeMessage(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: dataTypes[dtype].code,
          shape: {
            dim: shape.map((size) =>
              typeof size === 'number'
                ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
                : { value: { case: 'dimParam' as const, value: size } },
            ),
          },
        },
      },
    },
  });
}
