import { describe, expect, it } from 'vitest';
import { createDataset } from '../../gbdt/dataset.ts';
import { readModel } from '../../gbdt/modelReader.ts';
import { fixtureData, loadFixture } from '../../gbdt/testing/fixtureData.ts';
import { train } from '../../gbdt/train.ts';
import { divergingScale } from './divergingScale.ts';
import { importancesOf, importancesSvg } from './importances.ts';
import { summariseModel } from './modelSummary.ts';
import { cleanText, fitName, fitText, textWidth } from './svgText.ts';
import { leavesOf, thresholdText, treeNodes } from './treeNodes.ts';
import { treeSvg } from './treeSvg.ts';
import { treeText } from './treeText.ts';

const pandas = readModel(loadFixture('pandas').model);
const data = fixtureData({
  rows: 3000,
  columns: ['smooth', 'category', 'skewed', 'few', 'zeros'],
  seed: 8,
  missing: 0.1,
  label: 'value',
  weighted: false,
});
const names = ['α<β>&γ', 'a_name_so_long_that_it_cannot_stand_in_any_box_of_a_drawing', '湿度', "it's", 'e'];

function grow(numLeaves: number) {
  const dataset = createDataset({ ...data, featureNames: names });
  return train(dataset, { numLeaves, numIterations: 3, minDataPerGroup: 10, minDataInLeaf: 5 }).model;
}

describe('a tree as nodes', () => {
  it('names features, categories and where missing values go', () => {
    const root = treeNodes(pandas, 0);
    const conditions = new Set<string>();
    const walk = (node: typeof root) => {
      if (node.kind === 'leaf') return;
      conditions.add(`${node.feature} ${node.condition.split(' ')[0]} ${node.missing}`);
      expect(node.rows).toBe(node.yes.rows + node.no.rows);
      walk(node.yes);
      walk(node.no);
    };
    walk(root);
    expect(conditions).toContain('temperature ≤ yes');
    expect([...conditions].every((text) => /^(temperature ≤|(station|zone) is)/.test(text))).toBe(true);
    expect(leavesOf(root)).toHaveLength(pandas.trees[0].numLeaves);
  });

  it.each([
    [2.5000000000000004, '[0:4]', '2.5'],
    [12.437891234, '[-10:30]', '12.44'],
    [2017.5, '[2010:2020]', '2,017.5'],
    [1_546_300_800.5, '[1500000000:1600000000]', '1,546,300,801'],
    [0.000123456, '[0:1000]', '0.000123'],
    [1.0000000180025095e-35, '[0:1]', '0'],
    [-1234.5678, 'none', '−1,235'],
    [Number.POSITIVE_INFINITY, '[0:1]', '∞'],
    [3.2e-9, '[0:1e-8]', '3.2e−9'],
  ])('rounds the threshold %s of a feature in %s to %s', (threshold, info, text) => {
    expect(thresholdText(threshold, info)).toBe(text);
  });

  it('are refused for a tree that is not there', () => {
    expect(() => treeNodes(pandas, 5)).toThrow('no tree 5: the model has 5');
  });
});

describe('a tree as text', () => {
  it('shows splits, answers and leaves', () => {
    const model = readModel(
      [
        ...['tree', 'num_class=1', 'label_index=0', 'max_feature_idx=1', 'feature_names=wind rain'],
        ...['feature_infos=[0:10] [0:1]', '', 'Tree=0', 'num_leaves=3', 'num_cat=0', 'split_feature=0 1'],
        ...[
          'split_gain=5 2',
          'threshold=2.5 0.5',
          'decision_type=10 0',
          'left_child=-1 -2',
          'right_child=1 -3',
        ],
        ...['leaf_value=1.25 -2 0.5', 'leaf_count=1 2000 3', 'internal_count=2004 2003', '', 'end of trees'],
      ].join('\n'),
    );
    expect(treeText(model, 0).split('\n')).toEqual([
      'tree 0: 3 leaves, depth 2',
      'wind ≤ 2.5?  (2,004 rows, missing: yes)',
      '├─ yes  1.25  (1 row)',
      '└─ no   rain ≤ 0.5?  (2,003 rows)',
      '   ├─ yes  −2  (2,000 rows)',
      '   └─ no   0.5  (3 rows)',
    ]);
  });

  it('shows a tree of one leaf', () => {
    const constant = train(createDataset({ columns: [[1, 1]], label: [3, 5] })).model;
    expect(treeText(constant, 0)).toBe('tree 0: 1 leaf, depth 0\n4  (2 rows)');
    expect(treeSvg(constant, 0)).toContain('>4.00</text>');
  });
});

