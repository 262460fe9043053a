import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, type Edge, layeredLayout } from './layeredLayout.ts';

const box = (layer: number, width = 50): Box => ({ width, layer });

describe('layeredLayout', () => {
  it('puts a chain in a straight line', () => {
    const { x, width } = layeredLayout(
      [box(0), box(1, 80), box(2)],
      [
        [0, 1],
        [1, 2],
      ],
    );
    expect(x[0]).toBeCloseTo(x[1], 3);
    expect(x[2]).toBeCloseTo(x[1], 3);
    expect(width).toBeCloseTo(80, 3);
  });

  it('puts a box between those it comes from', () => {
    const { x } = layeredLayout(
      [box(0), box(0), box(1)],
      [
        [0, 2],
        [1, 2],
      ],
    );
    expect(x[2]).toBeCloseTo((x[0] + x[1]) / 2, 3);
  });

  it('orders layers so that edges need not cross', () => {
    const { x } = layeredLayout(
      [box(0), box(0), box(1), box(1)],
      [
        [0, 3],
        [1, 2],
      ],
    );
    expect(Math.sign(x[1] - x[0])).toBe(Math.sign(x[2] - x[3]));
  });

  it('leads long edges past the boxes between', () => {
    const edges: Edge[] = [
      [0, 1],
      [1, 2],
      [0, 2],
    ];
    const { x, routes } = layeredLayout([box(0), box(1, 100), box(2)], edges);
    expect(routes[2].map(({ layer }) => layer)).toEqual([0, 1, 2]);
    expect(Math.abs(routes[2][1].x - x[1])).toBeGreaterThan(50);
    expect(routes[0]).toEqual([
      { layer: 0, x: x[0] },
      { layer: 1, x: x[1] },
    ]);
  });

  it('takes nothing, and single boxes', () => {
    expect(layeredLayout([], [])).toEqual({ x: [], width: 0, routes: [] });
    expect(layeredLayout([box(0, 30)], [])).toEqual({ x: [15], width: 30, routes: [] });
  });

  it('never lets boxes of a layer overlap or lie outside', () => {
    const graphs = fc.array(
      fc.record({ layer: fc.nat(5), width: fc.integer({ min: 1, max: 90 }), to: fc.nat() }),
      {
        minLength: 1,
        maxLength: 25,
      },
    );
    fc.assert(
      fc.property(graphs, (boxes) => {
        const edges = boxes.flatMap(({ layer, to }, i): Edge[] =>
          boxes[to % boxes.length].layer > layer ? [[i, to % boxes.length]] : [],
        );
        const { x, width } = layeredLayout(boxes, edges);
        for (const [i, a] of boxes.entries()) {
          expect(x[i] - a.width / 2).toBeGreaterThan(-1e-6);
          expect(x[i] + a.width / 2).toBeLessThan(width + 1e-6);
          for (const [k, b] of boxes.entries()) {
            if (k <= i || a.layer !== b.layer) continue;
            expect(Math.abs(x[i] - x[k])).toBeGreaterThan((a.width + b.width) / 2);
          }
        }
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});
