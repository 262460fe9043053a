import { dataError } from '../core/errors.ts';
import { formatProblem, integersOf, type Line, numbersOf, singleInteger } from './modelFields.ts';
import type { Tree } from './tree.ts';

const maxInteger = 2147483647;
const knownKeys = new Set([
  'num_leaves',
  'num_cat',
  'split_feature',
  'split_gain',
  'threshold',
  'decision_type',
  'left_child',
  'right_child',
  'leaf_value',
  'leaf_weight',
  'leaf_count',
  'internal_value',
  'internal_weight',
  'internal_count',
  'cat_boundaries',
  'cat_threshold',
  'is_linear',
  'shrinkage',
  // Random forests and old versions.
  'has_categorical',
  'leaf_parent',
]);

/**
 * Reads the tree whose first line has the index `start`, up to an empty line, and checks that it is one.
 *
 * @returns The tree, and the index of the line after it.
 */
export function readTree(
  lines: readonly string[],
  start: number,
  index: number,
  numFeatures: number,
  source: string,
): { tree: Tree; end: number } {
  const fields = new Map<string, Line>();
  let end = start;
  for (; end < lines.length && lines[end] !== ''; end++) {
    const equals = lines[end].indexOf('=');
    const key = equals < 0 ? lines[end] : lines[end].slice(0, equals);
    const line = { source, number: end + 1, key, value: equals < 0 ? '' : lines[end].slice(equals + 1) };
    if (equals < 0 || !knownKeys.has(key)) {
      if (key === 'leaf_const' || key === 'num_features') throw linear(line, index);
      throw formatProblem(line, `unknown line in tree ${index}`);
    }
    if (fields.has(key)) throw formatProblem(line, `it occurs twice in tree ${index}`);
    fields.set(key, line);
  }
  if (end === lines.length) {
    throw dataError(
      `${source} ends on line ${lines.length}, within tree ${index}`,
      'the file is cut off: save the model again',
    );
  }
  return { tree: treeOf(fields, index, numFeatures, source, start), end };
}

function treeOf(
  fields: ReadonlyMap<string, Line>,
  index: number,
  numFeatures: number,
  source: string,
  start: number,
): Tree {
  const required = (key: string): Line => {
    const line = fields.get(key);
    if (line) return line;
    throw dataError(
      `${source} line ${start}: tree ${index} has no ${key}`,
      'the file is cut off, or its lines are out of order',
    );
  };
  const isLinear = fields.get('is_linear');
  if (isLinear && singleInteger(isLinear, 0, 1) === 1) throw linear(isLinear, index);
  const numLeaves = singleInteger(required('num_leaves'), 1, 1 << 24);
  const nodes = numLeaves - 1;
  const numCategorical = singleInteger(required('num_cat'), 0, nodes);

  const integers = (key: string, count: number, low: number, high: number) => {
    const line = fields.get(key);
    return Int32Array.from(line && count > 0 ? integersOf(line, count, low, high) : new Int32Array(count));
  };
  const numbers = (key: string, count: number) => {
    const line = fields.get(key);
    return line && count > 0 ? finite(line, numbersOf(line, count)) : new Float64Array(count);
  };
  for (const key of nodes > 0 ? ['split_feature', 'threshold', 'left_child', 'right_child'] : [])
    required(key);
  const leafValue = finite(required('leaf_value'), numbersOf(required('leaf_value'), numLeaves));
  const shrinkage = fields.get('shrinkage');
  const threshold = nodes > 0 ? numbersOf(required('threshold'), nodes) : new Float64Array(0);
  const decisionType = integers('decision_type', nodes, 0, 11);
  const leftChild = integers('left_child', nodes, -numLeaves, nodes - 1);
  const rightChild = integers('right_child', nodes, -numLeaves, nodes - 1);
  const categories = readCategories(required, numCategorical);
  // LightGBM writes no weight for a tree of one leaf that it has read itself.
  const emptyWeight = numLeaves === 1 && (fields.get('leaf_weight')?.value ?? '') === '';
  const tree: Tree = {
    numLeaves,
    splitFeature: integers('split_feature', nodes, 0, numFeatures - 1),
    splitGain: Float64Array.from(infinite(fields.get('split_gain'), nodes), Math.fround),
    threshold,
    decisionType: Uint8Array.from(decisionType),
    leftChild,
    rightChild,
    leafValue,
    leafWeight: emptyWeight ? new Float64Array(0) : numbers('leaf_weight', numLeaves),
    leafCount: integers('leaf_count', numLeaves, 0, maxInteger),
    internalValue: numbers('internal_value', nodes),
    internalWeight: numbers('internal_weight', nodes),
    internalCount: integers('internal_count', nodes, 0, maxInteger),
    ...categories,
    shrinkage: shrinkage ? finite(shrinkage, numbersOf(shrinkage, 1))[0] : 1,
  };
  checkShape(tree, index, fields);
  checkSets(tree, numCategorical, fields);
  return tree;
}

