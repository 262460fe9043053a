import { usageError } from '../core/errors.ts';
import type { TensorData } from '../graph/dataType.ts';
import type { Tensor } from '../graph/tensor.ts';
import { leavesOf, type TensorTree } from '../graph/tensorTree.ts';

/** A parameter with the value it starts at. */
export interface StartingParameter {
  readonly tensor: Tensor;
  readonly value: TensorData;
}

/**
 * The parameters of a tree by the names they were made with.
 *
 * @throws TrainyardError of kind `usage` for parameters without a value, and for two of one name.
 */
export function namedParameters(tree: TensorTree): Map<string, StartingParameter> {
  const named = new Map<string, StartingParameter>();
  for (const [, tensor] of leavesOf(tree)) {
    const { name = '' } = tensor.node;
    if (named.has(name)) throw usageError('two parameters have one name', 'give each its own');
    named.set(name, { tensor, value: startOf(name, tensor) });
  }
  return named;
}

/** The value that a parameter starts at. */
export function startOf(name: string, { node }: Tensor): TensorData {
  if (node.value) return node.value;
  throw usageError(`parameter ${name || '(unnamed)'} has no value`, 'make it with parameter(name, value)');
}
