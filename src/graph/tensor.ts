import { usageError } from '../core/errors.ts';
import { type DataType, type TensorData, tensorData } from './dataType.ts';
import { formatShape, type Shape } from './dimension.ts';
import type { NodeProto, TypeProto } from './onnx/onnxMessages.ts';

/**
 * A symbolic tensor: what a node gives when the graph runs. Operators are functions from tensors to tensors; a graph
 * is nothing but the nodes that its outputs reach. Nothing is ever changed once made.
 */
export interface Tensor extends TensorType {
  readonly node: Node;
  /** Which output of the node it is. */
  readonly index: number;
}

/** One application of an operator. */
export interface Node {
  /** Counts up as nodes are made: inputs always have smaller ids, so ids are an order in which the graph can run. */
  readonly id: number;
  /** ONNX's name, or one of {@link inputOperator}, {@link constantOperator} and {@link customGradientOperator}. */
  readonly operator: string;
  /** Optional inputs left out are `undefined`. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly Tensor[];
  /** Of inputs: the name they are fed by. Else a hint for printing and export. */
  readonly name: string | undefined;
  /** Of constants and parameters. */
  readonly value: TensorData | undefined;
  /** Of {@link customGradientOperator}. */
  readonly rule: CustomRule | undefined;
  /** Of operators of ONNX files that the graph does not know. */
  readonly foreign?: ForeignNode | undefined;
  /** Where the user's code made it; its `stack` is worked out when read. */
  readonly place: { readonly stack?: string };
}

/**
 * From the cotangent of a custom gradient's output to those of its inputs after the first. The inputs are handed in,
 * as the node may have been copied onto others.
 */
export type CustomRule = (cotangent: Tensor, inputs: readonly Tensor[]) => readonly (Tensor | undefined)[];

/** Attributes of a node by ONNX's names. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** Whole numbers and floats alike are numbers; the operator's rule knows which is meant. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | TensorData;

/** Type of a tensor. */
export interface TensorType {
  readonly dtype: DataType;
  readonly shape: Shape;
  /**
   * Of values of ONNX files that are no tensors, or whose type is not told; `dtype` and `shape` then mean nothing. Only
   * the nodes of the file take them.
   */
  readonly foreign?: { readonly type: TypeProto | undefined } | undefined;
}

/** What the graph carries of an operator that it does not know, to run it and to write it back. */
export interface ForeignNode {
  readonly message: NodeProto;
  /** By which names its subgraphs use the node's last inputs. */
  readonly captured: readonly string[];
  /** Versions of the operator sets that the file uses, by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  /** Why it is not known. */
  readonly reason: string;
}

/** Operator of nodes that are fed from outside; with a value they are parameters, ONNX's initializers. */
export const inputOperator = 'Input';

/** Operator of nodes that hold a value. */
export const constantOperator = 'Constant';

/**
 * Operator of nodes that are their first input, except that derivatives go their own way: to the other inputs, by the
 * node's rule. Such nodes never reach a runtime.
 */
export const customGradientOperator = 'CustomGradient';

/**
 * A tensor fed when the graph runs.
 *
 * @param shape Numbers, and names for what is not known yet: `['batch', 4]`. Equal names are equal sizes.
 * @example
 * const x = input('x', 'float32', ['batch', 4]);
 */
export function input(name: string, dtype: DataType, shape: Shape): Tensor {
  for (const size of shape) {
    const valid =
      typeof size === 'number' ? Number.isInteger(size) && size >= 0 : /^[A-Za-z_]\w*$/.test(size);
    if (!valid)
      throw usageError(`invalid size ${size} of input ${name}; expected a number or a name such as batch`);
  }
  return createNode({ operator: inputOperator, name, types: [{ dtype, shape }] }).outputs[0];
}

/**
 * A tensor with a value that training may change: it is fed like an input, and has the value unless fed another.
 *
 * @example
 * const weight = parameter('weight', tensorData('float32', [1, 2, 3, 4], [2, 2]));
 */
export function parameter(name: string, value: TensorData): Tensor {
  return createNode({ operator: inputOperator, name, value, types: [value] }).outputs[0];
}

/** A tensor of fixed values. Numbers become a scalar, or a vector if they are a list. */
export function constant(
  value: TensorData | number | readonly number[],
  dtype: DataType = 'float32',
): Tensor {
  const data =
    typeof value === 'number'
      ? tensorData(dtype, [value], [])
      : 'data' in value
        ? value
        : tensorData(dtype, value);
  return createNode({ operator: constantOperator, value: data, types: [data] }).outputs[0];
}

/** Whether it is fed from outside; parameters are. */
export function isInput({ node }: Tensor): boolean {
  return node.operator === inputOperator;
}

/** `float32[batch, 4]` */
export function formatType({ dtype, shape, foreign }: TensorType): string {
  return foreign ? 'unknown' : dtype + formatShape(shape);
}

let nodes = 0;

/**
 * Makes a node without any check; operators go through `apply`.
 *
 * @internal
 */
export function createNode(parts: {
  operator: string;
  inputs?: readonly (Tensor | undefined)[];
  attributes?: Attributes;
  types: readonly TensorType[];
  name?: string | undefined;
  value?: TensorData | undefined;
  rule?: CustomRule | undefined;
  foreign?: ForeignNode | undefined;
  place?: { readonly stack?: string };
}): Node {
  const outputs: Tensor[] = [];
  const node: Node = {
    id: nodes++,
    operator: parts.operator,
    inputs: parts.inputs ?? [],
    attributes: parts.attributes ?? {},
    outputs,
    name: parts.name,
    value: parts.value,
    rule: parts.rule,
    foreign: parts.foreign,
    place: parts.place ?? currentPlace(),
  };
  for (const [index, { dtype, shape, foreign }] of parts.types.entries()) {
    outputs.push({ dtype, shape: [...shape], foreign, node, index });
  }
  return node;
}

function currentPlace(): { readonly stack?: string } {
  const place: { stack?: string } = {};
  Error.captureStackTrace?.(place, createNode);
  return place;
}
