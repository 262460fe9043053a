import { categoryListsOf } from './categoryLists.ts';
import { featureImportance } from './importance.ts';
import { type Model, numIterations } from './model.ts';
import { categoriesOf, type Tree } from './tree.ts';

/** A model as nested objects, as `Booster.dump_model()` of LightGBM's Python package gives it. */
export interface ModelDump {
  readonly name: 'tree';
  readonly version: 'v4';
  readonly num_class: number;
  readonly num_tree_per_iteration: number;
  readonly label_index: number;
  readonly max_feature_idx: number;
  readonly objective?: string;
  readonly average_output: boolean;
  readonly feature_names: readonly string[];
  readonly monotone_constraints: readonly number[];
  readonly feature_infos: Readonly<Record<string, DumpedFeature>>;
  readonly tree_info: readonly DumpedTree[];
  /** Splits made with each feature that has any. */
  readonly feature_importances: Readonly<Record<string, number>>;
  readonly pandas_categorical: readonly (readonly unknown[])[];
}

/** What was seen of a feature. */
interface DumpedFeature {
  readonly min_value: number;
  readonly max_value: number;
  readonly values: readonly number[];
}

/** One tree. */
interface DumpedTree {
  readonly tree_index: number;
  readonly num_leaves: number;
  readonly num_cat: number;
  readonly shrinkage: number;
  readonly tree_structure: DumpedNode | DumpedLeaf;
}

/** A split; rows that hold `decision_type` against `threshold` go to `left_child`. */
export interface DumpedNode {
  readonly split_index: number;
  readonly split_feature: number;
  readonly split_gain: number;
  /** For categories the codes that go left, `||` between. */
  readonly threshold: number | string;
  readonly decision_type: '<=' | '==';
  readonly default_left: boolean;
  readonly missing_type: string;
  readonly internal_value: number;
  readonly internal_weight: number;
  readonly internal_count: number;
  readonly left_child: DumpedNode | DumpedLeaf;
  readonly right_child: DumpedNode | DumpedLeaf;
}

/** A leaf; a tree that is one leaf has neither weight nor count. */
export interface DumpedLeaf {
  readonly leaf_index?: number;
  readonly leaf_value: number;
  readonly leaf_weight?: number;
  readonly leaf_count?: number;
}

/** The whole structure of a model, ready for JSON, in the form of LightGBM's `dump_model`. */
export function dumpModel(model: Model): ModelDump {
  const { featureNames, featureInfos } = model;
  const counts = featureImportance(model, 'split', numIterations(model));
  const infos = featureNames.flatMap((name, i) =>
    featureInfos[i] === 'none' ? [] : [[name, dumpFeature(featureInfos[i])] as const],
  );
  const lists = categoryListsOf(model);
  return {
    name: 'tree',
    version: 'v4',
    num_class: model.numClass,
    num_tree_per_iteration: model.treesPerIteration,
    label_index: model.labelIndex,
    max_feature_idx: featureNames.length - 1,
    ...(model.objective === undefined ? {} : { objective: model.objective }),
    average_output: model.averageOutput,
    feature_names: featureNames,
    monotone_constraints: model.monotoneConstraints,
    feature_infos: Object.fromEntries(infos),
    tree_info: model.trees.map((tree, index) => ({
      tree_index: index,
      num_leaves: tree.numLeaves,
      num_cat: tree.categoryStarts.length - 1,
      shrinkage: tree.shrinkage,
      tree_structure: tree.numLeaves === 1 ? { leaf_value: tree.leafValue[0] } : dumpNode(tree, 0),
    })),
    feature_importances: Object.fromEntries(
      featureNames.flatMap((name, i) => (counts[i] > 0 ? [[name, counts[i]]] : [])),
    ),
    pandas_categorical: [...lists.values()],
  };
}

function dumpFeature(info: string): DumpedFeature {
  const numbers = info
    .replace(/^\[|\]$/g, '')
    .split(':')
    .map(Number);
  return {
    min_value: Math.min(...numbers),
    max_value: Math.max(...numbers),
    values: info.startsWith('[') ? [] : numbers,
  };
}

// From the leaves up, without recursion: a tree may be as deep as it has leaves.
function dumpNode(tree: Tree, root: number): DumpedNode | DumpedLeaf {
  const nodes = new Map<number, DumpedNode | DumpedLeaf>();
  const waiting = [root];
  while (waiting.length > 0) {
    const at = waiting[waiting.length - 1];
    if (at < 0) {
      nodes.set(at, dumpLeaf(tree, ~at));
      waiting.pop();
      continue;
    }
    const left = nodes.get(tree.leftChild[at]);
    const right = nodes.get(tree.rightChild[at]);
    if (left && right) {
      nodes.set(at, dumpSplit(tree, at, left, right));
      waiting.pop();
    } else waiting.push(tree.leftChild[at], tree.rightChild[at]);
  }
  return nodes.get(root) as DumpedNode | DumpedLeaf;
}

function dumpLeaf(tree: Tree, leaf: number): DumpedLeaf {
  return {
    leaf_index: leaf,
    leaf_value: tree.leafValue[leaf],
    leaf_weight: tree.leafWeight[leaf],
    leaf_count: tree.leafCount[leaf],
  };
}

function dumpSplit(
  tree: Tree,
  node: number,
  left: DumpedNode | DumpedLeaf,
  right: DumpedNode | DumpedLeaf,
): DumpedNode {
  const type = tree.decisionType[node];
  const isCategorical = (type & 1) !== 0;
  return {
    split_index: node,
    split_feature: tree.splitFeature[node],
    split_gain: tree.splitGain[node],
    threshold: isCategorical ? categoriesOf(tree, tree.threshold[node]).join('||') : tree.threshold[node],
    decision_type: isCategorical ? '==' : '<=',
    default_left: (type & 2) !== 0,
    missing_type: ['None', 'Zero', 'NaN'][(type >> 2) & 3] ?? 'None',
    internal_value: tree.internalValue[node],
    internal_weight: tree.internalWeight[node],
    internal_count: tree.internalCount[node],
    left_child: left,
    right_child: right,
  };
}