function readCategories(required: (key: string) => Line, count: number) {
  if (count === 0) return { categoryStarts: Int32Array.of(0), categoryBits: new Uint32Array(0) };
  const line = required('cat_boundaries');
  const starts = integersOf(line, count + 1, 0, maxInteger);
  if (starts[0] !== 0 || starts.some((start, i) => i > 0 && start <= starts[i - 1])) {
    throw formatProblem(line, 'expected ascending numbers from 0');
  }
  const bits = integersOf(required('cat_threshold'), starts[count], 0, 4294967295);
  return { categoryStarts: Int32Array.from(starts), categoryBits: Uint32Array.from(bits) };
}

// Every node and every leaf must be reached exactly once, or prediction might not end.
function checkShape(tree: Tree, index: number, fields: ReadonlyMap<string, Line>): void {
  if (tree.numLeaves === 1) return;
  const line = fields.get('left_child');
  const seenNodes = new Uint8Array(tree.numLeaves - 1);
  const seenLeaves = new Uint8Array(tree.numLeaves);
  const pending = [0];
  let reached = 0;
  for (let child = pending.pop(); child !== undefined; child = pending.pop()) {
    const seen = child >= 0 ? seenNodes : seenLeaves;
    const at = child >= 0 ? child : ~child;
    if (seen[at] && line) {
      throw formatProblem(line, `${child >= 0 ? 'node' : 'leaf'} ${at} of tree ${index} is reached twice`);
    }
    seen[at] = 1;
    reached++;
    if (child >= 0) pending.push(tree.leftChild[child], tree.rightChild[child]);
  }
  if (reached !== 2 * tree.numLeaves - 1 && line) {
    throw formatProblem(
      line,
      `only ${reached} of ${2 * tree.numLeaves - 1} nodes of tree ${index} are reached`,
    );
  }
}

function checkSets(tree: Tree, count: number, fields: ReadonlyMap<string, Line>): void {
  const line = fields.get('threshold');
  for (const [node, type] of tree.decisionType.entries()) {
    const set = tree.threshold[node];
    if ((type & 1) === 0 || !line) continue;
    if (Number.isInteger(set) && set >= 0 && set < count) continue;
    throw formatProblem(line, `value ${node} is ${set}; expected one of the ${count} sets of categories`);
  }
}

function finite(line: Line, values: Float64Array): Float64Array {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return values;
  throw formatProblem(line, `value ${wrong} is ${values[wrong]}; expected a finite number`);
}

// Gains may be infinite.
function infinite(line: Line | undefined, count: number): Float64Array {
  return line && count > 0 ? numbersOf(line, count) : new Float64Array(count);
}

function linear(line: Line, index: number): Error {
  return dataError(
    `${line.source} line ${line.number}: tree ${index} has linear leaves, which cannot be read`,
    'train the model with linear_tree=false',
  );
}
