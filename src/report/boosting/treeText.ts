import type { Model } from '../../gbdt/model.ts';
import { count, plural } from '../numberText.ts';
import { decimalsFor, leavesOf, roundedText, type TreeNode, treeNodes } from './treeNodes.ts';

/**
 * A tree as lines of text, a split or a leaf each; below a split first what fulfils its condition, then the rest.
 *
 * @throws TrainyardError of kind `usage` where the model has no such tree.
 */
export function treeText(model: Model, index: number): string {
  const root = treeNodes(model, index);
  const leaves = leavesOf(root);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let depth = 0;
  for (const leaf of leaves) {
    low = Math.min(low, leaf.value);
    high = Math.max(high, leaf.value);
    depth = Math.max(depth, leaf.depth);
  }
  const decimals = decimalsFor(low, high);
  const lines = [`tree ${index}: ${plural(leaves.length, 'leaf', 'leaves')}, depth ${depth}`];
  const waiting: { node: TreeNode; head: string; below: string }[] = [{ node: root, head: '', below: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, head, below } = next;
    if (node.kind === 'leaf') {
      lines.push(`${head}${roundedText(node.value, decimals)}  (${plural(node.rows, 'row')})`);
      continue;
    }
    const missing = node.missing === undefined ? '' : `, missing: ${node.missing}`;
    lines.push(`${head}${node.feature} ${node.condition}?  (${count(node.rows)} rows${missing})`);
    waiting.push({ node: node.no, head: `${below}└─ no   `, below: `${below}   ` });
    waiting.push({ node: node.yes, head: `${below}├─ yes  `, below: `${below}│  ` });
  }
  return lines.join('\n');
}
