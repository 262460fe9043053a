import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrainyardError } from '../core/errors.ts';
import { predictContributions } from './contributions.ts';
import { createDataset } from './dataset.ts';
import { readModel } from './modelReader.ts';
import { writeModel } from './modelText.ts';
import { predict, predictLeaves } from './predict.ts';
import { fixtureData } from './testing/fixtureData.ts';
import { train } from './train.ts';

const spec = {
  rows: 300,
  columns: ['smooth', 'category', 'rounded', 'few'],
  seed: 5,
  missing: 0.1,
  label: 'value',
  weighted: false,
} as const;
const data = fixtureData(spec);
const { model } = train(createDataset(data), { numIterations: 4, numLeaves: 6, minDataPerGroup: 5 });
const text = writeModel(model);
const lines = text.split('\n');

describe('reading models', () => {
  it('gives back what was written', () => {
    const read = readModel(text);
    expect(writeModel(read)).toBe(text);
    for (const [i, tree] of read.trees.entries()) {
      expect(tree.leafValue).toEqual(model.trees[i].leafValue);
      expect(tree.threshold).toEqual(model.trees[i].threshold);
      expect(tree.categoryBits).toEqual(model.trees[i].categoryBits);
    }
  });

  it('reads a file with Windows line ends', () => {
    expect(writeModel(readModel(text.replaceAll('\n', '\r\n')))).toBe(text);
  });

  it('reads the least that LightGBM reads', () => {
    const least = [
      'tree',
      'num_class=1',
      'label_index=0',
      'max_feature_idx=0',
      'feature_names=x',
      'feature_infos=none',
      '',
      'Tree=0',
      'num_leaves=2',
      'num_cat=0',
      'split_feature=0',
      'threshold=1.5',
      'left_child=-1',
      'right_child=-2',
      'leaf_value=10 20',
      '',
      'end of trees',
    ];
    const read = readModel(least.join('\n'));
    expect(Array.from(predict(read, { rows: [[1], [2], [Number.NaN]] }))).toEqual([10, 20, 10]);
    expect(() => predictContributions(read, { rows: [[1]] })).toThrow(/tree 0 of the model holds no counts/);
  });

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ['nothing', () => [''], /model line 1 is ""; expected tree/],
    ['another file', () => ['{"a": 1}'], /expected tree, as LightGBM models start/],
    ['only the first line', (all) => all.slice(0, 1), /has no num_class before its first tree/],
    ['half of the header', (all) => all.slice(0, 5), /has no max_feature_idx/],
    [
      'half of the trees',
      (all) => all.slice(0, all.indexOf('Tree=2')),
      /ends on line \d+ with 2 trees; expected 4/,
    ],
    ['half of a tree', (all) => all.slice(0, all.indexOf('Tree=2') + 6), /within tree 2/],
    [
      'no end of the parameters',
      (all) => all.slice(0, all.indexOf('end of parameters')),
      /no line "end of parameters"/,
    ],
    ['trees out of order', swapTrees, /is "Tree=2"; expected Tree=1/],
    [
      'another version',
      change(/^version=.*/, 'version=v9'),
      /line 2, version: expected v2, v3, v4; found "v9"/,
    ],
    [
      'too few names',
      change(/^feature_names=.*/, 'feature_names=a b'),
      /feature_names: expected 4 values, got 2/,
    ],
    [
      'a wrong number',
      change(/^leaf_value=\S+/, 'leaf_value=ten'),
      /leaf_value: value 0 is "ten", no number/,
    ],
    ['a value too few', change(/^leaf_value=\S+ /, 'leaf_value='), /leaf_value: expected \d values, got \d/],
    [
      'an unknown feature',
      change(/^split_feature=\d+/, 'split_feature=9'),
      /expected an integer from 0 to 3/,
    ],
    ['an infinite leaf', change(/^leaf_value=\S+/, 'leaf_value=inf'), /expected a finite number/],
    ['a child twice', change(/^left_child=\S+/, 'left_child=-2'), /is reached twice|are reached/],
    ['a circle', change(/^left_child=\S+/, 'left_child=0'), /is reached twice/],
    ['linear leaves', change(/^is_linear=0/, 'is_linear=1'), /has linear leaves/],
    ['a line twice', change(/^(num_leaves=.*)/, '$1\n$1'), /it occurs twice in tree 0/],
    ['a line nobody knows', change(/^(num_leaves=.*)/, '$1\nfoo=1'), /unknown line in tree 0/],
    ['no leaves', change(/^num_leaves=.*/, 'num_leaves=0'), /num_leaves: expected an integer from 1/],
  ])('names what is wrong with %s', (_, damage, message) => {
    const damaged = damage([...lines]).join('\n');
    expect(() => readModel(damaged)).toThrow(message);
    expect(errorOf(damaged)).toMatchObject({ kind: 'data' });
  });

  it('reads damaged text or refuses it, and what it reads predicts', () => {
    const place = fc.integer({ min: 0, max: text.length });
    const damage = fc.oneof(
      place.map((at) => text.slice(0, at)),
      fc
        .tuple(place, fc.string({ maxLength: 4 }))
        .map(([at, more]) => text.slice(0, at) + more + text.slice(at)),
      fc
        .tuple(place, fc.integer({ min: 1, max: 30 }))
        .map(([at, n]) => text.slice(0, at) + text.slice(at + n)),
      fc
        .tuple(place, fc.constantFrom('0', '1', '9', '-', ' ', '=', '\n', 'e', '.'))
        .map(([at, c]) => text.slice(0, at) + c + text.slice(at + 1)),
      fc.tuple(fc.nat(lines.length - 1), fc.nat(lines.length - 1)).map(([a, b]) => {
        const moved = [...lines];
        [moved[a], moved[b]] = [moved[b], moved[a]];
        return moved.join('\n');
      }),
    );
    const columns = data.columns.map((column) => column.slice(0, 5));
    fc.assert(
      fc.property(damage, (damaged) => {
        const error = errorOf(damaged);
        if (error !== undefined) {
          expect(error).toBeInstanceOf(TrainyardError);
          return;
        }
        const read = readModel(damaged);
        if (read.featureNames.length !== 4) return;
        expect(predictLeaves(read, { columns }).length).toBe(5 * read.trees.length);
      }),
      { numRuns: 1500 },
    );
  });
});

function change(pattern: RegExp, replacement: string): (all: string[]) => string[] {
  return (all) => {
    const at = all.findIndex((line) => pattern.test(line));
    return all.with(at, all[at].replace(pattern, replacement));
  };
}

function swapTrees(all: string[]): string[] {
  return all.map((line) => (line === 'Tree=1' ? 'Tree=2' : line === 'Tree=2' ? 'Tree=1' : line));
}

function errorOf(damaged: string): unknown {
  try {
    readModel(damaged);
    return undefined;
  } catch (error) {
    return error;
  }
}
