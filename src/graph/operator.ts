import { type TrainyardError, usageError } from '../core/errors.ts';
import { type DataType, isFloat, type TensorData } from './dataType.ts';
import {
  type Attributes,
  type AttributeValue,
  constant,
  createNode,
  formatType,
  type Tensor,
  type TensorType,
} from './tensor.ts';
import { userLine } from './userLine.ts';

/** What an operator is: ONNX's definition, as far as types go. Values are ONNX Runtime's business. */
export interface OperatorRule {
  /** ONNX's name. */
  readonly name: string;
  /** ONNX's domain; the standard one unless given. */
  readonly domain?: string | undefined;
  /** What attributes it takes. */
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  /** How many inputs it takes, least and most. */
  readonly inputs: readonly [least: number, most: number];
  /** How many outputs must be there; those behind them are left out where nothing reads them. All unless given. */
  readonly leastOutputs?: number | undefined;
  /** Types of all its outputs. Throws {@link callError} for inputs that do not fit. */
  infer(call: OperatorCall): readonly TensorType[];
}

/** ONNX's types of attributes. */
export type AttributeKind = 'int' | 'float' | 'string' | 'ints' | 'floats' | 'strings' | 'tensor';

/** An application of an operator while its types are worked out. */
export interface OperatorCall {
  readonly operator: string;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Attributes;
}

/** A tensor, or a number that becomes a scalar of the other operand's type. */
export type TensorLike = Tensor | number;

/**
 * Applies an operator: checks the call and makes the node. The functions that users call end here.
 *
 * @throws TrainyardError of kind `usage` naming the operator, the types it met and the user's line.
 */
export function apply(
  rule: OperatorRule,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes = {},
): readonly Tensor[] {
  const call: OperatorCall = { operator: rule.name, inputs, attributes };
  const [least, most] = rule.inputs;
  if (inputs.length > most || inputs.slice(0, least).includes(undefined) || inputs.length < least) {
    const expected =
      least === most ? least : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
    throw callError(call, `takes ${expected} inputs, not ${inputs.length}`);
  }
  if (inputs.some((tensor) => tensor?.foreign)) {
    throw callError(
      call,
      'the type of an input is not known: an ONNX file does not tell it',
      'add types to the file: onnx.shape_inference.infer_shapes',
    );
  }
  const unknown = Object.keys(attributes).find((name) => !Object.hasOwn(rule.attributes, name));
  if (unknown !== undefined) {
    throw callError(
      call,
      `has no attribute ${unknown}; it takes ${Object.keys(rule.attributes).join(', ') || 'none'}`,
    );
  }
  return createNode({ operator: rule.name, inputs, attributes, types: rule.infer(call) }).outputs;
}

/** Applies an operator and returns its first output. */
export function applyOne(
  rule: OperatorRule,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes = {},
): Tensor {
  return apply(rule, inputs, attributes)[0];
}

/** Names the rules of a family after their keys. */
export function operatorFamily<Name extends string>(
  rules: Readonly<
    Record<Name, Omit<OperatorRule, 'name' | 'attributes'> & Partial<Pick<OperatorRule, 'attributes'>>>
  >,
): Readonly<Record<Name, OperatorRule>> {
  const named = Object.entries(rules).map(([name, rule]) => [
    name,
    { attributes: {}, ...(rule as object), name },
  ]);
  return Object.fromEntries(named) as Record<Name, OperatorRule>;
}

/** The error of a call that does not fit: `MatMul of float32[2, 3] and float32[4, 5]: …, at model.ts:12:3`. */
export function callError(call: OperatorCall, problem: string, remedy?: string): TrainyardError {
  const types = call.inputs.filter((one) => one !== undefined).map(formatType);
  const where = userLine(new Error().stack);
  return usageError(
    `${call.operator}${types.length > 0 ? ` of ${types.join(' and ')}` : ''}: ${problem}${where ? `, at ${where}` : ''}`,
    remedy,
  );
}

/** An input that the operator cannot do without. */
export function inputOf(call: OperatorCall, index: number): Tensor {
  const tensor = call.inputs[index];
  if (!tensor) throw callError(call, `input ${index} is missing`);
  return tensor;
}

/** An attribute that is a number. */
export function numberOf(call: OperatorCall, name: string, otherwise: number): number {
  const value = call.attributes[name] ?? otherwise;
  if (typeof value !== 'number') throw wrongAttribute(call, name, value, 'a number');
  return value;
}

/** An attribute that is a list of numbers. */
export function numbersAttribute(call: OperatorCall, name: string): readonly number[] | undefined {
  const value = call.attributes[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'number')) {
    throw wrongAttribute(call, name, value, 'a list of numbers');
  }
  return value as readonly number[];
}

/** An attribute that is a word. */
export function textOf(call: OperatorCall, name: string, otherwise: string): string {
  const value = call.attributes[name] ?? otherwise;
  if (typeof value !== 'string') throw wrongAttribute(call, name, value, 'a text');
  return value;
}

function wrongAttribute(
  call: OperatorCall,
  name: string,
  value: AttributeValue,
  expected: string,
): TrainyardError {
  return callError(call, `attribute ${name} is ${JSON.stringify(value)}; expected ${expected}`);
}

/** An axis counted from the front; negative ones count from the back. */
export function axisOf(call: OperatorCall, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && counted >= 0 && counted < rank) return counted;
  throw callError(
    call,
    rank === 0 ? `no axis ${axis}: a scalar has none` : `no axis ${axis}; expected ${-rank} to ${rank - 1}`,
  );
}

/** Fails unless all inputs given have one type, which is returned. */
export function commonDataType(call: OperatorCall): DataType {
  const [first, ...rest] = call.inputs.filter((one) => one !== undefined);
  if (rest.some(({ dtype }) => dtype !== first.dtype)) {
    throw callError(call, 'element types differ', 'cast one of them: cast(x, dtype)');
  }
  return first.dtype;
}

/** Fails unless an input has floating-point elements. */
export function assertFloat(call: OperatorCall, index = 0): void {
  if (!isFloat(inputOf(call, index).dtype)) {
    throw callError(
      call,
      `expected floats, not ${inputOf(call, index).dtype}`,
      "cast first: cast(x, 'float32')",
    );
  }
}

/** Turns numbers among operands into scalars of the type of the tensor beside them. */
export function operands(...values: readonly TensorLike[]): Tensor[] {
  const tensor = values.find((value) => typeof value !== 'number');
  const dtype = typeof tensor === 'object' ? tensor.dtype : 'float32';
  return values.map((value) => (typeof value === 'number' ? constant(value, dtype) : value));
}

/** Whole numbers as a constant, the way ONNX takes axes and shapes. */
export function integers(values: readonly number[]): Tensor {
  return constant({
    dtype: 'int64',
    shape: [values.length],
    data: BigInt64Array.from(values, BigInt),
  } satisfies TensorData);
}
