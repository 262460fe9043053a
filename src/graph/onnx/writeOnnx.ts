import { create, toBinary } from '@bufbuild/protobuf';
import { usageError } from '../../core/errors.ts';
import { dataTypes, isFloat, type TensorData } from '../dataType.ts';
import { type Graph, isOperation, nodesOf } from '../graph.ts';
import type { AttributeKind } from '../operator.ts';
import { operatorTable } from '../operatorTable.ts';
import {
  type AttributeValue,
  constantOperator,
  formatType,
  type Node,
  type Tensor,
  type TensorType,
} from '../tensor.ts';
import { changed, renamedNode, subgraphNames } from './editMessages.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnxMessages.ts';
import { type ExternalData, isLarge, tensorMessage } from './tensorMessage.ts';

/** The version of ONNX's operators that graphs are made of. */
export const opset = 21;

/** What {@link writeOnnx} takes besides the graph. */
export interface WriteOnnxOptions {
  /**
   * Whether parameters are written with their values. Without, they are plain inputs, to be fed. Default true.
   */
  readonly parameterValues?: boolean | undefined;
  /** Values of parameters, by name, in place of their own: what training made of them. */
  readonly values?: Readonly<Record<string, TensorData>> | undefined;
}

/**
 * The graph as an ONNX model of standard operators, as bytes of an `.onnx` file.
 *
 * @throws TrainyardError of kind `usage` for values that fit no parameter, and for inputs and outputs of one name.
 * @example
 * writeFileSync('model.onnx', writeOnnx(graph, { values: step.parameters() }));
 */
export function writeOnnx(graph: Graph, options: WriteOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, onnxModel(graph, options)) as Uint8Array<ArrayBuffer>;
}

/**
 * The graph as a message, for those who add to it before writing.
 *
 * @internal
 * @param external Where large tensors go; without, into the message.
 */
export function onnxModel(
  graph: Graph,
  { parameterValues = true, values = {} }: WriteOnnxOptions = {},
  external?: ExternalData,
): ModelProto {
  const { details = {} } = graph;
  const nodes = runningOrder(nodesOf([...graph.outputs.values()]));
  const nameOf = tensorNames(graph, nodes);
  const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.values()]);
  assertValuesFit(graph, values);
  const withValue = graph.inputs.filter(({ node }) => parameterValues && node.value);
  const overridable = new Set(details.overridable);
  const constants = nodes.flatMap(({ operator, outputs }) => (operator === constantOperator ? outputs : []));
  // Floats that are not trained are nodes, by which readers can tell them from weights; but nodes must be in the file.
  const isNode = ({ dtype, node: { value } }: Tensor) =>
    value !== undefined && isFloat(dtype) && !isLarge(value, external);
  const inline = constants.filter(isNode);
  const initializers = constants.filter((tensor) => !isNode(tensor));
  // An output that is a constant, or one tensor under two names, goes through a node of its own.
  const copies = [...graph.outputs].filter(([name, tensor]) => nameOf(tensor) !== name);
  const domains = domainVersions(nodes);
  return create(ModelProtoSchema, {
    irVersion: irVersion(domains.get('') ?? opset),
    producerName: details.producerName ?? 'trainyard',
    producerVersion: details.producerVersion ?? '',
    domain: details.domain ?? '',
    modelVersion: details.modelVersion ?? 0n,
    docString: details.description ?? '',
    metadataProps: Object.entries(details.metadata ?? {}).map(([key, value]) => ({ key, value })),
    opsetImport: [...domains].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    graph: create(GraphProtoSchema, {
      name: graph.name,
      docString: details.graphDescription ?? '',
      node: [
        ...inline.map((tensor) => constantMessage(tensor, nameOf(tensor))),
        ...nodes.filter(isOperation).map((node) => nodeMessage(node, nameOf, read)),
        ...copies.map(([name, tensor]) =>
          create(NodeProtoSchema, { opType: 'Identity', name, input: [nameOf(tensor)], output: [name] }),
        ),
      ],
      initializer: [...withValue, ...initializers].flatMap((tensor) => {
        const { name = '', operator, value } = tensor.node;
        const written = (operator === constantOperator ? undefined : values[name]) ?? value;
        return written ? [tensorMessage(written, nameOf(tensor), external)] : [];
      }),
      input: graph.inputs
        .filter((tensor) => !withValue.includes(tensor) || overridable.has(tensor.node.name ?? ''))
        .map((tensor) => typeMessage(nameOf(tensor), tensor, details.sizeNames)),
      output: [...graph.outputs].map(([name, tensor]) => typeMessage(name, tensor, details.sizeNames)),
    }),
  });
}