describe('a tree as SVG', () => {
  it.each([2, 31, 63])('is well-formed with %i leaves, boxes apart and inside', (numLeaves) => {
    const svg = treeSvg(grow(numLeaves), 1);
    const { texts } = parseXml(svg);
    expect(texts).toContain(`${numLeaves} leaves`);
    const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)?.map(Number) ?? [];
    const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="(38|20)"/g)].map(
      (found) => found.slice(1).map(Number),
    );
    expect(boxes).toHaveLength(2 * numLeaves - 1);
    for (const [i, [x, y, w, h]] of boxes.entries()) {
      expect(x >= 0 && y >= 0 && x + w <= width && y + h <= height).toBe(true);
      for (const [u, v, s, t] of boxes.slice(0, i)) {
        expect(x + w <= u || u + s <= x || y + h <= v || v + t <= y).toBe(true);
      }
    }
  });

  it('escapes names, and replaces what XML cannot hold', () => {
    const model = { ...grow(8), featureNames: ['a<b', '"c"&', 'd\u0001\ud800', '</svg>', '#'] };
    for (const svg of [treeSvg(model, 0), importancesSvg(model)]) {
      expect(parseXml(svg).texts).toContain('a<b');
      for (const broken of ['\u0001', '\ud800']) expect(svg).not.toContain(broken);
    }
  });

  it('is refused where the tree is too large to be looked at', () => {
    const [tree] = pandas.trees;
    const leaves = 2002;
    const chain = {
      ...tree,
      numLeaves: leaves,
      splitFeature: new Int32Array(leaves - 1),
      decisionType: new Uint8Array(leaves - 1),
      leftChild: Int32Array.from({ length: leaves - 1 }, (_, i) => ~i),
      rightChild: Int32Array.from({ length: leaves - 1 }, (_, i) => (i === leaves - 2 ? ~(i + 1) : i + 1)),
    };
    const model = { ...pandas, trees: [chain] };
    expect(() => treeSvg(model, 0)).toThrow('tree 0 has 2002 leaves; a drawing holds at most 2000');
    expect(treeText(model, 0)).toContain('2,002 leaves, depth 2001');
  });
});

describe('importances', () => {
  it('come largest gain first and share out all of it', () => {
    const importances = importancesOf(grow(31));
    const shares = importances.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(importances.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it('are drawn well-formed, the first ones only where asked', () => {
    const svg = importancesSvg(grow(31), { top: 2 });
    expect(parseXml(svg).texts).toContain('3 trees, 5 features, the first 2 shown');
    expect(svg.match(/fill="#2f6fb0"/g)).toHaveLength(2);
  });
});

describe('the summary of a model', () => {
  it('counts what is there', () => {
    expect(summariseModel(pandas)).toMatchObject({
      objective: 'regression',
      classes: 1,
      iterations: 5,
      trees: 5,
      features: 4,
      leaves: 30,
      leavesPerTree: { least: 6, mean: 6, most: 6 },
      rows: 400,
    });
  });
});

describe('text of drawings', () => {
  it('is cut to its room, names in their middle, letters whole', () => {
    const name = 'nitrogen_dioxide_three_hours_ago';
    expect(fitText('short', 12, 200)).toBe('short');
    expect(fitName(name, 12, 120)).toMatch(/^nitro.*….*ago$/);
    for (const width of [0, 20, 60, 119]) {
      expect(textWidth(fitName(name, 12, width), 12)).toBeLessThanOrEqual(Math.max(width, 12));
      expect(textWidth(fitText(name, 12, width), 12)).toBeLessThanOrEqual(Math.max(width, 12));
    }
    expect(fitText('👩‍👩‍👧‍👧'.repeat(9), 12, 150)).toMatch(/^(👩‍👩‍👧‍👧)+…$/u);
  });

  it('loses what XML cannot hold', () => {
    expect(cleanText('a\u0000b\udc00c\ud83d\ude00')).toBe('a\ufffdb\ufffdc\ud83d\ude00');
  });
});

describe('the scale of leaf values', () => {
  it('is blue below its middle, red above, grey between, and equally strong on both sides', () => {
    const scale = divergingScale([-1, 4], 0);
    expect(scale.colorOf(4)).toBe('rgb(178,24,43)');
    expect(scale.colorOf(-4)).toBe('rgb(33,102,172)');
    expect(scale.colorOf(0)).toBe('rgb(236,236,236)');
    expect([scale.inkOn(4), scale.inkOn(0)]).toEqual(['#fff', '#1b1f24']);
    expect(divergingScale([2], 2).colorOf(2)).toBe('rgb(236,236,236)');
  });
});

/** Throws unless tags are closed in order and only known entities occur; returns the texts between them. */
function parseXml(xml: string): { texts: string } {
  const open: string[] = [];
  const tag = /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let texts = '';
  let end = 0;
  for (let found = tag.exec(xml); found !== null; found = tag.exec(xml)) {
    end = tag.lastIndex;
    const [, closing, name, , empty, text] = found;
    if (text !== undefined) {
      if (/&(?!(amp|lt|gt|quot|#39|#96);)/.test(text)) throw new Error(`stray & in ${text}`);
      texts += `${text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')}\n`;
    } else if (closing) {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else if (!empty) open.push(name);
  }
  if (end !== xml.length || open.length > 0) throw new Error(`broken at ${xml.slice(end, end + 80)}`);
  return { texts };
}
