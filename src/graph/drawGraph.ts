import { formatArguments } from './formatGraph.ts';
import { type Graph, nodesOf } from './graph.ts';
import { type Edge, layeredLayout } from './layeredLayout.ts';
import { constantOperator, formatType, inputOperator, type Node, type Tensor } from './tensor.ts';
import { userLine } from './userLine.ts';

const boxHeight = 40;
const rowHeight = 72;
const margin = 16;
// Of a bold letter of 12 pixels and a plain one of 10.
const titleLetter = 7.8;
const detailLetter = 5.8;
const longestLine = 36;

interface Shown {
  readonly kind: 'input' | 'parameter' | 'operation' | 'output';
  readonly title: string;
  /** Second line. */
  readonly detail: string;
  /** Shown when pointed at. */
  readonly hint: string;
  readonly sources: readonly Node[];
}

/**
 * The graph as a drawing, from the inputs at the top to the outputs at the bottom: an SVG that stands alone. Boxes tell
 * operator and type; pointed at, also attributes, constants and the line of code. Constants have no box.
 *
 * @example
 * writeFileSync('model.svg', drawGraph(graphOf({ loss })));
 */
export function drawGraph(graph: Graph): string {
  const nodes = [...new Set([...graph.inputs.map(({ node }) => node), ...nodesOf(graph.outputs.values())])];
  const shown: Shown[] = [];
  const place = new Map<Node, number>();
  for (const node of nodes) {
    if (node.operator === constantOperator) continue;
    place.set(node, shown.length);
    shown.push(shownNode(node));
  }
  for (const [name, tensor] of graph.outputs) shown.push(shownOutput(name, tensor));
  const edges = shown.flatMap(({ sources }, to) =>
    [...new Set(sources)].flatMap((source): Edge[] => {
      const from = place.get(source);
      return from === undefined ? [] : [[from, to]];
    }),
  );
  const layers = layersOf(shown, edges);
  const boxes = shown.map(({ title, detail }, i) => ({
    width: 20 + Math.max(titleLetter * title.length, detailLetter * detail.length),
    layer: layers[i],
  }));
  const layout = layeredLayout(boxes, edges);
  const top = (layer: number) => margin + layer * rowHeight;
  const lines = layout.routes.map((route) => {
    const points = route.flatMap(({ layer, x }, i): [number, number][] => {
      const [from, to] = [top(layer), top(layer) + boxHeight];
      // Past the boxes of a layer edges go straight down.
      if (i === 0) return [[margin + x, to]];
      return i === route.length - 1
        ? [[margin + x, from]]
        : [
            [margin + x, from],
            [margin + x, to],
          ];
    });
    return `<path d="${curve(points)}"/>`;
  });
  const drawn = shown.map(({ kind, title, detail, hint }, i) => {
    const { width, layer } = boxes[i];
    const x = margin + layout.x[i];
    const y = top(layer);
    const round = kind === 'operation' ? 4 : boxHeight / 2;
    return [
      `<g class="${kind}"><title>${escaped(hint)}</title>`,
      `<rect x="${short(x - width / 2)}" y="${y}" width="${short(width)}" height="${boxHeight}" rx="${round}"/>`,
      `<text x="${short(x)}" y="${y + 17}">${escaped(title)}</text>`,
      `<text class="detail" x="${short(x)}" y="${y + 31}">${escaped(detail)}</text></g>`,
    ].join('');
  });
  const width = short(layout.width + 2 * margin);
  const height = top(Math.max(0, ...layers)) + boxHeight + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(graph.name)}</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<g class="edges">${lines.join('')}</g>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

const style = [
  'text{font:600 12px system-ui,sans-serif;text-anchor:middle;fill:#1c2733}',
  '.detail{font-weight:400;font-size:10px;fill:#52606d}',
  '.paper{fill:#fff}',
  'rect{fill:#f1f4f8;stroke:#9fb1c4}',
  '.input rect{fill:#e3f1e4;stroke:#6fae76}',
  '.parameter rect{fill:#fdf0d8;stroke:#d3a24b}',
  '.output rect{fill:#e2ebfb;stroke:#6d93d6}',
  '.edges path{fill:none;stroke:#7b8b9a;marker-end:url(#tip)}',
  '#tip path{fill:#7b8b9a}',
].join('');

function shownNode(node: Node): Shown {
  const [output] = node.outputs;
  const types = node.outputs.map(formatType).join(', ');
  if (node.operator === inputOperator) {
    const name = node.name ?? '';
    const kind = node.value ? 'parameter' : 'input';
    return {
      kind,
      title: cut(name),
      detail: cut(formatType(output)),
      hint: `${name} : ${types}`,
      sources: [],
    };
  }
  const place = userLine(node.place.stack);
  return {
    kind: 'operation',
    title: node.operator,
    detail: cut(formatType(output)),
    hint: `${node.operator}(${formatArguments(node)}) : ${types}${place ? `\n${place}` : ''}`,
    sources: node.inputs.flatMap((tensor) => (tensor ? [tensor.node] : [])),
  };
}

function shownOutput(name: string, tensor: Tensor): Shown {
  const type = formatType(tensor);
  return {
    kind: 'output',
    title: cut(name),
    detail: cut(type),
    hint: `${name} : ${type}`,
    sources: [tensor.node],
  };
}

/** Operations as early as they can run; inputs just above the first that reads them. */
function layersOf(shown: readonly Shown[], edges: readonly Edge[]): number[] {
  const isFed = (i: number) => shown[i].kind === 'input' || shown[i].kind === 'parameter';
  const layers: number[] = shown.map((_, i) => (isFed(i) ? 0 : 1));
  // Sources come before their readers in the list.
  for (const [from, to] of edges) layers[to] = Math.max(layers[to], layers[from] + 1);
  const first = shown.map(() => Number.POSITIVE_INFINITY);
  for (const [from, to] of edges) first[from] = Math.min(first[from], layers[to] - 1);
  return layers.map((layer, i) => (isFed(i) && Number.isFinite(first[i]) ? first[i] : layer));
}

function curve(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], i) => {
      if (i === 0) return `M${short(x)} ${short(y)}`;
      const [fromX, fromY] = points[i - 1];
      const middle = short((fromY + y) / 2);
      return fromX === x
        ? `V${short(y)}`
        : `C${short(fromX)} ${middle} ${short(x)} ${middle} ${short(x)} ${short(y)}`;
    })
    .join('');
}

function cut(text: string): string {
  return text.length > longestLine ? `${text.slice(0, longestLine - 1)}…` : text;
}

function short(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
