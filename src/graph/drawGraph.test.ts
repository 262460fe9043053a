import { describe, expect, it } from 'vitest';
import { gradient } from '../autodiff/gradient.ts';
import { tensorData } from './dataType.ts';
import { drawGraph } from './drawGraph.ts';
import { type Graph, graphOf } from './graph.ts';
import { relu } from './operators/activation.ts';
import { mul } from './operators/elementwise.ts';
import { matMul } from './operators/linearAlgebra.ts';
import { reduceSum } from './operators/reduction.ts';
import { constant, input, parameter } from './tensor.ts';

const x = input('x', 'float32', ['batch', 2]);
const weight = parameter('weight', tensorData('float32', [1, 2], [2, 1]));
const hidden = relu(matMul(x, weight));

/** Boxes by their texts, with the height they are at. */
function boxesOf(graph: Graph): Map<string, { kind: string; y: number; hint: string }> {
  const boxes = [
    ...drawGraph(graph).matchAll(
      /<g class="(\w+)"><title>([^<]*)<\/title><rect [^>]*y="([\d.]+)".*?<text[^>]*>([^<]*)</g,
    ),
  ];
  return new Map(boxes.map(([, kind, hint, y, title]) => [title, { kind, hint, y: Number(y) }]));
}

describe('drawGraph', () => {
  it('shows inputs, parameters, operations and outputs from top to bottom', () => {
    const boxes = boxesOf(graphOf({ y: mul(hidden, 2) }, { name: 'model' }));
    expect([...boxes].map(([title, { kind }]) => [title, kind])).toEqual([
      ['x', 'input'],
      ['weight', 'parameter'],
      ['MatMul', 'operation'],
      ['Relu', 'operation'],
      ['Mul', 'operation'],
      ['y', 'output'],
    ]);
    const heights = [...boxes.values()].map(({ y }) => y);
    expect(heights[0]).toBe(heights[1]);
    expect(heights.slice(1)).toEqual([...new Set(heights)].sort((a, b) => a - b));
    expect(boxes.get('Mul')?.hint).toMatch(
      /^Mul\(float32\[batch, 1\], 2\) : float32\[batch, 1\]\n.*drawGraph\.test\.ts/,
    );
  });

  it('has an edge for each tensor that an operation reads', () => {
    const svg = drawGraph(graphOf({ y: mul(hidden, hidden), hidden }));
    const edges = /<g class="edges">(.*)<\/g>/.exec(svg)?.[1] ?? '';
    expect(edges.match(/<path /g)).toHaveLength(6);
  });

  it('is well-formed whatever things are called', () => {
    const named = mul(input('<a> & "b"', 'float32', [2]), 1);
    const svg = drawGraph(graphOf({ 'y<1>': named }, { name: 'a & b' }));
    expect(svg).toContain('&lt;a&gt; &amp; &quot;b&quot;');
    expect(svg).toContain('<title>a &amp; b</title>');
    const open: string[] = [];
    for (const [, close, tag, empty] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
      if (close) expect(open.pop()).toBe(tag);
      else if (!empty) open.push(tag);
    }
    expect(open).toEqual([]);
  });

  it('draws outputs that are inputs or constants, and nothing at all', () => {
    const boxes = boxesOf(graphOf({ y: x, three: constant(3) }));
    expect(boxes.get('y')?.kind).toBe('output');
    expect(boxes.get('three')?.kind).toBe('output');
    expect(drawGraph(graphOf({}))).toContain('</svg>');
  });

  it('draws long training graphs in reasonable time', () => {
    let y = matMul(x, weight);
    for (let i = 0; i < 200; i++) y = relu(mul(y, parameter(`w${i}`, tensorData('float32', [1], [1]))));
    const graph = graphOf({ slope: gradient(reduceSum(y), weight) });
    const started = performance.now();
    drawGraph(graph);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
