import { isFloat, numbersOf, sizeOf, type TensorData, tensorData } from './dataType.ts';
import { isStatic } from './dimension.ts';
import { integersOf } from './shapeValues.ts';
import { constantOperator, type Node } from './tensor.ts';

// Larger results cost more in the file than they save in the run.
const largest = 1024;

/**
 * The values of a node whose inputs are all constant, where they are cheap to work out here.
 *
 * @returns `undefined` where they are not, or hang on what is fed.
 */
export function foldConstant(node: Node): TensorData | undefined {
  const [output] = node.outputs;
  if (node.outputs.length !== 1 || !isStatic(output.shape) || sizeOf(output.shape) > largest)
    return undefined;
  const whole = integersOf(output);
  if (whole) return tensorData(output.dtype, whole, output.shape);
  const values = node.inputs.map((tensor) =>
    tensor?.node.operator === constantOperator ? tensor.node.value : undefined,
  );
  const [first] = values;
  if (first && reshaping.has(node.operator)) return { ...first, shape: output.shape };
  const function_ = functions[node.operator];
  if (!function_ || output.dtype === 'float16' || output.dtype === 'bfloat16' || !isFloat(output.dtype))
    return undefined;
  if (!values.every((value) => value !== undefined)) return undefined;
  const operands = values.map((value) => spread(value, output.shape as readonly number[]));
  const result = Float64Array.from({ length: sizeOf(output.shape) }, (_, i) =>
    function_(...operands.map((operand) => operand(i))),
  );
  return tensorData(output.dtype, result, output.shape);
}

const reshaping = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

// Only functions that every machine rounds alike: folding must not change a result.
const functions: Readonly<Record<string, (...operands: number[]) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Neg: (a) => -a,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Reciprocal: (a) => 1 / a,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Identity: (a) => a,
  Cast: (a) => a,
  Expand: (a) => a,
};

/** Reads an operand as if it were broadcast to a shape. */
function spread(value: TensorData, shape: readonly number[]): (index: number) => number {
  const numbers = numbersOf(value);
  if (numbers.length === 1) return () => numbers[0];
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let axis = shape.length - 1, own = value.shape.length - 1; own >= 0; axis--, own--) {
    if (value.shape[own] !== 1) strides[axis] = stride;
    stride *= value.shape[own];
  }
  return (index) => {
    let at = 0;
    let rest = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return numbers[at];
  };
}
