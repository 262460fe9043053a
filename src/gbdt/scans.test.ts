import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epsilon } from './constants.ts';
import { histogramBuilder } from './histogram.ts';
import { layOutBlocks } from './histogramBlocks.ts';
import { addRowsPlainly } from './histogramKernels.ts';
import { scanPlainly } from './plainScan.ts';
import { scanLeftwardUnit, scanLeftwardWeighted, scanRightwardUnit, scanRightwardWeighted } from './scans.ts';
import { type Cut, type LeafTotals, leafGain, type SplitRules } from './split.ts';

const noCut = (): Cut => ({
  gain: Number.NEGATIVE_INFINITY,
  threshold: 0,
  leftGradient: 0,
  leftHessian: 0,
  leftCount: 0,
});

const rules = (more: Partial<SplitRules>): SplitRules => ({
  minDataInLeaf: 1,
  minSumHessianInLeaf: 1e-3,
  lambdaL1: 0,
  lambdaL2: 0,
  minGainToSplit: 0,
  minDataPerGroup: 100,
  maxCatThreshold: 32,
  catL2: 10,
  catSmooth: 10,
  maxCatToOnehot: 4,
  constrained: false,
  unitHessian: true,
  ...more,
});

// Rows of (bin, gradient, hessian); gradients often equal, so that ties happen.
const row = fc.record({
  bin: fc.integer({ min: 0, max: 9 }),
  gradient: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ min: -10, max: 10, noNaN: true })),
  hessian: fc.float({ min: Math.fround(0.01), max: 4, noNaN: true }),
});

describe('fast scans', () => {
  it.each([true, false])('find the cut of the plain scan, to the last bit (unit hessians: %s)', (unit) => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 2, maxLength: 60 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom(0, 0, 1.5),
        fc.constantFrom(0, 0, 0.75),
        fc.constantFrom(0, 1),
        (rows, minDataInLeaf, lambdaL2, anyL1, offset) => {
          const lambdaL1 = unit ? 0 : anyL1;
          const histogram = new Float64Array(20);
          const leaf: LeafTotals = {
            gradient: 0,
            hessian: 2 * epsilon,
            count: rows.length,
            lower: 0,
            upper: 0,
          };
          for (const { bin, gradient, hessian } of rows) {
            const h = unit ? 1 : hessian;
            leaf.gradient += gradient;
            leaf.hessian += h;
            if (bin === 0 && offset === 1) continue;
            histogram[bin * 2] += gradient;
            histogram[bin * 2 + 1] += h;
          }
          const used = rules({ minDataInLeaf, lambdaL1, lambdaL2, unitHessian: unit });
          const limit = leafGain(leaf.gradient, leaf.hessian, lambdaL1, lambdaL2);
          const shape = { numBins: 10, missing: 2, offset, monotone: 0 };
          for (const direction of ['leftward', 'rightward'] as const) {
            const plain = noCut();
            const fast = noCut();
            scanPlainly(histogram, 0, direction, 8, shape, leaf, used, limit, plain);
            if (direction === 'leftward') {
              (unit ? scanLeftwardUnit : scanLeftwardWeighted)(histogram, 0, 8, leaf, used, limit, fast);
            } else {
              const scan = unit ? scanRightwardUnit : scanRightwardWeighted;
              scan(histogram, 0, 8, offset, leaf, used, limit, fast);
            }
            expect(fast).toEqual(plain);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('histograms', () => {
  it.each([1, 2, 5, 33, 64, 70])('of %i features are those of the plain kernel', (width) => {
    const numRows = 200;
    const columns = Array.from({ length: width }, (_, k) =>
      Uint8Array.from({ length: numRows }, (__, i) => (i * (k + 3)) % 11),
    );
    const numBins = columns.map(() => 11);
    const blocks = layOutBlocks(columns, numBins);
    const gradients = Float32Array.from({ length: numRows }, (_, i) => Math.sin(i));
    const hessians = Float32Array.from({ length: numRows }, (_, i) => 1 + (i % 3));
    const rows = Int32Array.from({ length: 90 }, (_, i) => i * 2);
    const totalBins = width * 11;
    for (const used of [hessians, undefined]) {
      for (const every of [1, 3]) {
        const wanted = Uint8Array.from(columns, (_, k) => (k % every === 0 ? 1 : 0));
        const out = new Float64Array(totalBins * 2);
        const slopes = { gradients, hessians: used, constantHessian: 1 };
        histogramBuilder(blocks, columns, numRows).build(rows, 5, 80, slopes, wanted, out);
        const plain = new Float64Array(totalBins * 2);
        for (const block of blocks) {
          const part = plain.subarray(block.start * 2);
          addRowsPlainly(block.binStarts, block.cells, rows, 5, 80, gradients, part, used);
        }
        for (let k = 0; k < width; k++) {
          if (!wanted[k]) continue;
          expect(out.slice(k * 22, k * 22 + 22)).toEqual(plain.slice(k * 22, k * 22 + 22));
        }
      }
    }
  });
});
