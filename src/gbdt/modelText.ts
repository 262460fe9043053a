import { splitCounts } from './importance.ts';
import type { Model } from './model.ts';
import { formatExactly, formatShort } from './numberText.ts';
import type { Tree } from './tree.ts';

/**
 * The model as text in LightGBM's format, version 4, to be loaded by LightGBM 3 or later and by `readModel`.
 *
 * Source: LightGBM `gbdt_model_text.cpp`, `tree.cpp`.
 */
export function writeModel(model: Model): string {
  const blocks = model.trees.map((tree, i) => `Tree=${i}\n${treeText(tree)}\n\n`);
  const encoder = new TextEncoder();
  const lines = [
    'tree',
    'version=v4',
    `num_class=${model.numClass}`,
    `num_tree_per_iteration=${model.treesPerIteration}`,
    `label_index=${model.labelIndex}`,
    `max_feature_idx=${model.featureNames.length - 1}`,
  ];
  if (model.objective !== undefined) lines.push(`objective=${model.objective}`);
  if (model.averageOutput) lines.push('average_output');
  lines.push(`feature_names=${model.featureNames.join(' ')}`);
  if (model.monotoneConstraints.length > 0) {
    lines.push(`monotone_constraints=${model.monotoneConstraints.join(' ')}`);
  }
  lines.push(
    `feature_infos=${model.featureInfos.join(' ')}`,
    `tree_sizes=${blocks.map((block) => encoder.encode(block).length).join(' ')}`,
  );
  const end = ['end of trees', '', 'feature_importances:', ...importanceLines(model)];
  if (model.parameters.length > 0) {
    end.push('', 'parameters:', ...model.parameters, '', 'end of parameters');
  }
  return `${lines.join('\n')}\n\n${blocks.join('')}${end.join('\n')}\n${model.trailer}`;
}

function treeText(tree: Tree): string {
  const categories = tree.categoryStarts.length - 1;
  const lines = [
    `num_leaves=${tree.numLeaves}`,
    `num_cat=${categories}`,
    `split_feature=${tree.splitFeature.join(' ')}`,
    `split_gain=${join(tree.splitGain, formatShort)}`,
    `threshold=${join(tree.threshold, formatExactly)}`,
    `decision_type=${tree.decisionType.join(' ')}`,
    `left_child=${tree.leftChild.join(' ')}`,
    `right_child=${tree.rightChild.join(' ')}`,
    `leaf_value=${join(tree.leafValue, formatExactly)}`,
    `leaf_weight=${join(tree.leafWeight, formatExactly)}`,
    `leaf_count=${tree.leafCount.join(' ')}`,
    `internal_value=${join(tree.internalValue, formatShort)}`,
    `internal_weight=${join(tree.internalWeight, formatShort)}`,
    `internal_count=${tree.internalCount.join(' ')}`,
  ];
  if (categories > 0) {
    lines.push(
      `cat_boundaries=${tree.categoryStarts.join(' ')}`,
      `cat_threshold=${tree.categoryBits.join(' ')}`,
    );
  }
  lines.push('is_linear=0', `shrinkage=${formatShort(tree.shrinkage)}`);
  return `${lines.join('\n')}\n`;
}

function importanceLines(model: Model): string[] {
  const counts = splitCounts(model);
  return model.featureNames
    .map((name, i) => ({ name, count: counts[i] }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ name, count }) => `${name}=${count}`);
}

function join(values: Float64Array, format: (value: number) => string): string {
  return Array.from(values, format).join(' ');
}
