import { usageError } from '../../core/errors.ts';
import { numbersOf } from '../../graph/dataType.ts';
import { applyOne } from '../../graph/operator.ts';
import { reshape, shapeTensor, slice, transpose } from '../../graph/operators/movement.ts';
import { depthToSpace, resizedAxes, resizing, spaceToDepth } from '../../graph/operators/resize.ts';
import { constant, type Tensor } from '../../graph/tensor.ts';
import { type GradientRule, type RuleNode, reshapeLike } from '../gradientRule.ts';
import { transposedAlong } from './alongAxis.ts';

export const resizingGradients: Readonly<Record<string, GradientRule>> = {
  Resize: resized,
  DepthToSpace: fromBlocks,
  SpaceToDepth: (g, { attributes: { blocksize } }) => [depthToSpace(g, Number(blocksize))],
};

// Whatever the mode, each axis is mapped linearly and apart from the others.
function resized(g: Tensor, node: RuleNode): Tensor[] {
  const [x, , scales, sizes] = node.inputs;
  const { axes: _, ...attributes } = node.attributes;
  if (attributes.coordinate_transformation_mode === 'tf_crop_and_resize') {
    throw usageError('Resize with tf_crop_and_resize has no gradient rule');
  }
  const factors = sizes ? undefined : scales.node.value && numbersOf(scales.node.value);
  if (!sizes && !factors) {
    throw usageError('Resize by scales that are not known before the graph runs has no gradient');
  }
  const back = resizedAxes(node).reduce((cotangent, axis, i) => {
    if (factors ? factors[i] === 1 : g.shape[axis] === x.shape[axis]) return cotangent;
    const target = factors ? [constant([factors[i]])] : [undefined, slice(sizes, [i], [i + 1])];
    return transposedAlong(cotangent, axis, x.shape[axis], x, (identity) =>
      applyOne(resizing.Resize, [identity, undefined, ...target], { ...attributes, axes: [1] }),
    );
  }, g);
  return [back];
}

function fromBlocks(g: Tensor, { inputs: [x], attributes: { blocksize, mode } }: RuleNode): Tensor[] {
  const block = Number(blocksize);
  if (mode !== 'CRD') return [spaceToDepth(g, block)];
  const [batch, , height, width] = x.shape;
  const parted = reshape(g, shapeTensor([batch, g.shape[1], height, block, width, block], [x]));
  return [reshapeLike(transpose(parted, [0, 1, 3, 5, 2, 4]), x)];
}
