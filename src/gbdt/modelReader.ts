import { dataError } from '../core/errors.ts';
import type { Model } from './model.ts';
import { formatProblem, type Line, numbersOf, singleInteger, wordsOf } from './modelFields.ts';
import { readTree } from './treeReader.ts';

/**
 * Reads a model in LightGBM's text format, from LightGBM 2 to 4 or from `writeModel`. What it does not need
 * (sizes, importances) is not trusted; everything it uses is checked, so that a model that reads also predicts.
 *
 * @param source What to call the text in errors.
 * @throws TrainyardError of kind `data` naming the line, for text that is cut off, out of order or holds wrong values.
 *
 * @example
 * const model = readModel(await readFile('model.txt', 'utf8'), 'model.txt');
 */
export function readModel(text: string, source = 'model'): Model {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines[0] !== 'tree') {
    throw dataError(
      `${source} line 1 is ${JSON.stringify(lines[0].slice(0, 60))}; expected tree, as LightGBM models start`,
      'pass a model saved as text by LightGBM or Trainyard',
    );
  }
  const header = readHeader(lines, source);
  const { trees, end } = readTrees(lines, header.end, header.numFeatures, source);
  const expected = header.treeSizes;
  if (expected !== undefined && expected !== trees.length) {
    throw cutOff(source, lines.length, `${trees.length} trees; expected ${expected} as in tree_sizes`);
  }
  if (expected === undefined && lines[end] !== 'end of trees') {
    throw cutOff(source, lines.length, 'no line "end of trees"');
  }
  if (trees.length % header.treesPerIteration !== 0) {
    throw cutOff(
      source,
      lines.length,
      `${trees.length} trees; expected a multiple of num_tree_per_iteration, ${header.treesPerIteration}`,
    );
  }
  const rest = readParameters(lines, end, source);
  return {
    trees,
    numClass: header.numClass,
    treesPerIteration: header.treesPerIteration,
    featureNames: header.featureNames,
    featureInfos: header.featureInfos,
    objective: header.objective,
    monotoneConstraints: header.monotoneConstraints,
    labelIndex: header.labelIndex,
    averageOutput: header.averageOutput,
    parameters: rest.parameters,
    trailer: rest.trailer,
    bestIteration: undefined,
  };
}

interface Header {
  numClass: number;
  treesPerIteration: number;
  labelIndex: number;
  numFeatures: number;
  objective: string | undefined;
  averageOutput: boolean;
  featureNames: string[];
  featureInfos: string[];
  monotoneConstraints: number[];
  /** Trees counted by `tree_sizes`, if it is there. */
  treeSizes: number | undefined;
  /** Index of the first line after the header. */
  end: number;
}

const versions = ['v2', 'v3', 'v4'];

function readHeader(lines: readonly string[], source: string): Header {
  const fields = new Map<string, Line>();
  let end = 1;
  for (; end < lines.length; end++) {
    const text = lines[end];
    if (text.startsWith('Tree=') || text === 'end of trees') break;
    if (text === '') continue;
    const equals = text.indexOf('=');
    const key = equals < 0 ? text : text.slice(0, equals);
    const line = { source, number: end + 1, key, value: equals < 0 ? '' : text.slice(equals + 1) };
    if (fields.has(key)) throw formatProblem(line, 'it occurs twice in the header');
    fields.set(key, line);
  }
  const required = (key: string): Line => {
    const line = fields.get(key);
    if (!line) {
      throw dataError(
        `${source} has no ${key} before its first tree, on line ${end + 1}`,
        'the file is cut off, out of order or not a LightGBM model',
      );
    }
    return line;
  };
  const version = fields.get('version');
  if (version && !versions.includes(version.value)) {
    throw formatProblem(version, `expected ${versions.join(', ')}`);
  }
  const numClass = singleInteger(required('num_class'), 1, 1_000_000);
  const perIteration = fields.get('num_tree_per_iteration');
  const numFeatures = singleInteger(required('max_feature_idx'), 0, 100_000_000) + 1;
  const monotone = fields.get('monotone_constraints');
  const sizes = fields.get('tree_sizes');
  return {
    numClass,
    treesPerIteration: perIteration ? singleInteger(perIteration, 1, 1_000_000) : numClass,
    labelIndex: singleInteger(required('label_index'), 0, 100_000_000),
    numFeatures,
    objective: fields.get('objective')?.value,
    averageOutput: fields.has('average_output'),
    featureNames: wordsOf(required('feature_names'), numFeatures),
    featureInfos: wordsOf(required('feature_infos'), numFeatures),
    monotoneConstraints: monotone ? Array.from(numbersOf(monotone, numFeatures)) : [],
    treeSizes: sizes && (sizes.value.trim() === '' ? 0 : sizes.value.trim().split(/\s+/).length),
    end,
  };
}

function readTrees(lines: readonly string[], start: number, numFeatures: number, source: string) {
  const trees = [];
  let i = start;
  while (i < lines.length && lines[i] !== 'end of trees') {
    if (lines[i] === '') {
      i++;
      continue;
    }
    if (lines[i] !== `Tree=${trees.length}`) {
      throw dataError(
        `${source} line ${i + 1} is ${JSON.stringify(lines[i].slice(0, 60))}; expected Tree=${trees.length} or end of trees`,
        'the file is cut off or its lines are out of order',
      );
    }
    const read = readTree(lines, i + 1, trees.length, numFeatures, source);
    trees.push(read.tree);
    i = read.end;
  }
  return { trees, end: i };
}

// Everything after "end of parameters" (such as the categories of pandas) is kept as it is.
function readParameters(lines: readonly string[], start: number, source: string) {
  const first = lines.indexOf('parameters:', start);
  if (first < 0) return { parameters: [], trailer: '' };
  const last = lines.indexOf('end of parameters', first);
  if (last < 0) throw cutOff(source, lines.length, 'no line "end of parameters"');
  return {
    parameters: lines.slice(first + 1, last).filter((line) => line !== ''),
    trailer: lines.slice(last + 1).join('\n'),
  };
}

function cutOff(source: string, lines: number, found: string): Error {
  return dataError(
    `${source} ends on line ${lines} with ${found}`,
    'the file is cut off: save the model again',
  );
}
