import { create } from '@bufbuild/protobuf';
import { dataError } from '../../core/errors.ts';
import { dataTypes, isFloat, numbersOf, sizeOf, type TensorData } from '../dataType.ts';
import { formatShape } from '../dimension.ts';
import { capturedNames } from './editMessages.ts';
import type { NodeInOpsets } from './inlineFunctions.ts';
import {
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type SparseTensorProto,
} from './onnxMessages.ts';
import { type ReadExternal, tensorOfMessage } from './tensorMessage.ts';

/** An initializer of an ONNX file. */
export interface Initializer {
  /** `undefined` for element types that are not known here. */
  readonly value: TensorData | undefined;
  /** Whether it is a weight, not a setting of an operator. */
  readonly trained: boolean;
  /** A node that gives the same, for what is carried as it is. */
  readonly node: NodeProto;
}

/**
 * The initializers of a graph by name, sparse ones spread out. Those that nothing reads are left out, unless they are
 * inputs.
 *
 * @throws TrainyardError of kind `data` for names used twice and tensors that contradict themselves.
 */
export function readInitializers(
  graph: GraphProto,
  nodes: readonly NodeInOpsets[],
  readExternal: ReadExternal,
): Map<string, Initializer> {
  const settings = settingNames(nodes);
  const read = new Set([
    ...nodes.flatMap(({ node }) => [...node.input, ...capturedNames(node)]),
    ...graph.input.map(({ name }) => name),
    ...graph.output.map(({ name }) => name),
  ]);
  const found = new Map<string, Initializer>();
  const names = new Set<string>();
  const add = (name: string, value: () => TensorData | undefined, attribute: object) => {
    if (name === '') throw dataError('an initializer has no name');
    if (names.has(name)) throw dataError(`two initializers are called ${name}`);
    names.add(name);
    if (!read.has(name)) return;
    const data = value();
    const trained = data !== undefined && isFloat(data.dtype) && !settings.has(name);
    const node = create(NodeProtoSchema, {
      opType: 'Constant',
      name,
      output: [name],
      attribute: [create(AttributeProtoSchema, attribute)],
    });
    found.set(name, { value: data, trained, node });
  };
  for (const tensor of graph.initializer) {
    const value = () => tensorOfMessage(tensor, `initializer ${tensor.name}`, readExternal);
    add(tensor.name, value, { name: 'value', type: 4, t: tensor });
  }
  for (const sparse of graph.sparseInitializer) {
    const name = sparse.values?.name ?? '';
    const value = () => denseValue(sparse, `sparse initializer ${name}`, readExternal);
    add(name, value, { name: 'sparse_value', type: 11, sparseTensor: sparse });
  }
  return found;
}

/** Inputs of operators, by place, that say what to do rather than what to do it with. */
const settingInputs: Readonly<Record<string, readonly number[] | undefined>> = {
  Clip: [1, 2],
  Dropout: [1],
  OneHot: [2],
  Pad: [2],
  QuantizeLinear: [1],
  DequantizeLinear: [1],
  Range: [0, 1, 2],
  Resize: [1, 2],
  Upsample: [1],
};

function settingNames(nodes: readonly NodeInOpsets[]): Set<string> {
  const settings = new Set<string>();
  const others = new Set<string>();
  for (const { node } of nodes) {
    const places = settingInputs[node.opType] ?? [];
    for (const [i, name] of node.input.entries()) (places.includes(i) ? settings : others).add(name);
    for (const name of capturedNames(node)) others.add(name);
  }
  for (const name of others) settings.delete(name);
  return settings;
}

function denseValue(
  sparse: SparseTensorProto,
  where: string,
  readExternal: ReadExternal,
): TensorData | undefined {
  const values = sparse.values && tensorOfMessage(sparse.values, `${where}, values`, readExternal);
  const indices = sparse.indices && tensorOfMessage(sparse.indices, `${where}, indices`, readExternal);
  const shape = sparse.dims.map(Number);
  const size = sizeOf(shape);
  if (!values || !indices || !Number.isSafeInteger(size) || shape.some((one) => one < 0)) {
    throw dataError(`${where} has no values, no indices, or the impossible shape ${formatShape(shape)}`);
  }
  const data = dataTypes[values.dtype].create(size);
  const places = numbersOf(indices);
  const width = indices.shape.length === 2 ? shape.length : 1;
  if (places.length !== values.data.length * width) {
    throw dataError(`${where} has ${values.data.length} values, and ${places.length} indices`);
  }
  for (let i = 0; i < values.data.length; i++) {
    let place = 0;
    for (let axis = 0; axis < width; axis++) {
      place = (width === 1 ? 0 : place * shape[axis]) + places[i * width + axis];
    }
    if (!(place >= 0 && place < size)) throw dataError(`${where} has a value at ${place}, beyond its end`);
    data[place] = values.data[i];
  }
  return { dtype: values.dtype, shape, data };
}