function assertValuesFit({ inputs }: Graph, values: Readonly<Record<string, TensorData>>): void {
  const parameters = new Map(inputs.filter(({ node }) => node.value).map((one) => [one.node.name, one]));
  for (const [name, value] of Object.entries(values)) {
    const tensor = parameters.get(name);
    if (!tensor) throw usageError(`no parameter is called ${name}`);
    if (value.dtype !== tensor.dtype || String(value.shape) !== String(tensor.shape)) {
      throw usageError(`parameter ${name} is ${formatType(tensor)}; its value is ${formatType(value)}`);
    }
  }
}

/** Operator sets that the nodes use. What is read from files of newer sets than ours keeps them. */
function domainVersions(nodes: readonly Node[]): Map<string, number> {
  const versions = new Map([['', opset]]);
  for (const { foreign } of nodes) {
    for (const [domain, version] of Object.entries(foreign?.opsets ?? {})) {
      const other = versions.get(domain);
      if (domain !== '' && other !== undefined && other !== version) {
        throw usageError(`the operators of ${domain} come from versions ${other} and ${version}`);
      }
      versions.set(domain, Math.max(version, other ?? 0));
    }
  }
  return versions;
}

// The file format that came with each version of the operators: https://onnx.ai/onnx/repo-docs/Versioning.html
function irVersion(version: number): bigint {
  return version <= 22 ? 10n : 11n;
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
    if (used.has(name) && outputs.get(name) !== tensor) {
      throw usageError(
        outputs.has(name)
          ? `an input and an output are both called ${name}`
          : `two inputs are both called ${name}`,
        'give each a name of its own',
      );
    }
    names.set(tensor, name);
    used.add(name);
  }
  // Names inside subgraphs must not be those of tensors around them.
  for (const { foreign } of nodes)
    for (const name of foreign ? subgraphNames(foreign.message) : []) used.add(name);
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
  if (node.foreign) return foreignMessage(node, nameOf);
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

function constantMessage({ node: { value } }: Tensor, name: string): NodeProto {
  const attribute = value ? [attributeMessage('value', value, 'tensor')] : [];
  return create(NodeProtoSchema, { opType: 'Constant', name, output: [name], attribute });
}

function foreignMessage(node: Node, nameOf: (tensor: Tensor) => string): NodeProto {
  const { message, captured } = node.foreign ?? { message: create(NodeProtoSchema), captured: [] };
  const names = node.inputs.map((tensor) => (tensor ? nameOf(tensor) : ''));
  const own = names.length - captured.length;
  const renamed = new Map(captured.map((name, i) => [name, names[own + i]]));
  return changed(
    renamedNode(message, (name) => renamed.get(name) ?? name),
    {
      // Errors of runtimes name nodes.
      name: message.name || node.outputs.map(nameOf)[0],
      input: names.slice(0, own),
      output: node.outputs.map((tensor, i) => (message.output[i] === '' ? '' : nameOf(tensor))),
    },
  );
}

function typeMessage(
  name: string,
  { dtype, shape, foreign }: TensorType,
  sizeNames: Readonly<Record<string, string>> = {},
): ValueInfoProto {
  if (foreign) return create(ValueInfoProtoSchema, foreign.type ? { name, type: foreign.type } : { name });
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
                : { value: { case: 'dimParam' as const, value: sizeNames[size] ?? size } },
            ),
          },
        },
      },
    },
  });
}
