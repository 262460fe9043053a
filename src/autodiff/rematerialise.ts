import { isFloat } from '../graph/dataType.ts';
import { isStatic } from '../graph/dimension.ts';
import { isOperation, nodesOf } from '../graph/graph.ts';
import { integers } from '../graph/operator.ts';
import { add, cast, isNan, min } from '../graph/operators/elementwise.ts';
import { movement, reshape, shapeOf, slice } from '../graph/operators/movement.ts';
import { reduceSum } from '../graph/operators/reduction.ts';
import { copyOf } from '../graph/rewrite.ts';
import { constant, createNode, type Node, type Tensor } from '../graph/tensor.ts';
import { customGradient } from './customGradient.ts';
import { vectorJacobianProduct } from './gradient.ts';

/**
 * Marks a block of a model: what it computes on the way is not kept for the backward pass but computed again there
 * (Chen et al. 2016, "Training deep nets with sublinear memory cost"). Values and gradients stay the same to the bit;
 * memory falls by the block's activations, time rises by one more forward pass of the block.
 *
 * @param block May use any tensor, parameters among them, not only the `inputs`.
 * @example
 * const y = rematerialise((x) => residualBlock(parameters, x), x);
 */
export function rematerialise(block: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): Tensor {
  // Nodes are numbered as they are made: all that the block makes comes after this one.
  const start = constant(0).node.id;
  const output = block(...inputs);
  const inside = nodesOf([output]).filter((node) => node.id > start && isOperation(node));
  const outside = tensorsInto(inside);
  return customGradient(output, outside, (cotangent, given) => {
    const zero = zeroAfter(cotangent);
    const sources = given.map((tensor) => (isOperation(tensor.node) ? waiting(tensor, zero) : tensor));
    const again = repeat(inside, new Map(outside.map((tensor, i) => [tensor, sources[i]])));
    const floats = sources.filter(({ dtype }) => isFloat(dtype));
    const found = vectorJacobianProduct([again(output)], [cotangent], floats);
    return sources.map((tensor) => found[floats.indexOf(tensor)]);
  });
}

function tensorsInto(inside: readonly Node[]): Tensor[] {
  const own = new Set(inside);
  const all = inside.flatMap(({ inputs }) => inputs.filter((tensor) => tensor !== undefined));
  return [...new Set(all)].filter(({ node }) => !own.has(node));
}

/** The nodes once more, on other sources. */
function repeat(inside: readonly Node[], sources: ReadonlyMap<Tensor, Tensor>): (tensor: Tensor) => Tensor {
  const again = new Map(sources);
  const renew = (tensor: Tensor) => again.get(tensor) ?? tensor;
  for (const node of inside) {
    const copy = copyOf(
      node,
      node.inputs.map((tensor) => tensor && renew(tensor)),
    );
    for (const [i, output] of node.outputs.entries()) again.set(output, copy.outputs[i]);
  }
  return renew;
}

// Without a tie to the cotangent the runtime would see the same work twice and do it once, or do it too early. The tie
// is a shape that hangs on the cotangent: a zero that no one can know beforehand is added to it.
function waiting(tensor: Tensor, zero: Tensor): Tensor {
  const { shape } = tensor;
  const target = add(isStatic(shape) ? integers(shape) : shapeOf(tensor), zero);
  return createNode({
    operator: movement.Reshape.name,
    inputs: [tensor, target],
    attributes: { allowzero: 1 },
    types: [tensor],
  }).outputs[0];
}

function zeroAfter(cotangent: Tensor): Tensor {
  const first = slice(reshape(cotangent, [-1]), [0], [1]);
  return min(reduceSum(cast(isNan(first), 'int64')), constant(0, 'int64'));
}
