import { usageError } from '../../core/errors.ts';
import type { Model } from '../../gbdt/model.ts';
import { html, type Markup } from '../html.ts';
import { count, plural } from '../numberText.ts';
import { type DivergingScale, divergingScale } from './divergingScale.ts';
import { cleanText, fitName, fitText, textWidth } from './svgText.ts';
import {
  decimalsFor,
  type LeafNode,
  leavesOf,
  roundedText,
  type SplitNode,
  type TreeNode,
  treeNodes,
} from './treeNodes.ts';

const mostLeaves = 2000;
const rowHeight = 27;
const margin = 28;
const headHeight = 84;
const footHeight = 64;
// Bold letters of 12.5 pixels are as wide as these.
const boldSize = 14;
const boxHeight = 38;
const boxPadding = 11;
const widestText = 190;
const gap = 54;
const chip = { width: 78, height: 20 };
const rowsBar = 96;

/**
 * Draws a tree from left to right as SVG: splits with the names of features, thresholds rounded, the width of each
 * branch by its rows, a mark where missing values go; leaves in one column, coloured by value. Details are in tooltips.
 *
 * @param index Which tree, from 0.
 * @throws TrainyardError of kind `usage` where the model has no such tree, or one too large to be drawn.
 *
 * @example
 * await writeFile('tree.svg', treeSvg(await loadModel('model.txt'), 0));
 */
