import { elementwise } from './operators/elementwise.ts';
import { createNode, type Node, type Tensor } from './tensor.ts';

/**
 * Marks a tensor whose statistics describe the batch at hand, whatever its size, rather than all samples of an update:
 * what batch normalisation takes its mean and variance of. Without effect on values.
 */
export function withinBatch(x: Tensor): Tensor {
  return createNode({ operator: elementwise.Identity.name, inputs: [x], types: [x], name: mark }).outputs[0];
}

/** Whether a node is such a mark. */
export function isWithinBatch({ operator, name }: Node): boolean {
  return operator === elementwise.Identity.name && name === mark;
}

const mark = 'withinBatch';