export function treeSvg(model: Model, index = 0): string {
  const root = treeNodes(model, index);
  const leaves = leavesOf(root);
  if (leaves.length > mostLeaves) {
    throw usageError(
      `tree ${index} has ${leaves.length} leaves; a drawing holds at most ${mostLeaves}`,
      'choose another tree, or look at it as text',
    );
  }
  const place = layOut(root, leaves);
  const values = leaves.map(({ value }) => value);
  const scale = divergingScale(values, neutralValue(leaves));
  const decimals = decimalsFor(Math.min(...values), Math.max(...values));
  const width = Math.max(place.leafX + chip.width + 16 + rowsBar + 64 + margin, 560);
  const height = headHeight + leaves.length * rowHeight + footHeight;
  const nodes = [...place.at.keys()];
  const total = Math.max(1, root.rows);
  const most = Math.max(1, ...leaves.map(({ rows }) => rows));
  const markup = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif" font-size="12" fill="#1b1f24">
<title>${titleOf(model, index)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${headOf(model, index, root, leaves)}
${columnHeads(place.leafX)}
<g fill="none" stroke-linecap="butt">${nodes.map((node) => (node.kind === 'split' ? branches(node, place, total) : undefined))}</g>
<g>${nodes.map((node) => (node.kind === 'split' ? missingMark(node, place) : undefined))}</g>
<g>${nodes.map((node) => (node.kind === 'split' ? splitBox(node, place) : undefined))}</g>
<g style="font-variant-numeric:tabular-nums">${leaves.map((leaf) => leafRow(leaf, place, scale, decimals, most))}</g>
${root.kind === 'split' ? answers(root, place) : undefined}
${legend(scale, decimals, height, width)}
</svg>
`;
  return markup.markup;
}

interface Place {
  readonly at: ReadonlyMap<TreeNode, { readonly x: number; readonly y: number; readonly width: number }>;
  readonly leafX: number;
}

// Leaves stand in rows; a split stands between its branches, in the column of its depth.
function layOut(root: TreeNode, leaves: readonly LeafNode[]): Place {
  const splits = splitsOf(root);
  const widths: number[] = [];
  for (const split of splits) {
    widths[split.depth] = Math.max(widths[split.depth] ?? 0, boxWidth(split));
  }
  const columns = [margin];
  for (const width of widths) columns.push(columns[columns.length - 1] + width + gap);
  const leafX = columns[columns.length - 1];
  const at = new Map<TreeNode, { x: number; y: number; width: number }>();
  for (const [row, leaf] of leaves.entries()) {
    at.set(leaf, { x: leafX, y: headHeight + (row + 0.5) * rowHeight, width: chip.width });
  }
  for (const split of splits.reverse()) {
    const y = ((at.get(split.yes)?.y ?? 0) + (at.get(split.no)?.y ?? 0)) / 2;
    at.set(split, { x: columns[split.depth], y, width: boxWidth(split) });
  }
  return { at, leafX };
}

/** Splits, parents before their children. */
function splitsOf(root: TreeNode): SplitNode[] {
  const splits: SplitNode[] = root.kind === 'split' ? [root] : [];
  for (let i = 0; i < splits.length; i++) {
    for (const child of [splits[i].yes, splits[i].no]) if (child.kind === 'split') splits.push(child);
  }
  return splits;
}

function boxWidth({ feature, condition }: SplitNode): number {
  const widest = Math.max(textWidth(feature, boldSize), textWidth(condition, 12));
  return Math.max(72, Math.min(widestText, widest) + 2 * boxPadding);
}

// Where leaves lie on both sides of zero, zero changes nothing; a first tree, which holds the mean, has its own middle.
function neutralValue(leaves: readonly LeafNode[]): number {
  const values = leaves.map(({ value }) => value);
  if (Math.min(...values) < 0 && Math.max(...values) > 0) return 0;
  const rows = leaves.reduce((sum, leaf) => sum + leaf.rows, 0);
  return leaves.reduce(
    (sum, leaf) => sum + leaf.value * (rows > 0 ? leaf.rows / rows : 1 / leaves.length),
    0,
  );
}

function titleOf(model: Model, index: number): string {
  const { treesPerIteration: classes } = model;
  const ofClass = classes > 1 ? `, class ${index % classes} of iteration ${Math.floor(index / classes)}` : '';
  return `Tree ${count(index)} of ${count(model.trees.length)}${ofClass}`;
}

function headOf(model: Model, index: number, root: TreeNode, leaves: readonly LeafNode[]): Markup {
  const depth = Math.max(...leaves.map((leaf) => leaf.depth));
  const facts = [
    ...(model.objective === undefined ? [] : [cleanText(model.objective)]),
    plural(leaves.length, 'leaf', 'leaves'),
    `depth ${depth}`,
    ...(root.rows > 0 ? [plural(root.rows, 'row')] : []),
  ];
  return html`<text x="${margin}" y="38" font-size="18" font-weight="650">${titleOf(model, index)}</text>
<text x="${margin}" y="58" fill="#5b6470">${facts.join(' · ')}</text>`;
}

function columnHeads(leafX: number): Markup {
  const y = headHeight - 8;
  return html`<g fill="#5b6470" font-size="11"><text x="${leafX + chip.width / 2}" y="${y}" text-anchor="middle">value</text><text x="${leafX + chip.width + 16}" y="${y}">rows</text></g>`;
}

function branches(split: SplitNode, place: Place, total: number): Markup {
  return html`${[split.yes, split.no].map((child) => {
    const [from, to] = ends(split, child, place);
    const width = rounded(1 + 8 * Math.sqrt(child.rows / total));
    return html`<path d="${curve(from, to)}" stroke="#cfd6e0" stroke-width="${width}"/>`;
  })}`;
}

function missingMark(split: SplitNode, place: Place): Markup | undefined {
  if (split.missing === undefined) return undefined;
  const [from, to] = ends(split, split.missing === 'yes' ? split.yes : split.no, place);
  return questionMark(rounded(from.x + gap / 2), rounded((from.y + to.y) / 2));
}

function questionMark(x: number, y: number): Markup {
  return html`<g><title>missing values go this way</title><circle cx="${x}" cy="${y}" r="7" fill="#fff" stroke="#8a6d1d" stroke-width="1.2"/><text x="${x}" y="${y + 3.7}" text-anchor="middle" font-size="10.5" font-weight="700" fill="#8a6d1d">?</text></g>`;
}

// The curve turns within the gap behind its split and then runs straight, so that it passes boxes further right.
function curve(from: Point, to: Point): string {
  const turn = from.x + gap;
  const middle = from.x + gap / 2;
  const straight = to.x > turn ? `H${rounded(to.x)}` : '';
  return `M${rounded(from.x)} ${rounded(from.y)}C${rounded(middle)} ${rounded(from.y)} ${rounded(middle)} ${rounded(to.y)} ${rounded(turn)} ${rounded(to.y)}${straight}`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function ends(split: SplitNode, child: TreeNode, { at }: Place): [Point, Point] {
  const from = at.get(split);
  const to = at.get(child);
  return [
    { x: (from?.x ?? 0) + (from?.width ?? 0), y: from?.y ?? 0 },
    { x: to?.x ?? 0, y: to?.y ?? 0 },
  ];
}

function splitBox(split: SplitNode, { at }: Place): Markup {
  const { x, y, width } = at.get(split) ?? { x: 0, y: 0, width: 0 };
  const room = width - 2 * boxPadding + 1;
  const feature = cleanText(split.feature);
  const detail = [
    `${feature} ${cleanText(split.exact)}`,
    `${count(split.rows)} rows, gain ${roundedText(split.gain, 3)}, value ${roundedText(split.value, 4)}`,
    ...(split.missing === undefined ? [] : [`missing: ${split.missing}`]),
  ];
  return html`<g><title>${detail.join('\n')}</title><rect x="${rounded(x)}" y="${rounded(y - boxHeight / 2)}" width="${rounded(width)}" height="${boxHeight}" rx="7" fill="#f7f9fc" stroke="#9aa7b8"/><text x="${rounded(x + boxPadding)}" y="${rounded(y - 3)}" font-size="12.5" font-weight="600">${fitName(feature, boldSize, room)}</text><text x="${rounded(x + boxPadding)}" y="${rounded(y + 12.5)}" fill="#39424e">${fitText(cleanText(split.condition), 12, room)}</text></g>`;
}

function leafRow(
  leaf: LeafNode,
  { at, leafX }: Place,
  scale: DivergingScale,
  decimals: number,
  most: number,
): Markup {
  const y = at.get(leaf)?.y ?? 0;
  const barX = leafX + chip.width + 16;
  const bar = rounded((rowsBar * leaf.rows) / most);
  return html`<g><title>${`leaf ${leaf.index}: ${leaf.value}, ${count(leaf.rows)} rows`}</title><rect x="${rounded(leafX)}" y="${rounded(y - chip.height / 2)}" width="${chip.width}" height="${chip.height}" rx="5" fill="${scale.colorOf(leaf.value)}"/><text x="${rounded(leafX + chip.width / 2)}" y="${rounded(y + 4.2)}" text-anchor="middle" font-weight="600" fill="${scale.inkOn(leaf.value)}">${fixedText(leaf.value, decimals)}</text><rect x="${rounded(barX)}" y="${rounded(y - 4)}" width="${bar}" height="8" rx="2" fill="#b9c3d0"/><text x="${rounded(barX + bar + 6)}" y="${rounded(y + 4)}" font-size="11" fill="#5b6470">${count(leaf.rows)}</text></g>`;
}

// Which branch is which is said once, at the root; it holds everywhere.
function answers(root: SplitNode, place: Place): Markup {
  return html`<g font-size="11" font-style="italic" fill="#5b6470">${(['yes', 'no'] as const).map((word) => {
    const [from, to] = ends(root, root[word], place);
    const x = rounded(from.x + gap / 2 - 6);
    return html`<text x="${x}" y="${rounded(to.y + 4)}" text-anchor="end">${word}</text>`;
  })}</g>`;
}

function legend(scale: DivergingScale, decimals: number, height: number, width: number): Markup {
  const y = height - footHeight + 30;
  const steps = 24;
  const barWidth = 168;
  const span = scale.high - scale.low;
  const right = width - margin - barWidth;
  const swatches = Array.from({ length: steps }, (_, i) => {
    const color = scale.colorOf(scale.low + (span * (i + 0.5)) / steps);
    return html`<rect x="${rounded(right + (barWidth * i) / steps)}" y="${y - 8}" width="${rounded(barWidth / steps + 0.5)}" height="8" fill="${color}"/>`;
  });
  const middleX = span > 0 ? right + (barWidth * (scale.middle - scale.low)) / span : right;
  const crowded = Math.min(middleX - right, right + barWidth - middleX) < 48;
  return html`<g font-size="11" fill="#5b6470">
${questionMark(margin + 7, y - 4)}<text x="${margin + 22}" y="${y}">missing values go this way · upper branch: the condition holds · width: rows</text>
${span > 0 && html`${swatches}<text x="${right}" y="${y + 14}">${fixedText(scale.low, decimals)}</text><text x="${right + barWidth}" y="${y + 14}" text-anchor="end">${fixedText(scale.high, decimals)}</text>${!crowded && html`<text x="${rounded(middleX)}" y="${y + 14}" text-anchor="middle">${fixedText(scale.middle, decimals)}</text>`}`}</g>`;
}

function fixedText(value: number, decimals: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e7 || decimals > 6) return roundedText(value, decimals);
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return (/[1-9]/.test(text) ? text : text.replace('-', '')).replace('-', '−');
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
